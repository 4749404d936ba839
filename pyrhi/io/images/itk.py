"""NRRD and MetaImage volumes, and SimpleITK images in memory, by SimpleITK."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import ImageError
from pyrhi.extras import need
from pyrhi.io.geometry import from_lps
from pyrhi.io.images.array import volume_image
from pyrhi.io.images.image import check_plane_size
from pyrhi.io.images.meta import check_meta
from pyrhi.io.images.nrrd import check_nrrd
from pyrhi.limits import MAX_UNPACKED_BYTES
from pyrhi.wording import one_line

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pyrhi.io.geometry import Geometry
    from pyrhi.io.images.image import Image

NRRD_MAGIC = b"NRRD000"
META_SUFFIXES = (".mha", ".mhd")
HEADER_BYTES = 2**20
_PLACED = {
    "NrrdImageIO": (rb"^space:", rb"^space directions:"),
    "MetaImageIO": (rb"^(Offset|Position|Origin)\s*=", rb"^(TransformMatrix|Orientation)\s*="),
}
"""What the header of a volume has to say for it to lie somewhere, for each of ITK's readers."""


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels as SimpleITK gives them.

    Parameters
    ----------
    values
        Shape ``(slices, rows, columns)``, with a last axis where a voxel has several values.
    geometry
        Where they lie; None where the header does not say.
    spacing
        Of columns, rows and slices, in mm.
    metadata
        Other fields of the header.
    """

    values: NDArray[Any]
    geometry: Geometry | None
    spacing: tuple[float, float, float]
    metadata: dict[str, str]


def is_volume(path: Path, head: bytes, /) -> bool:
    """Return True for NRRD by its first bytes, and for MetaImage by its name and first word."""
    if head.startswith(NRRD_MAGIC):
        return True
    return path.suffix.lower() in META_SUFFIXES and re.match(rb"\s*\w+\s*=", head) is not None


def read_volume(path: Path, head: bytes, /) -> Volume:
    """Read a NRRD or MetaImage file, with its detached data where it has such.

    Parameters
    ----------
    path
        The file.
    head
        Its first bytes.

    Raises
    ------
    ImageError
        If it is damaged or no volume.
    PyrhiError
        If SimpleITK is not installed.
    """
    sitk: Any = need("SimpleITK", "masks")
    kind = "NrrdImageIO" if head.startswith(NRRD_MAGIC) else "MetaImageIO"
    (check_meta if kind == "MetaImageIO" else check_nrrd)(path)
    shown = sitk.ProcessObject.GetGlobalWarningDisplay()
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        reader = sitk.ImageFileReader()
        reader.SetFileName(str(path))
        reader.SetImageIO(kind)
        reader.ReadImageInformation()
        size = reader.GetSize()
        check_plane_size(path, int(size[0]), int(size[1]) if len(size) > 1 else 0)
        if np.prod([int(n) for n in size], dtype=object) * 8 > MAX_UNPACKED_BYTES:
            msg = f"{path}: a volume of {size} voxels is more than pyrhi reads"
            raise ImageError(msg)
        image = reader.Execute()
    except RuntimeError as error:
        msg = f"{path}: is damaged or no volume ({_reason(error)}); export it again"
        raise ImageError(msg) from error
    finally:
        sitk.ProcessObject.SetGlobalWarningDisplay(shown)
    placed = all(re.search(key, _header(path), re.M) for key in _PLACED[kind])
    return volume_of(image, path.name, placed=placed)


def _header(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(HEADER_BYTES).partition(b"\n\n")[0]


def _reason(error: RuntimeError) -> str:
    """The last sentence of an ITK message, which names C++ files first."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return one_line(RuntimeError(lines[-1] if lines else "unknown"))


def volume_of(image: Any, name: str, /, *, placed: bool = True) -> Volume:
    """Return the voxels of a SimpleITK image.

    Parameters
    ----------
    image
        A ``SimpleITK.Image`` of two or three dimensions.
    name
        For messages.
    placed
        False where nothing is known of its place.

    Raises
    ------
    ImageError
        If it has another number of dimensions.
    """
    sitk: Any = need("SimpleITK", "masks")
    dimension = image.GetDimension()
    values = sitk.GetArrayFromImage(image)
    size = image.GetSize()
    if dimension == 4 and size[3] == 1:
        return volume_of(image[:, :, :, 0], name, placed=placed)
    if dimension not in (2, 3):
        msg = f"{name}: has {dimension} dimensions; give a volume of three"
        raise ImageError(msg)
    if dimension == 2:
        x, y = image.GetSpacing()
        return Volume(values[None], None, (x, y, 1.0), _metadata(image, name))
    affine = np.eye(4)
    direction = np.asarray(image.GetDirection(), np.float64).reshape(3, 3)
    affine[:3, :3] = direction * np.asarray(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    geometry = from_lps(affine, size) if placed else None
    x, y, z = image.GetSpacing()
    return Volume(values, geometry, (x, y, z), _metadata(image, name))


def _metadata(image: Any, name: str) -> dict[str, str]:
    try:
        return {key: str(image.GetMetaData(key)) for key in image.GetMetaDataKeys()}
    except TypeError:  # a key whose bytes are no UTF-8 does not find its way back into ITK
        msg = f"{name}: the header is damaged (a field's name is no text); export it again"
        raise ImageError(msg) from None


def read(path: Path, head: bytes, /) -> Image:
    """Open a NRRD or MetaImage volume as an image, as `read_volume` and `image_of` do."""
    return replace(image_of(read_volume(path, head), path.name), path=path)


def image_of(volume: Volume, name: str, /) -> Image:
    """Return a volume as an image.

    Raises
    ------
    ImageError
        If its voxels have several values.
    """
    if volume.values.ndim != 3:
        msg = f"{name}: its voxels have several values each; give an image of one channel"
        raise ImageError(msg)
    return volume_image(volume.values, name=name, spacing=volume.spacing, geometry=volume.geometry)
