"""What identifies the patients of an input: texts that no output may hold, by kind."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyrhi.io.images.dicom_header import element, elements, quiet
from pyrhi.io.rois.files import split_ending
from pyrhi.rhi.position import OLD_LABEL
from pyrhi.rhi.roles import RolePatterns, level_of

if TYPE_CHECKING:
    from pathlib import Path

SHORTEST = 3
"""Shorter texts say nothing: every file holds every pair of letters."""

NUMBER_SHORTEST = 5
"""A number with fewer digits is as likely a pixel count."""

ID_KEYWORDS = frozenset(
    {
        "PatientID",
        "OtherPatientIDs",
        "AccessionNumber",
        "StudyID",
        "PatientBirthDate",
        "PatientAddress",
        "PatientTelephoneNumbers",
        "MedicalRecordLocator",
        "MilitaryRank",
        "EthnicGroup",
        "Occupation",
        "InstitutionName",
        "InstitutionAddress",
        "InstitutionalDepartmentName",
        "StationName",
        "DeviceSerialNumber",
        "RequestingService",
        "RequestedProcedureID",
        "ScheduledProcedureStepID",
        "PerformedProcedureStepID",
        "AdmissionID",
        "IssuerOfPatientID",
        "StudyDate",
        "SeriesDate",
        "AcquisitionDate",
        "ContentDate",
        "InstanceCreationDate",
    }
)
"""Attributes whose values name a patient, a place or a day; names of persons and UIDs are added."""

STANDARD_UIDS = "1.2.840.10008."
"""Root of the UIDs that DICOM itself gives; they say what a thing is, never which one."""

FILE_NAME = "file or folder name"

KINDS_OF_UID = ("SOPClassUID", "TransferSyntaxUID", "ImplementationClassUID")
"""Attributes whose UIDs say of which kind something is, or by which program it was written."""

_COMMON = """
abdomen anon anonymous anonymized anonymised axial brain canal cervical chest coronal cord
cspine data dcm deidentified dicom exam export femur folder head high image images imagej input
left lesion lesions level lspine lumbar mask masks met mri name neck none normal output patient
patients pelvis phantom png raw reader ref reference results right roi rois roiset sacral
sagittal sample scan second seg segmentation series slice slices spine stack stacks study test
thoracic tif tiff tra trauma tspine unknown vertebra visit visits volume volunteer whole
adc bruker canon cor dixon dwi flair fse fuji ge hitachi philips sag siemens stir t1w t2w
toshiba tse month months day days year years baseline followup follow body
"""
HARMLESS = frozenset(_COMMON.split()) | frozenset(RolePatterns().plain_words)
"""Words that files are full of; alone they identify nobody."""

# "0010,0010  Patient's Name: A^B", as ImageJ writes a header into the property Info.
_INFO_LINE = re.compile(r"^\s*>?\s*([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\s[^:]*:\s*(.*?)\s*$", re.M)
_NUMERIC_NAME = re.compile(r"[0-9.]+")
_ENDING = re.compile(r"\.[A-Za-z]{2,5}$")
_WORD = re.compile(r"[^\W_]+")
_DATE = re.compile(r"[0-9]{8}")


@dataclass
class Identifiers:
    """Texts of the input that no output may hold: text to kind.

    Parameters
    ----------
    kind_of
        Each text as it stood in the input, and what it was (``PatientName``, ``file name``).
    raw
        Names of persons in the bytes of their own character set.
    """

    kind_of: dict[str, str] = field(default_factory=dict)
    raw: dict[bytes, str] = field(default_factory=dict)

    def update(self, other: Identifiers, /) -> None:
        """Add all of another."""
        for text, kind in other.kind_of.items():
            self.kind_of.setdefault(text, kind)
        for raw, kind in other.raw.items():
            self.raw.setdefault(raw, kind)

    def add(self, text: str, kind: str, /) -> None:
        """Add a text, unless it is too short or too common to mean anything."""
        text = " ".join(text.split())
        if not _telling(text):
            return
        self.kind_of.setdefault(text, kind)
        if _DATE.fullmatch(text):
            year, month, day = text[:4], text[4:6], text[6:]
            for form in (f"{year}-{month}-{day}", f"{day}.{month}.{year}", f"{month}/{day}/{year}"):
                self.kind_of.setdefault(form, kind)

    def add_words(self, text: str, kind: str, /) -> None:
        """Add a text and each of its words."""
        self.add(text, kind)
        for word in _WORD.findall(text):
            self.add(word, kind)

    def add_path(self, path: Path, /) -> None:
        """Add the names of a file and of the folders above it, below the input folder."""
        for part in path.parts:
            stem = _ENDING.sub("", split_ending(part)[0])
            if _NUMERIC_NAME.fullmatch(stem):  # a UID: its numbers alone are other UIDs' too
                self.add(stem, FILE_NAME)
            else:
                self.add_words(stem, FILE_NAME)

    def add_roi_name(self, name: str, /) -> None:
        """Add the name of a ROI without the slice and place that old sets have in it."""
        self.add_words(OLD_LABEL.sub("", name), "ROI name")

    def add_dicom(self, dataset: Any, /, *, nested: bool = True) -> None:
        """Add what a DICOM header says of patient, persons, places, days and instances.

        Parameters
        ----------
        dataset
            The header.
        nested
            False leaves out what stands in sequences.
        """
        with quiet():
            for one in (*elements(dataset), *elements(getattr(dataset, "file_meta", None))):
                if one.VR == "SQ":
                    for item in (one.value or ()) if nested else ():
                        self.add_dicom(item)
                elif not one.tag.is_private and one.value:
                    for value in one.value if one.VM > 1 else [one.value]:
                        self._add_element(one, value)

    def _add_element(self, element: Any, value: Any) -> None:
        text = str(value)
        if element.VR == "PN":
            for part in re.split(r"[\^=]", text):
                self.add_words(part, element.keyword)
            original = getattr(value, "original_string", b"")
            for piece in re.split(rb"[\^=]", original if isinstance(original, bytes) else b""):
                if len(piece) > SHORTEST and not piece.isascii():
                    self.raw.setdefault(piece, element.keyword)
        elif element.VR == "UI":
            if names_something(element.keyword, text):
                self.add(text, "UID")
        elif element.keyword in ID_KEYWORDS:
            self.add(text, element.keyword)

    def add_info(self, text: str, /) -> None:
        """Add what ImageJ copied from a DICOM header into a TIFF's property Info or a label."""
        from pydicom.datadict import keyword_for_tag
        from pydicom.tag import Tag

        for group, number, value in _INFO_LINE.findall(text):
            tag = Tag(int(group, 16), int(number, 16))
            keyword = keyword_for_tag(tag)
            if "Name" in keyword and ("Patient" in keyword or "Physician" in keyword):
                for part in re.split(r"[\^=]", value):
                    self.add_words(part, keyword)
            elif keyword in ID_KEYWORDS or keyword.endswith("InstanceUID"):
                self.add(value, keyword)


def names_something(keyword: str, uid: str, /) -> bool:
    """True where a UID says which instance, study or device, not which kind of thing."""
    return bool(uid) and not uid.startswith(STANDARD_UIDS) and not keyword.endswith(KINDS_OF_UID)


def _telling(text: str) -> bool:
    words = _WORD.findall(text)
    if len(text) < SHORTEST or not words:
        return False
    digits = "".join(c for c in text if c.isdigit())
    if digits and not any(c.isalpha() for c in text):
        return len(digits) >= NUMBER_SHORTEST and len(set(digits)) > 1
    return not all(_harmless(word) for word in words)


def _harmless(word: str) -> bool:
    common = word.lower() in HARMLESS or bool(level_of(word))
    return common or word.isdigit() or len(word) < SHORTEST


def header_texts(header: Any, /) -> tuple[str, ...]:
    """Return what a DICOM header says of patient, persons, places, days and instances.

    Parameters
    ----------
    header
        The header; None, and one whose patient's identity was removed, say nothing.
    """
    if header is None or str(element(header, "PatientIdentityRemoved")).strip() == "YES":
        return ()
    found = Identifiers()
    found.add_dicom(header, nested=False)
    return tuple(found.kind_of)
