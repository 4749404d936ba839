"""Which DICOM series a folder holds, and what each is called where one is to be chosen."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pyrhi.errors import ImageError
from pyrhi.io.images.dicom_header import element
from pyrhi.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

NO_NUMBER = "none"
"""Label of a series without SeriesNumber."""

HINT = "; pyrhi series lists what is there"


class HasHeader(Protocol):
    """A DICOM file with its header."""

    @property
    def header(self) -> Any:
        """The pydicom dataset."""


T = TypeVar("T", bound=HasHeader)


def series_of(slices: Iterable[T], /) -> dict[str, list[T]]:
    """Return the slices of a folder by what their series is called.

    Parameters
    ----------
    slices
        DICOM files with their headers.

    Returns
    -------
    series : dict
        By label, in the order of the numbers: the SeriesNumber, ``none`` without; with a letter
        behind it where several series have one number. No label tells who the patient is.
    """
    by_uid: dict[str, list[T]] = {}
    for one in slices:
        uid = str(element(one.header, "SeriesInstanceUID") or "")
        by_uid.setdefault(uid, []).append(one)
    by_number: dict[str, list[str]] = {}
    for uid, group in sorted(by_uid.items()):
        by_number.setdefault(_number(group[0].header), []).append(uid)
    out: dict[str, list[T]] = {}
    for number, uids in sorted(by_number.items(), key=lambda item: (len(item[0]), item[0])):
        for i, uid in enumerate(uids):
            out[number if len(uids) == 1 else number + _letters(i)] = by_uid[uid]
    return out


def _number(header: Any) -> str:
    """Return the SeriesNumber; a text that is none may be anything, even a name."""
    value = element(header, "SeriesNumber")
    text = "" if value is None else str(value).strip()
    return text if text.lstrip("+-").isdigit() else NO_NUMBER


def _letters(index: int) -> str:
    """Return a, b, ... z, aa, ab and so on."""
    first, last = divmod(index, len(string.ascii_lowercase))
    return (_letters(first - 1) if first else "") + string.ascii_lowercase[last]


def choose_series(path: Path, slices: Sequence[T], wanted: str | None, /) -> list[T]:
    """Return the slices of the series that is wanted, or of the only one.

    Parameters
    ----------
    path
        The folder, for messages.
    slices
        Its DICOM files.
    wanted
        Label as of `series_of`, or SeriesInstanceUID; None where there is only one.

    Raises
    ------
    ImageError
        If it is not there, or there are several and none is wanted; the labels are listed.
    """
    series = series_of(slices)
    if wanted is None and len(series) == 1:
        return list(slices)
    if wanted is not None:
        for label, group in series.items():
            if wanted in (label, str(element(group[0].header, "SeriesInstanceUID") or "")):
                return group
    listed = ", ".join(
        f"series {label} ({counted(len(group), 'slice')})" for label, group in series.items()
    )
    if wanted is None:
        what = "the folder holds several series; choose one (--series NUMBER)"
    elif any(label.rstrip(string.ascii_lowercase) == wanted for label in series):
        what = f"several series have the number {wanted}; choose one by its letter"
    else:
        what = "there is no such series"
    msg = f"{path}: {what}: {listed}{HINT}"
    raise ImageError(msg)
