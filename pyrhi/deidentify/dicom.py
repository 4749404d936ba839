"""DICOM to PS3.15's Basic Application Level Confidentiality Profile.

What happens to which attribute is dicom-anonymizer's table of PS3.15 E.1-1 (edition 2024b) and its
actions. Added here: items of sequences, UIDs under a key, dates moved by the same span for all
files of a patient (the option Retain Longitudinal Temporal Information, Modified Dates), and the
marks that say what was done.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import io
import re
import uuid
import warnings
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from pyrhi import __version__
from pyrhi.batch.identifiers import Identifiers, names_something
from pyrhi.batch.pseudonym import pseudonym
from pyrhi.errors import ImageError
from pyrhi.extras import need

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Action = Callable[[Any, tuple[int, ...]], None]

EDITION = "2024b"
METHOD = f"pyrhi {__version__}: PS3.15 {EDITION} Basic Profile"
METHOD_CODES = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
)
"""CID 7050, De-identification Method."""

MIN_SHIFT_DAYS, MAX_SHIFT_DAYS = 366, 3653
"""Dates move into the past by a number of days between these, the same for all of a patient's."""

PATIENT_GROUP = 0x0010
CURVES, OVERLAYS = 0x5000, 0x6000
GROUP_MASK = 0xFF00
TRAILING_PADDING = 0xFFFCFFFC
TEXT_VRS = frozenset(("AE", "LO", "LT", "SH", "ST", "UC", "UT", "UR"))
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_DATE = re.compile(r"([0-9]{4})\.?([0-9]{2})\.?([0-9]{2})")


def new_uid(uid: str, key: bytes, /) -> str:
    """Return the UID that stands for another one under a key, in every file and every run."""
    digest = hmac.new(key, b"uid\0" + uid.encode(), hashlib.sha256).digest()
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=5).int}"


def shift_days(patient: str, key: bytes, /) -> int:
    """Return by how many days the dates of a patient move into the past."""
    digest = hmac.new(key, b"days\0" + patient.encode("utf-8"), hashlib.sha256).digest()
    span = MAX_SHIFT_DAYS - MIN_SHIFT_DAYS + 1
    return MIN_SHIFT_DAYS + int.from_bytes(digest[:8], "big") % span


def shifted(date: str, days: int, /) -> str:
    """Return a DICOM date, or the day of a DICOM time stamp, that many days earlier.

    Examples
    --------
    >>> shifted("20240301", 1), shifted("20240301101112.5", 1), shifted("2024", 1)
    ('20240229', '20240229', '')
    """
    match = _DATE.match(date.strip())
    if not match:
        return ""
    try:
        day = datetime.date(*(int(part) for part in match.groups()))
        return (day - datetime.timedelta(days=days)).strftime("%Y%m%d").zfill(8)
    except (ValueError, OverflowError):
        return ""


def read(path: Path, /) -> Any:
    """Read a DICOM image whole.

    Raises
    ------
    ImageError
        If it is damaged or no image (a report, a presentation state): those are not copied.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(path, force=True)
            # Every element is decoded now: what cannot be read cannot be cleaned.
            for _ in dataset.iterall():
                pass
    except Exception as error:  # pydicom raises nearly anything on damaged files
        msg = f"{path}: the DICOM file is damaged and was not copied; export it again"
        raise ImageError(msg) from error
    if not any(name in dataset for name in PIXELS) or not dataset.get("SOPClassUID"):
        msg = f"{path}: a DICOM object without an image, not copied"
        raise ImageError(msg)
    return dataset


def check_burned_in(path: Path, dataset: Any, declared_clean: bool, /) -> None:
    """Raise unless the pixels are known to show no text of the patient.

    Raises
    ------
    ImageError
        If the file says that they do, or says nothing and nobody declared them clean.
    """
    burned_in = str(dataset.get("BurnedInAnnotation", "") or "").strip().upper()
    if burned_in == "YES":
        msg = f"{path}: says that text is burned into its pixels; paint it over and set NO first"
        raise ImageError(msg)
    if burned_in != "NO" and not declared_clean:
        msg = (
            f"{path}: does not say that its pixels show no name or date; look at the images, then"
            " declare it with --declare-clean"
        )
        raise ImageError(msg)
    for group in {e.tag.group for e in dataset if e.tag.group & GROUP_MASK == OVERLAYS}:
        inside = dataset.get((group, 0x0102))
        if inside is not None and inside.value and not declared_clean:
            msg = (
                f"{path}: has an overlay inside its pixels; look at the images, then declare it"
                " with --declare-clean"
            )
            raise ImageError(msg)


@dataclass(frozen=True)
class Cleaned:
    """A de-identified file.

    Parameters
    ----------
    data
        Its bytes.
    actions
        How many elements were removed, emptied or replaced, mapped and moved.
    dates
        The dates that were written.
    """

    data: bytes
    actions: dict[str, int]
    dates: frozenset[str]


def clean(dataset: Any, key: bytes, own: Identifiers, /, *, fallback: str) -> Cleaned:
    """De-identify an image in memory and return it as a file.

    Parameters
    ----------
    dataset
        As `read` returns it; it is changed.
    key
        Key of pseudonyms, UIDs and days.
    own
        What its header says.
    fallback
        Stands for a missing PatientID.

    Returns
    -------
    cleaned : Cleaned
        The DICOM file and what was done.
    """
    patient = str(dataset.get("PatientID", "") or "").strip() or fallback
    actions: Counter[str] = Counter()
    before = {e.tag: _text_of(e) for e in dataset.iterall()}
    meta = dataset.file_meta
    _profile(dataset, actions)
    _own_rules(dataset, key, shift_days(patient, key), own, actions)
    after = {e.tag: _text_of(e) for e in dataset.iterall()}
    actions["removed"] = len(before.keys() - after.keys())
    mapped = actions["UIDs mapped"] + actions["dates moved"]
    changed = sum(before[tag] != after[tag] for tag in before.keys() & after.keys())
    actions["emptied or replaced"] = max(changed - mapped, 0)
    dataset.PatientID = dataset.PatientName = pseudonym(patient, key)
    _mark(dataset)
    syntax: Any = meta.get("TransferSyntaxUID")
    fresh = pydicom.dataset.FileMetaDataset()
    fresh.MediaStorageSOPClassUID = dataset.SOPClassUID
    fresh.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    if syntax is None:
        implicit, _ = dataset.original_encoding
        syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    fresh.TransferSyntaxUID = ExplicitVRLittleEndian if syntax.is_deflated else syntax
    dataset.file_meta, dataset.preamble = fresh, b"\0" * 128
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.save_as(buffer, enforce_file_format=True)
    dates = {str(v) for e in dataset.iterall() if e.VR in ("DA", "DT") for v in _values(e)}
    return Cleaned(buffer.getvalue(), dict(actions), frozenset(dates))


def _text_of(element: Any) -> str:
    return "" if element.VR == "SQ" else repr(element.value)[:200]


@cache
def _rules() -> dict[tuple[int, ...], Action]:
    """The profile's table with its actions; dates, UIDs and references are left to `_own_rules`."""
    library: Any = need("dicomanonymizer.simpledicomanonymizer", "dicom")
    rules: dict[tuple[int, ...], Action] = {}
    for tag, action in library.initialize_actions(f"dicomfields_{EDITION}").items():
        vr = dictionary_VR(tag) if len(tag) == 2 and dictionary_has_tag(tag) else ""
        dated = vr in ("DA", "DT") and tag[0] != PATIENT_GROUP
        # Sequences of references stay, with mapped UIDs, so that what belongs together still does.
        reference = action is library.delete_or_empty_or_replace_UID
        if not (vr == "UI" or dated or reference):
            rules[tag] = _removing(library.delete) if vr in ("DA", "DT") else _removing(action)
    return rules


def _removing(action: Any) -> Action:
    """Make an action that removes what the library has no dummy value for."""

    def act(dataset: Any, tag: tuple[int, ...]) -> None:
        element = dataset.get(tag)
        if element is None:
            return
        try:
            action(dataset, tag)
        except NotImplementedError:
            del dataset[tag]

    return act


def _profile(dataset: Any, actions: Counter[str]) -> None:
    """Apply the table to a data set and to the items of its sequences."""
    library: Any = need("dicomanonymizer.simpledicomanonymizer", "dicom")
    actions["private removed"] += sum(element.tag.is_private for element in dataset)
    library.anonymize_dataset(dataset, base_rules_gen=lambda: dict(_rules()))
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value or ():
                _profile(item, actions)


def _own_rules(
    dataset: Any, key: bytes, days: int, own: Identifiers, actions: Counter[str]
) -> None:
    """UIDs, dates, drawings over the image, and text that still says who it is."""
    for element in list(dataset):
        tag, vr = element.tag, element.VR
        if vr == "SQ":
            for item in element.value or ():
                _own_rules(item, key, days, own, actions)
        elif _has_no_place(tag):
            del dataset[tag]
        elif tag.group == PATIENT_GROUP and vr in ("DA", "DT"):
            if element.keyword == "PatientBirthDate":
                element.value = ""
            else:
                del dataset[tag]
        elif vr == "UI":
            actions["UIDs mapped"] += _map_uids(element, key)
        elif vr in ("DA", "DT") and element.value:
            moved = [shifted(str(v), days) for v in _values(element)]
            element.value = moved if len(moved) > 1 else moved[0]
            actions["dates moved"] += 1
        elif vr == "PN" and element.value and tag not in _rules():
            element.value = ""
        elif vr in TEXT_VRS and element.value and _names_patient(str(element.value), own):
            element.value = ""
            actions["texts emptied"] += 1


def _has_no_place(tag: Any) -> bool:
    """True for curves, overlays, padding, group lengths and what no dictionary knows."""
    drawn = tag.group & GROUP_MASK in (CURVES, OVERLAYS)
    return drawn or tag == TRAILING_PADDING or tag.element == 0 or not dictionary_has_tag(tag)


def _values(element: Any) -> list[Any]:
    return list(element.value) if element.VM > 1 else [element.value]


def _map_uids(element: Any, key: bytes) -> int:
    values = [str(value) for value in _values(element)]
    own = [names_something(element.keyword, v) for v in values]
    if any(own):
        mapped = [new_uid(v, key) if is_own else v for v, is_own in zip(values, own, strict=True)]
        element.value = mapped if len(mapped) > 1 else mapped[0]
    return sum(own)


def _names_patient(text: str, own: Identifiers) -> bool:
    low = text.lower()
    return any(
        re.search(rf"(?<![^\W_]){re.escape(word.lower())}(?![^\W_])", low) for word in own.kind_of
    )


def _mark(dataset: Any) -> None:
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = METHOD
    items = []
    for value, meaning in METHOD_CODES:
        item = pydicom.Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
        items.append(item)
    dataset.DeidentificationMethodCodeSequence = items
    dataset.LongitudinalTemporalInformationModified = "MODIFIED"
    dataset.BurnedInAnnotation = "NO"
