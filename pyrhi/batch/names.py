"""The gate that all texts pass before they are written: it hides whom a DICOM header names.

No value of a header is ever written, but a folder may be called after PatientID or PatientName, a
file after its SOPInstanceUID. What a header and a name share is written as its pseudonym.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NewType

from pyrhi.batch.plan import images_of
from pyrhi.batch.pseudonym import pseudonym, read_key
from pyrhi.errors import PyrhiError, RoiError
from pyrhi.io.images.folder import DICOM_SUFFIXES, IMAGE_SUFFIXES
from pyrhi.io.regular import open_regular
from pyrhi.io.rois.clean import clean_roi
from pyrhi.rhi.record import ImageRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Task
    from pyrhi.rhi.measures import ImageMeasures

NamedRecord = NewType("NamedRecord", ImageRecord)
"""A record that has passed the gate: the only kind that is written."""

WHOLE_WORD = 3
"""Texts of up to so many letters count as whole words only."""

HEADERS_TRIED = 20
"""Files of a folder that are tried for a header where its image cannot be opened."""

TEXTS_KEPT = 512
"""Texts whose hidden form is remembered: names come several times in a row."""

HIDDEN = (
    "names of files, folders or ROIs of {count} repeat what DICOM headers say of patients;"
    " that is written as pseudonyms (--patient-id writes it as it is)"
)

# A UID in a name, such as a file called after its SOPInstanceUID.
_UID = r"(?<![0-9.])[0-2](?:\.(?:0|[1-9][0-9]*)){4,}(?![0-9])"


class NameGate:
    """Writes pseudonyms in the place of what DICOM headers say of patients.

    Parameters
    ----------
    key_path
        Key file of the pseudonyms; None takes the user's own. It is read, or made, only where
        there is something to hide, and in this process only: workers may run elsewhere.
    """

    def __init__(self, key_path: str | None = None, /) -> None:
        self._key = cache(lambda: read_key(Path(key_path) if key_path else None))
        # By number of letters, so that a name is searched once however many patients there are.
        self._to_hide: dict[int, dict[str, list[str]]] = {}
        self.hidden = 0
        self._hide = lru_cache(TEXTS_KEPT)(self._hidden)

    @classmethod
    def of(cls, tasks: Iterable[Task], options: WorkOptions, /) -> NameGate:
        """Return the gate of a run, which has read a header of each of its DICOM series.

        Any image may lie in a folder called after the patient of another one, and records in a
        journal hold no identifiers by which a resumed run could hide them.

        Parameters
        ----------
        tasks
            The images.
        options
            With `patient_id`, nothing is hidden.
        """
        gate = cls(options.key_path)
        if not options.patient_id:
            for path in images_of(tasks):
                if not _is_other_file(path):
                    gate.learn(_identifying(path))
        return gate

    @property
    def hides_nothing(self) -> bool:
        """True where there is nothing to hide: `text` returns every text as it is."""
        return not self._to_hide

    def learn(self, texts: Iterable[str], /) -> None:
        """Hide some texts, too, whatever their case."""
        for text in texts:
            letters = _letters(text)
            same = self._to_hide.setdefault(len(letters), {}).setdefault(letters, [])
            if text not in same:
                same.append(text)
                self._hide.cache_clear()

    def text(self, text: str, /) -> str:
        """Return a text with pseudonyms instead of identifiers, and of all UIDs."""
        return self._hide(text) if self._to_hide else text

    def _hidden(self, text: str) -> str:
        letters = _letters(text)
        near = sorted(
            {
                known
                for length, texts in self._to_hide.items()
                for at in range(len(letters) - length + 1)
                for known in texts.get(letters[at : at + length], ())
            },
            key=lambda known: (-len(known), known),
        )
        originals = {known.lower(): known for known in near}
        return _wanted(tuple(near)).sub(
            lambda match: pseudonym(originals.get(match[0].lower(), match[0]), self._key()), text
        )

    def record(self, record: ImageRecord, /, *, given_patient: bool) -> NamedRecord:
        """Return a record as it may be written; numbers and pixels are not touched.

        Parameters
        ----------
        record
            What was measured.
        given_patient
            True where the manifest names the patient: its author's own choice, which stays.

        Raises
        ------
        OutputError
            If the key of the pseudonyms cannot be read or made.
        """
        self.learn(record.identifiers)
        patient = record.patient
        if record.patient_id:
            patient = pseudonym(record.patient_id, self._key())
        elif not given_patient:
            patient = self.text(patient)
        if not self._to_hide:
            if patient == record.patient and not (record.patient_id or record.identifiers):
                return NamedRecord(record)
            return NamedRecord(replace(record, patient=patient, patient_id="", identifiers=()))
        text = self.text
        rois = record.rois
        named = ImageRecord(
            name=text(record.name),
            path=text(record.path),
            patient=patient,
            error=text(record.error),
            rois=replace(rois, names=tuple(map(text, rois.names))),
            rhi=tuple(
                replace(row, image=text(row.image), warnings=tuple(map(text, row.warnings)))
                for row in record.rhi
            ),
            lesions=tuple(replace(x, sequence=text(x.sequence)) for x in record.lesions),
            notes=tuple(map(text, record.notes)),
            measures=None if record.measures is None else self._measures(record.measures),
            found=None
            if record.found is None
            else tuple(self._roi(name, data) for name, data in record.found),
        )
        self.hidden += (named.name, named.path, named.rois.names) != (
            record.name,
            record.path,
            rois.names,
        )
        return NamedRecord(named)

    def _measures(self, measures: ImageMeasures) -> ImageMeasures:
        return replace(
            measures,
            slices=tuple(
                replace(x, labelled=replace(x.labelled, sequence=self.text(x.labelled.sequence)))
                for x in measures.slices
            ),
        )

    def _roi(self, name: str, data: bytes) -> tuple[str, bytes]:
        name = self.text(name)
        try:
            return name, clean_roi(data, name)
        except RoiError as error:  # it was just measured, so this is a fault of clean_roi
            msg = f"ROI {name!r} cannot be written without its texts"
            raise RoiError(msg) from error

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let no error leave the block but through the gate."""
        try:
            yield
        except PyrhiError as error:
            raise self.error(error) from error

    def error(self, error: PyrhiError, /) -> PyrhiError:
        """Return an error whose sentence may be shown."""
        hidden = self.text(str(error))
        return error if hidden == str(error) else type(error)(hidden)


def _letters(text: str) -> str:
    """Letters and digits of a text as the search sees them, without what may lie between."""
    # A search that ignores case takes the Turkish dotless i for an i.
    return "".join(c for c in text.casefold().replace("ı", "i") if c.isalnum())


@lru_cache(TEXTS_KEPT)
def _wanted(texts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join([*map(_pattern, texts), _UID]), re.IGNORECASE)


def _pattern(text: str) -> str:
    # Between the words of a text, a name may have other marks: Doe^Jane, doe_jane.
    escaped = r"[\W_]+".join(re.escape(word) for word in re.findall(r"[^\W_]+", text))
    exact = re.escape(text)
    both = exact if exact == escaped else f"{exact}|{escaped}"
    return rf"(?<![^\W_])(?:{both})(?![^\W_])" if len(text) <= WHOLE_WORD else f"(?:{both})"


def _is_other_file(path: str) -> bool:
    """True for a file of a kind that has no DICOM header; most images are one."""
    return path.lower().endswith(IMAGE_SUFFIXES) and not os.path.isdir(path)


def _identifying(path: str) -> tuple[str, ...]:
    # What reads DICOM is loaded by the first image that may be it: most runs have none.
    from pyrhi.batch.identifiers import header_texts

    return header_texts(first_header(Path(path)))


def first_header(path: Path, /) -> Any:
    """Return the header of a DICOM file, or of one in a folder; None where there is none."""
    files = _files(path) or [path]
    for file in files[:HEADERS_TRIED]:
        if file.suffix.lower() in (*DICOM_SUFFIXES, "") and (header := _header(file)) is not None:
            return header
    return None


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:  # no folder, or one that cannot be read: that is told where it is measured
        return []


def _header(file: Path) -> Any:
    import pydicom

    from pyrhi.io.images.dicom_header import quiet

    try:
        with quiet(), open_regular(file) as stream:
            return pydicom.dcmread(stream, stop_before_pixels=True)
    except Exception:  # pydicom raises nearly anything on what is no DICOM
        return None
