"""Rows and words of ``pyrhi classify``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pyrhi.errors import ParameterError
from pyrhi.pain.agreement import Estimate
from pyrhi.pain.cohort import MeasuredPatient
from pyrhi.pain.cutpoints import CutpointModel, build_cutpoints
from pyrhi.pain.model import NOTICE, Checker, PainModel, Patient, Prediction, load_model
from pyrhi.pain.scores import TIERS
from pyrhi.pain.summary_model import (
    DEFAULT_SIZE,
    JOINT,
    PublishedModel,
    build_published,
)

VISIT = "Visit"
_ENDS = ("", "_low", "_high")
HEADINGS = (
    "Patient",
    "RHI",
    "Tier",
    *(f"P_{name}{end}" for name in TIERS for end in _ENDS),
    *(f"{JOINT}{end}" for end in _ENDS),
    "Indeterminate",
    "Reason",
    "Model",
)
"""Columns of ``tiers.csv``; Visit follows Patient where the measured table has it."""

Cell = str | float


def choose_model(
    source: str = "published",
    /,
    *,
    evidence: str | None = None,
    sizes: Sequence[int] | None = None,
    priors: Sequence[float] | None = None,
    cutpoints: Sequence[float] | None = None,
) -> PainModel:
    """Take the shipped published model, a file, or one made with other settings.

    Parameters
    ----------
    source
        Name of a shipped model, or path of a file.
    evidence, sizes, priors
        As `pyrhi.pain.summary_model.build_published`; None for its default.
    cutpoints
        Two cut-offs, instead of a model.

    Returns
    -------
    PainModel

    Raises
    ------
    ParameterError
        If settings of the published model are given for another one.
    ModelError
        If the file is damaged or foreign.
    """
    settings = evidence is not None or sizes is not None or priors is not None
    if cutpoints is not None:
        if settings or source != "published":
            msg = "cut-offs stand alone: leave out --model, --evidence, --tier-sizes and --priors"
            raise ParameterError(msg)
        if len(cutpoints) != 2:
            msg = "give two cut-offs, such as 36,62"
            raise ParameterError(msg)
        document = build_cutpoints(float(cutpoints[0]), float(cutpoints[1]))
        return CutpointModel.from_document(Checker(document, "cut-offs"))
    if not settings:
        return load_model(source)
    if source != "published":
        msg = "--evidence, --tier-sizes and --priors belong to the published model only"
        raise ParameterError(msg)
    made = build_published(
        sizes=(DEFAULT_SIZE,) * 3 if sizes is None else sizes,
        priors=(1.0, 1.0, 1.0) if priors is None else priors,
        evidence="rhi" if evidence is None else evidence,
    )
    return PublishedModel.from_document(Checker(made, "published"))


def table_of(
    patients: Iterable[MeasuredPatient], model: PainModel, /
) -> tuple[tuple[str, ...], list[list[Cell]]]:
    """Classify measured patients.

    Parameters
    ----------
    patients
        The patients; each gives one row.
    model
        The model.

    Returns
    -------
    tuple
        Headings (`HEADINGS`, with Visit where there is one) and rows.
    """
    known = list(patients)
    visits = any(p.visit for p in known)
    headings = (HEADINGS[0], VISIT, *HEADINGS[1:]) if visits else HEADINGS
    rows = []
    for p in known:
        prediction = model.predict(p.patient)
        rows.append([p.name, *([p.visit] if visits else []), *_cells(p.patient, prediction)])
    return headings, rows


def lines_of(patient: Patient, prediction: Prediction, model: PainModel, /) -> list[str]:
    """Say a prediction in words.

    Parameters
    ----------
    patient
        The patient.
    prediction
        The prediction.
    model
        The model that made it.

    Returns
    -------
    list of str
        Lines to print.
    """
    rhi = "missing" if patient.rhi is None else f"{patient.rhi:g} %"
    lines = [f"RHI {rhi}: {prediction.tier or 'indeterminate'}"]
    if prediction.reason:
        lines.append(f"  {prediction.reason}")
    for name, estimate in prediction.probabilities.items():
        lines.append(f"  P({name}) {_words(estimate)}")
    if prediction.moderate_or_severe is not None:
        lines.append(f"  P(moderate or severe) {_words(prediction.moderate_or_severe)}")
    return [*lines, f"Model: {model.name}", *(f"- {c}" for c in model.caveats), NOTICE]


def json_of(patient: Patient, prediction: Prediction, model: PainModel, /) -> dict[str, Any]:
    """Give a prediction as plain values, by the columns of ``tiers.csv``; as `lines_of` in words.

    Returns
    -------
    dict
        Blank cells are None, Indeterminate is a truth value; with ``Notice`` and ``Caveats``.
    """
    cells = dict(zip(HEADINGS[1:], _cells(patient, prediction), strict=True))
    plain: dict[str, Any] = {k: None if v == "" else v for k, v in cells.items()}
    plain["Indeterminate"] = prediction.indeterminate
    return plain | {"Caveats": list(model.caveats), "Notice": NOTICE}


def _cells(patient: Patient, prediction: Prediction) -> list[Cell]:
    estimates = [
        *(prediction.probabilities.get(name) for name in TIERS),
        prediction.moderate_or_severe,
    ]
    numbers: list[Cell] = []
    for e in estimates:
        numbers += ["", "", ""] if e is None else [e.value, e.low, e.high]
    return [
        "" if patient.rhi is None else patient.rhi,
        prediction.tier,
        *numbers,
        "yes" if prediction.indeterminate else "no",
        prediction.reason,
        f"{prediction.model} ({NOTICE[:-1].lower()})",
    ]


def _words(estimate: Estimate) -> str:
    confidence = f"{estimate.confidence:.0%}"
    return f"{estimate.value:.2f} ({confidence} interval {estimate.low:.2f} to {estimate.high:.2f})"
