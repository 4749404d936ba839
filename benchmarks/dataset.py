"""Make the slices that the benchmark measures: 16-bit T2-like images, three ROIs for each slice."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import roifile
import tifffile

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20240131
SIDE = 512
PIXELS_PER_MM = 2.0
OUTLINE_POINTS = 160
CORD_RADIUS = 42.0
HIGH_RADII = (9.0, 6.0)


KINDS = ("8-bit", "16-bit", "32-bit", "LZW")
"""What the slices may be; LZW is compressed 16-bit, which ImageJ reads and does not write."""


def make_folder(folder: Path, slices: int, slices_per_file: int, kind: str = "16-bit") -> None:
    """Write the TIFFs and, beside each, its ROI set under the same stem.

    Parameters
    ----------
    folder
        An existing, empty folder.
    slices
        Slices in all.
    slices_per_file
        1 for single exported slices, more for stacks whose ROIs carry their position.
    kind
        One of `KINDS`.
    """
    rng = np.random.default_rng(SEED)
    background = rng.normal(320.0, 45.0, (SIDE, SIDE))
    for first in range(0, slices, slices_per_file):
        count = min(slices_per_file, slices - first)
        stem = folder / f"t2_{first:05d}"
        planes, rois = [], []
        for position in range(1, count + 1):
            plane, outlines = make_slice(background, rng)
            planes.append(plane)
            for role, xy in outlines:
                name = f"{position:04d}-{role}"
                rois.append((name, to_roi(xy, name, position if count > 1 else 0)))
        write_tiff(stem.with_suffix(".tif"), as_kind(np.stack(planes), kind), kind)
        write_roi_set(stem.with_suffix(".zip"), rois)


def make_slice(
    background: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.uint16], list[tuple[str, NDArray[np.int32]]]]:
    """One slice of shape (SIDE, SIDE) and its outlines, each of shape (points, 2) as x, y."""
    center = rng.uniform(0.4 * SIDE, 0.6 * SIDE, 2)
    plane = np.roll(background, rng.integers(0, SIDE, 2), (0, 1))
    outlines = [("cord", outline(center, CORD_RADIUS, rng))]
    paint(plane, center, CORD_RADIUS, 420.0)
    for number, radius in enumerate(HIGH_RADII, start=1):
        high_center = center + rng.uniform(-0.5, 0.5, 2) * CORD_RADIUS
        outlines.append((f"high-{number}", outline(high_center, radius, rng)))
        paint(plane, high_center, radius, 700.0)
    return np.clip(plane, 0, np.iinfo(np.uint16).max).astype(np.uint16), outlines


def outline(
    center: NDArray[np.float64], radius: float, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Draw a wavering closed outline on whole pixels, as a hand does with the freehand tool."""
    points = max(24, int(OUTLINE_POINTS * radius / CORD_RADIUS))
    angle = np.linspace(0.0, 2.0 * np.pi, points, endpoint=False)
    waver = 1.0 + 0.15 * np.sin(3.0 * angle + rng.uniform(0.0, 2.0 * np.pi))
    xy = center + radius * waver[:, np.newaxis] * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.rint(xy).astype(np.int32)


def paint(
    plane: NDArray[np.float64], center: NDArray[np.float64], radius: float, gain: float
) -> None:
    """Brighten a disc of the plane in place."""
    x0, y0 = (center - radius).astype(int)
    size = int(2 * radius) + 2
    y, x = np.ogrid[y0 : y0 + size, x0 : x0 + size]
    plane[y0 : y0 + size, x0 : x0 + size] += gain * (
        (x - center[0]) ** 2 + (y - center[1]) ** 2 <= radius**2
    )


def to_roi(xy: NDArray[np.int32], name: str, position: int) -> bytes:
    """Bytes of a freehand ROI in ImageJ's format; position is 1-based, 0 means every slice."""
    roi = roifile.ImagejRoi.frompoints(xy, name=name)
    roi.roitype = roifile.ROI_TYPE.FREEHAND
    roi.position = position
    return roi.tobytes()


def as_kind(stack: NDArray[np.uint16], kind: str) -> NDArray[np.generic]:
    """Return the slices as 8-bit, 16-bit or 32-bit values."""
    if kind == "8-bit":
        return (stack >> 4).clip(0, 255).astype(np.uint8)
    return stack.astype(np.float32) * np.float32(1.37) if kind == "32-bit" else stack


def write_tiff(path: Path, stack: NDArray[np.generic], kind: str = "16-bit") -> None:
    """Write an ImageJ TIFF with a pixel size in mm."""
    planes = stack if len(stack) > 1 else stack[0]
    resolution = (PIXELS_PER_MM, PIXELS_PER_MM)
    if kind == "LZW":
        description = "ImageJ=1.54p\nunit=mm\n"
        tifffile.imwrite(
            path,
            planes,
            compression="lzw",
            resolution=resolution,
            resolutionunit="NONE",
            description=description,
            metadata=None,
        )
        return
    metadata = {"unit": "mm", "axes": "ZYX" if len(stack) > 1 else "YX"}
    tifffile.imwrite(path, planes, imagej=True, resolution=resolution, metadata=metadata)


def write_roi_set(path: Path, rois: list[tuple[str, bytes]]) -> None:
    """Write a RoiSet as ImageJ's ROI Manager does."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in rois:
            archive.writestr(f"{name}.roi", data)


def make_sparse_stack(path: Path, gibibytes: float) -> int:
    """Write a stack that takes hardly any disk, and ROIs without position (for every slice).

    ImageJ stacks have one directory and `images=N`: the pixels after the first slice are left
    as a hole in the file, which reads as zeros.

    Returns
    -------
    int
        Slices in the stack.
    """
    slices = int(gibibytes * 2**30) // (SIDE * SIDE * 2)
    first = np.zeros((SIDE, SIDE), np.uint16)
    description = f"ImageJ=1.54p\nimages={slices}\nslices={slices}\nunit=mm\nloop=false\n"
    with tifffile.TiffWriter(path) as writer:
        writer.write(
            first,
            description=description,
            metadata=None,
            resolution=(PIXELS_PER_MM, PIXELS_PER_MM),
            resolutionunit="NONE",
        )
    with tifffile.TiffFile(path) as tiff:
        start = tiff.pages.first.dataoffsets[0]
    with path.open("r+b") as file:
        file.truncate(start + slices * first.nbytes)
    _, outlines = make_slice(np.zeros((SIDE, SIDE)), np.random.default_rng(SEED))
    write_roi_set(path.with_suffix(".zip"), [(n, to_roi(xy, n, 0)) for n, xy in outlines])
    return slices
