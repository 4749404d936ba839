"""Elements of a DICOM header: one that is broken is missing, and nothing quotes its value."""

from __future__ import annotations

import threading
import warnings as python_warnings
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

BROKEN = "{name} cannot be read and was taken as missing"
"""What an image says of a broken element on which its numbers or the order of its slices rest."""


_ONE_AT_A_TIME = threading.RLock()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Python warnings away: those of pydicom quote values of the header."""
    # What a thread filters away is filtered for all: without a lock one would end another's.
    with _ONE_AT_A_TIME, python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")
        yield


@contextmanager
def careful(path: Path) -> Iterator[None]:
    """Turn what pydicom raises on a damaged file into one line that quotes no value.

    Raises
    ------
    ImageError
        For any error that is none of pyrhi's.
    """
    try:
        with quiet():
            yield
    except (ImageError, OSError):
        raise
    except Exception as error:  # pydicom raises nearly anything on damaged headers
        msg = f"{path}: the DICOM file is damaged; export it again"
        raise ImageError(msg) from error


def element(header: Any, name: str, /) -> Any:
    """Return the value of an element, or None where it is missing or cannot be read."""
    try:
        return header.get(name)
    except Exception:  # pydicom raises nearly anything on a broken value
        return None


def elements(header: Any, /) -> Iterator[Any]:
    """Yield the elements of a data set; of one that cannot be read, its text as it stands.

    Parameters
    ----------
    header
        A pydicom data set; None has none.
    """
    import pydicom

    for tag in [] if header is None else list(header.keys()):
        try:
            yield header[tag]
        except Exception:  # pydicom raises nearly anything on a broken value
            raw = header.get_item(tag)
            text = bytes(getattr(raw, "value", b"") or b"").decode("latin-1").strip(" \0")
            yield pydicom.DataElement(tag, "LT", text)


def is_broken(header: Any, name: str, /) -> bool:
    """Say whether an element of numbers is there and holds something else."""
    try:
        value = header.get(name)
        several = value is not None and not isinstance(value, (str, bytes, int, float, Decimal))
        # pydicom gives the text itself where it cannot make a number of it.
        for one in value if several else [value]:
            if one is not None and one != "":
                float(one)
    except Exception:  # pydicom raises nearly anything on a broken value
        return True
    return False


def whole_number(path: Path, header: Any, name: str, default: int, /) -> int:
    """Return a whole number without which the pixels cannot be read.

    Raises
    ------
    ImageError
        If it is there and is none.
    """
    try:
        return int(header.get(name, default) or default)
    except Exception as error:
        msg = f"{path}: {name} of the DICOM header cannot be read; export it again"
        raise ImageError(msg) from error


def number(header: Any, name: str, /) -> float:
    """Return a number, or 0 where it is missing or cannot be read."""
    value = element(header, name)
    return float(value) if isinstance(value, (int, float, Decimal)) else 0.0


def vector(header: Any, name: str, length: int, /) -> NDArray[np.float64] | None:
    """Return an element of `length` numbers, or None."""
    value = element(header, name)
    if value is None or isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
        return None
    if len(value) != length:
        return None
    try:
        numbers = np.asarray([float(v) for v in value])
    except (TypeError, ValueError):
        return None
    return numbers if np.isfinite(numbers).all() else None


def orientation(header: Any, /) -> NDArray[np.float64] | None:
    """Return ImageOrientationPatient, or None."""
    return vector(header, "ImageOrientationPatient", 6)


def normal(directions: NDArray[np.float64], /) -> NDArray[np.float64]:
    """Return the cross product of the directions of rows and columns."""
    return np.cross(directions[:3], directions[3:])


def _item(header: Any, group: str, frame: int, name: str) -> Any:
    """Return a functional group of a frame, or None."""
    items = element(header, group)
    if not items or frame >= len(items):
        return None
    found = element(items[frame], name)
    return found[0] if found else None


def functional(header: Any, frame: int, name: str, /) -> Any:
    """Return a functional group: the frame's own, then the shared one, then None."""
    own = _item(header, "PerFrameFunctionalGroupsSequence", frame, name)
    return own or _item(header, "SharedFunctionalGroupsSequence", 0, name)
