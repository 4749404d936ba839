"""What every pain model is, the kinds that there are, and the JSON file (never pickle)."""

from __future__ import annotations

import json
import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyrhi.errors import ModelError, ParameterError
from pyrhi.limits import MAX_MODEL_BYTES
from pyrhi.pain.agreement import Estimate
from pyrhi.pain.scores import TIERS

if TYPE_CHECKING:
    from typing_extensions import Self

FORMAT = "pyrhi-pain-model"
VERSION = 1
NOTICE = "Research use only; not a medical device."
MODERATE_OR_SEVERE = "moderate or severe"
SHIPPED = ("published", "cutpoints")
"""Models that come with pyrhi, by name."""

RHI_MAX = 100.0

Document = dict[str, Any]


@dataclass(frozen=True)
class Patient:
    """What a model may know of a patient.

    Parameters
    ----------
    rhi
        RHI in percent; None where it is missing (0 is a value).
    location
        One of ``pyrhi.pain.scores.LOCATIONS``, or None.
    number
        One of ``pyrhi.pain.scores.NUMBERS``, or None.
    """

    rhi: float | None
    location: str | None = None
    number: str | None = None


@dataclass(frozen=True)
class Prediction:
    """What a model says of one patient.

    Parameters
    ----------
    tier
        A tier, ``"moderate or severe"``, or empty where the model does not decide.
    probabilities
        Probability of each tier that the model speaks of, with its interval.
    moderate_or_severe
        Probability of moderate or severe pain, with its interval; None without one.
    indeterminate
        True where the model does not decide.
    reason
        Why it does not decide, or does not split two tiers.
    model
        The model's name.
    """

    tier: str
    probabilities: Mapping[str, Estimate] = field(default_factory=dict)
    moderate_or_severe: Estimate | None = None
    indeterminate: bool = False
    reason: str = ""
    model: str = ""


KINDS: dict[str, type[PainModel]] = {}
"""The kinds of models, by the word of their documents; each enters as its class is made."""


@dataclass(frozen=True)
class PainModel(ABC):
    """What every model is and offers; a kind enters `KINDS` with ``class X(PainModel, kind=...)``.

    Parameters
    ----------
    name
        Name of the model, as tables show it.
    caveats
        What a reader must know, one sentence each.
    document
        The model as its JSON file holds it.
    """

    name: str
    caveats: tuple[str, ...]
    document: Document

    def __init_subclass__(cls, *, kind: str) -> None:
        KINDS[kind] = cls

    @classmethod
    def from_document(cls, check: Checker, /) -> Self:
        """Read the model from its checked document.

        Parameters
        ----------
        check
            Reader of the document.

        Returns
        -------
        PainModel
            Of this class.

        Raises
        ------
        ModelError
            If a field is damaged.
        """
        own = cls.fields_of(check)
        return cls(
            name=check.text("name"),
            caveats=check.strings("caveats"),
            document=dict(check.document),
            **own,
        )

    @staticmethod
    @abstractmethod
    def fields_of(check: Checker, /) -> dict[str, Any]:
        """Read the fields that this kind has beside the common ones, and refuse damaged ones."""

    @abstractmethod
    def judge(self, rhi: float, patient: Patient, /) -> Prediction:
        """Say the tier of a patient whose RHI can be used; the model's name is put in later."""

    def predict(self, patient: Patient, /) -> Prediction:
        """Say a patient's tier, with probabilities where the model has them.

        Parameters
        ----------
        patient
            The patient.

        Returns
        -------
        Prediction
            Indeterminate, with the reason, where the RHI is missing or over 100.

        Raises
        ------
        ParameterError
            If the RHI is negative or not finite.
        """
        rhi, problem = checked_rhi(patient)
        prediction = undecided(problem) if rhi is None or problem else self.judge(rhi, patient)
        return replace(prediction, model=self.name)


def undecided(reason: str, /) -> Prediction:
    """Make the prediction of a model that does not decide, with the reason."""
    return Prediction("", indeterminate=True, reason=reason)


def checked_rhi(patient: Patient, /) -> tuple[float | None, str]:
    """Check a patient's RHI.

    Parameters
    ----------
    patient
        The patient.

    Returns
    -------
    tuple
        The RHI, and why no model can use it (empty where it can).

    Raises
    ------
    ParameterError
        If the RHI is negative or not finite.
    """
    rhi = patient.rhi
    if rhi is None:
        return None, "RHI is missing"
    if not math.isfinite(rhi) or rhi < 0:
        msg = f"RHI {rhi:g} is impossible: it is a percentage of the cord's area, 0 or more"
        raise ParameterError(msg)
    if rhi > RHI_MAX:
        return rhi, f"RHI {rhi:g} is over 100: more high-intensity area than cord; check the ROIs"
    return rhi, ""


def new_document(
    kind: str, name: str, tiers: tuple[str, ...], caveats: tuple[str, ...]
) -> Document:
    """Head of a model's document, common to all kinds.

    Parameters
    ----------
    kind
        ``published``, ``cutpoints`` or ``ordinal``.
    name
        Name of the model, as tables show it.
    tiers
        Tiers that the model speaks of.
    caveats
        What a reader must know.

    Returns
    -------
    dict
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "name": name,
        "notice": NOTICE,
        "caveats": list(caveats),
        "tiers": list(tiers),
    }


def dump_model(document: Document, /) -> str:
    """Write a model's document as JSON text: one line for each field, lists in one line.

    Parameters
    ----------
    document
        The document.

    Returns
    -------
    str
        ASCII text that ends with a line feed.
    """
    return _dump(document, "") + "\n"


def load_model(source: str | Path, /) -> PainModel:
    """Read a model.

    Parameters
    ----------
    source
        Path of a JSON file, or the name of a shipped model (``published``, ``cutpoints``).

    Returns
    -------
    PainModel

    Raises
    ------
    ModelError
        If the file is damaged, foreign or of another version; the message names it.
    OSError
        If it cannot be read.
    """
    if str(source) in SHIPPED:
        shipped = files("pyrhi.pain").joinpath("models", f"{source}.json")
        return parse_model(shipped.read_bytes(), where=f"{source}.json")
    path = Path(source)
    if not path.is_file():
        msg = f"{path}: no such model: give a JSON file, or {' or '.join(SHIPPED)}"
        raise ModelError(msg)
    if path.stat().st_size > MAX_MODEL_BYTES:
        msg = f"{path}: larger than {MAX_MODEL_BYTES} bytes, so not a pain model"
        raise ModelError(msg)
    return parse_model(path.read_bytes(), where=str(path))


def parse_model(data: bytes, /, *, where: str) -> PainModel:
    """Read a model from the bytes of its file.

    Parameters
    ----------
    data
        The file's content.
    where
        Name of the file, for messages.

    Returns
    -------
    PainModel

    Raises
    ------
    ModelError
        If the content is damaged, foreign or of another version.
    """
    try:
        raw = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        msg = f"{where}: not a readable JSON file; the model is damaged: write it again"
        raise ModelError(msg) from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        msg = f"{where}: not a pyrhi pain model (no format {FORMAT!r})"
        raise ModelError(msg)
    check = Checker(raw, where)
    version = check.whole("version", low=1)
    if version != VERSION:
        msg = f"{where}: model version {version}; this pyrhi reads version {VERSION}"
        raise ModelError(msg)
    kind = check.text("kind")
    if kind not in KINDS:
        known = [*SHIPPED, *sorted(set(KINDS) - set(SHIPPED))]
        msg = f"{where}: model kind {kind!r} is unknown: {', '.join(known)}"
        raise ModelError(msg)
    check.text("name")
    check.strings("caveats")
    tiers = check.strings("tiers")
    if len(tiers) < 2 or [t for t in TIERS if t in tiers] != list(tiers):
        check.fail("tiers", "two or more of none, mild, moderate, severe, in that order")
    return KINDS[kind].from_document(check)


class Checker:
    """Reads a document's fields, and says which one is damaged.

    Parameters
    ----------
    document
        The document.
    where
        Name of the file, for messages.
    """

    def __init__(self, document: Mapping[str, Any], where: str) -> None:
        self.document = document
        self.where = where

    def fail(self, key: str, wanted: str) -> None:
        """Raise the error that names a damaged field.

        Parameters
        ----------
        key
            The field.
        wanted
            What it must be.

        Raises
        ------
        ModelError
            Always.
        """
        msg = f"{self.where}: field {key!r} must be {wanted}; the model is damaged or foreign"
        raise ModelError(msg)

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.document.get(key)
        if not isinstance(value, str) or not value:
            self.fail(key, "a text")
        return str(value)

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.document.get(key)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.fail(key, "a list of texts")
            return ()
        return tuple(value)

    def number(self, key: str, *, low: float = -math.inf, high: float = math.inf) -> float:
        """Return a finite number between two limits."""
        value = self.document.get(key)
        if not _is_number(value) or not low <= value <= high:  # type: ignore[operator]
            self.fail(key, "a finite number" + _between(low, high))
        return float(value)  # type: ignore[arg-type]

    def whole(self, key: str, *, low: int) -> int:
        """Return a whole number that is not below a limit."""
        value = self.number(key, low=low)
        if value != int(value):
            self.fail(key, "a whole number")
        return int(value)

    def numbers(
        self,
        key: str,
        *,
        size: int | None = None,
        low: float = -math.inf,
        high: float = math.inf,
    ) -> tuple[float, ...]:
        """Return a list of finite numbers between two limits, of a given size."""
        value = self.document.get(key)
        if (
            not isinstance(value, list)
            or (size is not None and len(value) != size)
            or not all(_is_number(v) and low <= v <= high for v in value)
        ):
            count = "" if size is None else f"{size} "
            self.fail(key, f"a list of {count}finite numbers" + _between(low, high))
            return ()
        return tuple(float(v) for v in value)

    def ascending(
        self, key: str, *, size: int, low: float = -math.inf, high: float = math.inf
    ) -> tuple[float, ...]:
        """Return a list of finite numbers, each larger than the one before it."""
        values = self.numbers(key, size=size, low=low, high=high)
        if any(b <= a for a, b in pairwise(values)):
            self.fail(key, "a list of ascending numbers")
        return values

    def part(self, key: str) -> Checker:
        """Return the reader of an object inside of this one."""
        value = self.document.get(key)
        if not isinstance(value, dict):
            self.fail(key, "an object")
            return self
        return Checker(value, f"{self.where}: {key}")


def _dump(value: object, indent: str) -> str:
    if not isinstance(value, dict) or not value:
        return json.dumps(value, allow_nan=False)
    inner = indent + " "
    lines = [f"{inner}{json.dumps(k)}: {_dump(v, inner)}" for k, v in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _is_number(value: object) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    # a whole number beyond the range of a double is no number here, and isfinite would overflow
    return abs(value) <= sys.float_info.max


def _between(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return ""
    return f" between {low:g} and {high:g}"


def _refuse_constant(name: str) -> None:
    msg = f"{name} is not JSON"
    raise ValueError(msg)
