"""Images that other libraries hold in memory: nibabel, SimpleITK, pydicom and xarray.

A library is never imported here to find out that an object is none of its own.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.errors import ImageError
from pyrhi.io.geometry import from_lps, usable_geometry
from pyrhi.io.images.array import volume_image
from pyrhi.wording import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.io.images.image import Image

SEGMENTATION_MODALITIES = ("SEG", "RTSTRUCT")


def _is_instance_of(value: Any, module: str, name: str) -> bool:
    """True for an instance of a class of a library that has been imported."""
    found = getattr(sys.modules.get(module), name, None)
    return isinstance(found, type) and isinstance(value, found)


def is_data_set(value: Any, /) -> bool:
    """Return True for a data set of pydicom's."""
    return _is_instance_of(value, "pydicom", "Dataset")


def is_segmentation(value: Any, /) -> bool:
    """Return True for a data set of pydicom's that holds segments or contours."""
    return is_data_set(value) and str(value.get("Modality", "")) in SEGMENTATION_MODALITIES


def image_of_object(value: Any, /, *, name: str = "image") -> Image | None:
    """Return the image that an object of another library is, with its spacing and place.

    Parameters
    ----------
    value
        A nibabel or SimpleITK image, a pydicom data set or a list of them (the slices of a
        series), or a xarray DataArray.
    name
        Name for messages and tables.

    Returns
    -------
    image : Image or None
        None for anything else. Slices are in the order in which a file of it would have them.

    Raises
    ------
    ImageError
        If the object is of a kind that cannot be measured.
    """
    if _is_instance_of(value, "nibabel.spatialimages", "SpatialImage"):
        return _of_nibabel(value, name)
    if _is_instance_of(value, "SimpleITK", "Image"):
        from pyrhi.io.images import itk

        return itk.image_of(itk.volume_of(value, name), name)
    if _is_instance_of(value, "xarray", "DataArray"):
        return _of_xarray(value, name)
    if is_data_set(value):
        return _of_data_sets([value], name)
    if isinstance(value, (list, tuple)) and value and all(is_data_set(v) for v in value):
        return _of_data_sets(value, name)
    return None


def _of_nibabel(value: Any, name: str) -> Image:
    from pyrhi.io.images.nifti import MILLIMETRES, geometry_of

    data = value.dataobj
    stored = data.get_unscaled() if hasattr(data, "get_unscaled") else np.asanyarray(data)
    slope, inter = getattr(data, "slope", 1.0), getattr(data, "inter", 0.0)
    values = stored if (slope, inter) == (1.0, 0.0) else _scaled(stored, slope, inter)
    shape = (*values.shape, 1, 1, 1, 1)
    if values.ndim < 2 or int(np.prod(shape[4:])) != 1:
        msg = f"{name}: nibabel data of the shape {values.shape} is no stack of slices"
        raise ImageError(msg)
    stack = values.reshape(shape[:4]).transpose(3, 2, 1, 0)
    zooms = [float(z) for z in value.header.get_zooms()[:3]]
    sizes = (*zooms, 1.0)[:3]
    if "sform_code" in getattr(value.header, "keys", list)():
        factor = MILLIMETRES.get(value.header.get_xyzt_units()[0], 1.0)
        geometry = geometry_of(value.header, shape[:3])
    else:
        factor = 1.0
        geometry = None if value.affine is None else usable_geometry(value.affine, shape[:3])
    x, y, z = (size * factor for size in sizes)
    return volume_image(stack, name=name, spacing=(x, y, z), geometry=geometry)


def _scaled(stored: Any, slope: float, inter: float) -> Any:
    return (inter + stored.astype(np.float64) * slope).astype(np.float32)


def _of_data_sets(values: Sequence[Any], name: str) -> Image:
    """Open data sets as files, so that they are read as a series of files is."""
    from pyrhi.io.images import dicom

    folder = tempfile.TemporaryDirectory(prefix="pyrhi-")
    try:
        for number, value in enumerate(values):
            _save(value, Path(folder.name) / f"{number:06d}.dcm")
        image = dicom.read_series(Path(folder.name))
    except ImageError as error:
        folder.cleanup()
        msg = str(error).replace(folder.name, name)
        raise ImageError(msg) from error
    except Exception as error:  # pydicom raises nearly anything on data sets without a syntax
        folder.cleanup()
        msg = f"{name}: the data set cannot be read as an image ({one_line(error)})"
        raise ImageError(msg) from error
    close = image.closer

    def closer() -> None:
        close()
        folder.cleanup()

    return replace(image, path=None, name=name, closer=closer)


def _save(value: Any, path: Path) -> None:
    """Write a copy of a data set; one that was made in memory becomes explicit little endian."""
    import copy

    from pydicom import dcmwrite
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    one = copy.copy(value)
    meta = copy.copy(getattr(value, "file_meta", None)) or FileMetaDataset()
    if "TransferSyntaxUID" not in meta:
        implicit, little = value.original_encoding
        explicit = ExplicitVRBigEndian if little is False else ExplicitVRLittleEndian
        meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
    one.file_meta = meta
    dcmwrite(path, one, enforce_file_format=True)


def _of_xarray(value: Any, name: str) -> Image:
    """Take the dimensions z, y, x, with coordinates in mm as ``itk.xarray_from_image`` has them.

    Notes
    -----
    The axes are DICOM's (LPS); the attribute ``direction`` turns them, its rows and columns in
    the order of the dimensions.
    """
    dims = [str(d) for d in value.dims]
    wanted = [d for d in ("t", "z", "y", "x") if d in dims]
    if set(dims) != set(wanted) or not {"y", "x"} <= set(dims):
        msg = f"{name}: the DataArray has the dimensions {', '.join(dims)}; name them z, y, x"
        raise ImageError(msg)
    values = np.asarray(value.transpose(*wanted).values)
    steps = {d: _step(value, d, name) for d in ("x", "y", "z") if d in dims}
    spacing = tuple(abs(steps[d][1]) if d in steps else 1.0 for d in ("x", "y", "z"))
    if "t" in dims and "z" not in dims:
        values = values[:, None]
    if not all(d in value.coords for d in ("x", "y")):
        from pyrhi.io.images.array import array_image

        return array_image(values.reshape(-1, *values.shape[-2:]), name=name)
    geometry = None
    if all(d in value.coords for d in ("x", "y", "z")):
        direction = np.flip(np.asarray(value.attrs.get("direction", np.eye(3)), np.float64))
        affine = np.eye(4)
        affine[:3, :3] = direction * [steps[d][1] for d in ("x", "y", "z")]
        affine[:3, 3] = [steps[d][0] for d in ("x", "y", "z")]
        geometry = from_lps(affine, values.shape[:-4:-1])
    x, y, z = spacing
    return volume_image(values, name=name, spacing=(x, y, z), geometry=geometry)


def _step(value: Any, dim: str, name: str) -> tuple[float, float]:
    """First coordinate and step of a dimension; 0 and 1 without coordinates."""
    if dim not in value.coords:
        return 0.0, 1.0
    at = np.asarray(value.coords[dim].values, np.float64)
    if at.size < 2:
        return float(at[0]), 1.0
    steps = np.diff(at)
    if steps[0] == 0 or not np.allclose(steps, steps[0], rtol=1e-3, atol=0.0):
        msg = f"{name}: the coordinates of {dim} are not evenly spaced"
        raise ImageError(msg)
    return float(at[0]), float((at[-1] - at[0]) / (at.size - 1))
