"""Small images made by other writers, and DICOM as a scanner would write it."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk  # noqa: N813
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydicom.uid import ExplicitVRLittleEndian
from rigs.dicom_files import mr_image

from pyrhi.io.images import read_image

SIGNED = 32768


QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


PIXELS = st.sampled_from(["u1", "u2", "i2", "f4"]).flatmap(
    lambda dtype: hnp.arrays(dtype, st.tuples(*[st.integers(1, 3)] + [st.integers(2, 9)] * 2))
)


def itk_image(values: np.ndarray, affine: np.ndarray, /) -> sitk.Image:
    """Return a volume, shape (slices, rows, columns), that lies as an affine to LPS says."""
    image = sitk.GetImageFromArray(values)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((affine[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    return image


def raw(image, signed):
    planes = np.stack([image.plane(n + 1) for n in range(image.n_slices)])
    if signed:
        return (planes.astype(np.int32) - SIGNED).astype(np.int16)
    return planes


def dicom(path, pixels, *, frames=None, syntax=ExplicitVRLittleEndian, remove=(), **tags):
    header = mr_image(path, pixels)
    header.PatientID = "made-up"
    header.PixelSpacing = ["0.9", "0.4"]
    if frames:
        header.NumberOfFrames = frames
    for key, value in tags.items():
        setattr(header, key, value)
    for key in remove:
        delattr(header, key)
    if syntax != ExplicitVRLittleEndian:
        header.compress(syntax)
    header.save_as(path, enforce_file_format=True)
    return path


def ramp(dtype="u2", shape=(6, 8), start=0):
    return (np.arange(np.prod(shape)).reshape(shape) + start).astype(dtype)


AXIAL = ["1", "0", "0", "0", "1", "0"]


def make_series(folder, positions, **tags):
    for i, z in enumerate(positions):
        options = {"ImageOrientationPatient": AXIAL, "ImagePositionPatient": ["0", "0", str(z)]}
        dicom(folder / f"im{i}", ramp(start=100 * i), InstanceNumber=i + 1, **(options | tags))


def planes(path):
    """Read all slices of an image."""
    with read_image(path) as image:
        return np.array([image.plane(n + 1) for n in range(image.n_slices)])
