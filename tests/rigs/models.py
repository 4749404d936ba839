"""The published model by what it weighs: each takes seconds to make, and is made once."""

from __future__ import annotations

from functools import cache

from pyrhi.pain.model import Checker, Document
from pyrhi.pain.summary_model import PublishedModel, build_published


@cache
def made_document(evidence: str = "rhi") -> Document:
    """Return the document of the model; nobody may change it."""
    return build_published(evidence=evidence)


def made_model(evidence: str) -> PublishedModel:
    """Return the model."""
    return PublishedModel.from_document(Checker(made_document(evidence), "made"))
