"""The numbers that the study prints (summaries only; no patient's row was published)."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

CITATION = (
    "Kong S, Deng A, Guo Z, et al. Spinal Metastasis Pain Surveillance: A Comprehensive "
    "Imaging-Based Tool Design for Evaluating Metastatic Burden and Guiding Therapeutic "
    "Strategies. Int J Med Sci 2025; 22(3): 708-715. doi:10.7150/ijms.103916 (CC BY)"
)


def published() -> dict[str, Any]:
    """Return every number that the paper prints, as its JSON file holds them.

    Returns
    -------
    dict
        Keys ``source``, ``n``, ``table_1`` (counts and percentages), ``table_2_vas`` (VAS by
        location and number: mean and range), ``table_3_rhi_percent`` (RHI by tier: median and
        range), ``not_printed`` and ``cannot_all_hold``. A new object for each call, so that no
        caller changes another's.

    Notes
    -----
    Source: `CITATION`; the file is ``pyrhi/pain/data/published.json``.
    """
    text = files("pyrhi.pain").joinpath("data", "published.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data
