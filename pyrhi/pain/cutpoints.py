"""The ``cutpoints`` model: two RHI cut-offs, for use by hand and in Fiji."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pyrhi.errors import ParameterError
from pyrhi.pain.evidence import PAINFUL
from pyrhi.pain.model import (
    RHI_MAX,
    Checker,
    Document,
    PainModel,
    Patient,
    Prediction,
    new_document,
    undecided,
)

NO_LESION = "RHI 0: the cut-offs divide patients with a lesion; no lesion is not no pain"
CAVEATS = (
    "Two cut-offs give a tier without a probability; near a cut-off it is a coin's toss.",
    "Moderate and severe are barely separable by RHI.",
    "No pain (tier none) is never inferred from RHI, not even from RHI 0: no lesion is not no "
    "pain.",
)


@dataclass(frozen=True)
class CutpointModel(PainModel, kind="cutpoints"):
    """Two cut-offs, without probabilities.

    Parameters
    ----------
    cutpoints
        Mild is below the first, moderate below the second, severe from the second on.
    """

    cutpoints: tuple[float, float]

    @staticmethod
    def fields_of(check: Checker, /) -> dict[str, Any]:
        """Read the two cut-offs."""
        if check.strings("tiers") != PAINFUL:
            check.fail("tiers", ", ".join(PAINFUL))
        check.numbers("cutpoints", size=2, low=0, high=RHI_MAX)
        return {"cutpoints": check.ascending("cutpoints", size=2)}

    def judge(self, rhi: float, patient: Patient, /) -> Prediction:
        """Say the tier between the cut-offs.

        RHI 0 is not decided: they divide patients who have a high-intensity area.
        """
        del patient
        if rhi == 0:
            return undecided(NO_LESION)
        return Prediction(PAINFUL[sum(rhi >= cut for cut in self.cutpoints)])


def build_cutpoints(first: float, second: float, /, *, origin: str = "given by hand") -> Document:
    """Make a model of two cut-offs.

    Parameters
    ----------
    first, second
        RHI in percent: mild is below `first`, moderate below `second`.
    origin
        Where they come from.

    Returns
    -------
    dict
        The model's document.

    Raises
    ------
    ParameterError
        If they are not ascending numbers from 0 to 100.
    """
    if not (math.isfinite(first) and math.isfinite(second) and 0 < first < second <= RHI_MAX):
        msg = f"cut-offs {first:g},{second:g}: give two ascending RHI over 0, up to 100"
        raise ParameterError(msg)
    document = new_document("cutpoints", f"cutpoints {first:g},{second:g}", PAINFUL, CAVEATS)
    return document | {"source": origin, "cutpoints": [first, second]}
