"""Plain TIFFs by the thousand: files that begin with the same bytes have the same header.

Slices that were exported together differ in their pixels alone. The header of the first is read by
`pyrhi.io.images.tiff`; it holds for every file of the same size that begins with the same bytes,
since nothing else went into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.calibration import SIGNED_16BIT_OFFSET
from pyrhi.imagej.calibration import table as calibration_table
from pyrhi.imagej.results import geometry_of
from pyrhi.io.images import tiff
from pyrhi.io.images.header import HEAD_BYTES, plain_page
from pyrhi.io.regular import open_regular

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.io.images.image import Image

KEPT = 8
"""Beginnings that are remembered; the oldest makes room."""


@dataclass(frozen=True, eq=False)
class Beginning:
    """The header of some plain TIFFs of one slice, or ImageJ stacks, with one value a pixel.

    Parameters
    ----------
    head
        Bytes that they begin with.
    size
        Bytes of each.
    image
        What the header says; its planes cannot be read, and its name is that of one of them.
    offset
        Where the first row starts.
    dtype
        Type of the values in the file.
    """

    head: bytes
    size: int
    image: Image
    offset: int
    dtype: np.dtype[np.generic]

    @cached_property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return self.image.width * self.dtype.itemsize

    def place(self, number: int, row: int, /) -> int:
        """Return where a row of a slice starts in the file; slices count from 1, rows from 0."""
        return self.offset + ((number - 1) * self.image.height + row) * self.row_bytes

    @cached_property
    def table(self) -> NDArray[np.float32] | None:
        """Calibration table, or None."""
        return calibration_table(self.image.calibration, self.image.kind)

    @cached_property
    def geometry(self) -> NDArray[np.float64]:
        """As `pyrhi.imagej.results.geometry_of` gives it."""
        return geometry_of(self.image.calibration, self.image.height)

    def values(self, raw: bytes | NDArray[np.uint8], /) -> NDArray[np.generic]:
        """Return rows as `pyrhi.io.images.Image.rows` does.

        Parameters
        ----------
        raw
            Bytes of some whole rows; the values may share their memory.
        """
        values = np.frombuffer(raw, self.dtype).reshape(-1, self.image.width)
        if not self.dtype.isnative:
            values = values.astype(self.dtype.newbyteorder("="))
        if self.dtype.kind == "i":
            return values.view(np.uint16) ^ np.uint16(SIGNED_16BIT_OFFSET)
        return values


class Beginnings:
    """The headers of the files that were read last; threads may share it."""

    def __init__(self) -> None:
        self._known: tuple[Beginning, ...] = ()

    def of(self, path: str, head: bytes, size: int, /) -> Beginning | None:
        """Return the header of a file.

        Parameters
        ----------
        path
            The file.
        head
            Its first `pyrhi.io.images.header.HEAD_BYTES` bytes.
        size
            Its size in bytes.

        Returns
        -------
        Beginning or None
            None where it is neither a plain TIFF of one slice nor an ImageJ stack without channels
            and frames, or has several values a pixel.
        """
        # The first 128 bytes of a DICOM file are free; some scanners write a TIFF's start there.
        if head[128:132] == b"DICM":
            return None
        for known in self._known:
            if known.size == size and head.startswith(known.head):
                return known
        found = _read(path, head, size)
        if found is not None:
            self._known = (found, *self._known[: KEPT - 1])
        return found


def _read(path: str, head: bytes, size: int) -> Beginning | None:
    try:
        with open_regular(path) as stream:
            page = plain_page(stream)
            image = None if page is None else tiff.read_plain(Path(path), stream)
            stream.seek(0)
            # The file may have changed since.
            if stream.read(len(head)) != head:
                return None
    except Exception:  # the general way says what is wrong with it
        return None
    if page is None or image is None or image.kind == "RGB":
        return None
    if image.dimensions != (1, image.n_slices, 1):
        return None
    floats = page.sampleformat == tiff.FLOAT
    # Whole numbers of 32 bits become floats in a way of their own.
    if (image.kind == "32-bit") != floats or page.header_end > min(len(head), HEAD_BYTES):
        return None
    code = {tiff.UNSIGNED: "u", tiff.SIGNED: "i", tiff.FLOAT: "f"}[page.sampleformat]
    dtype = np.dtype(f"{page.byteorder}{code}{page.bitspersample // 8}")
    if page.file_bytes != size:
        return None
    return Beginning(head[: page.header_end], size, image, page.dataoffsets[0], dtype)
