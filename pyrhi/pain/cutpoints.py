"""The ``cutpoints`` model: two RHI cut-offs, for use by hand and in Fiji."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from pyrhi.errors import ParameterError
from pyrhi.pain.evidence import PAINFUL
from pyrhi.pain.model import (
    RHI_MAX,
    Checker,
    Document,
    Patient,
    Prediction,
    checked_rhi,
    new_document,
)
from pyrhi.pain.summary_model import COLUMNS, STEPS_PER_UNIT, PublishedModel

CAVEATS = (
    "Two cut-offs give a tier without a probability; near a cut-off it is a coin's toss.",
    "Moderate and severe are barely separable by RHI.",
    "No pain (tier none) is never inferred from RHI, not even from RHI 0: no lesion is not no "
    "pain.",
)


@dataclass(frozen=True)
class CutpointModel:
    """Two cut-offs.

    Parameters
    ----------
    name, caveats, document
        As `pyrhi.pain.model.PainModel`.
    cutpoints
        Mild is below the first, moderate below the second, severe from the second on.
    """

    name: str
    caveats: tuple[str, ...]
    document: Document
    cutpoints: tuple[float, float]

    @classmethod
    def from_document(cls, check: Checker, /) -> CutpointModel:
        """Read the model from its checked document.

        Parameters
        ----------
        check
            Reader of the document.

        Returns
        -------
        CutpointModel

        Raises
        ------
        ModelError
            If a field is damaged.
        """
        if check.texts("tiers") != PAINFUL:
            check.fail("tiers", ", ".join(PAINFUL))
        check.numbers("cutpoints", size=2, low=0, high=RHI_MAX)
        first, second = check.ascending("cutpoints", size=2)
        return cls(
            check.text("name"), check.texts("caveats"), dict(check.document), (first, second)
        )

    def predict(self, patient: Patient, /) -> Prediction:
        """Say a patient's tier by the two cut-offs.

        Parameters
        ----------
        patient
            The patient.

        Returns
        -------
        Prediction
            Without probabilities. RHI 0 is not decided: the cut-offs divide patients who have a
            high-intensity area.

        Raises
        ------
        ParameterError
            If the RHI is negative or not finite.
        """
        rhi, problem = checked_rhi(patient)
        if rhi == 0:
            problem = "RHI 0: the cut-offs divide patients with a lesion; no lesion is not no pain"
        if rhi is None or problem:
            return Prediction("", indeterminate=True, reason=problem, model=self.name)
        return Prediction(PAINFUL[sum(rhi >= cut for cut in self.cutpoints)], model=self.name)


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


def crossings(model: PublishedModel, /) -> tuple[float, float]:
    """Cut-offs where the published model's more probable of two neighbouring tiers changes.

    Parameters
    ----------
    model
        The published model, on RHI alone.

    Returns
    -------
    tuple of float
        RHI at which moderate overtakes mild, and severe overtakes moderate, within the published
        range, to the table's step.

    Raises
    ------
    ParameterError
        If two tiers do not cross there.
    """
    table = next(iter(model.tables.values()))
    low, high = model.rhi_range
    found = []
    for lower, upper in pairwise(COLUMNS):
        a, b = table.columns[lower], table.columns[upper]
        steps = range(int(low) * STEPS_PER_UNIT, int(high) * STEPS_PER_UNIT + 1)
        step = next((i for i in steps if b[i] >= a[i]), None)
        if step is None:
            msg = f"{lower} and {upper} do not cross between RHI {low:g} and {high:g}"
            raise ParameterError(msg)
        found.append(step / STEPS_PER_UNIT)
    return found[0], found[1]
