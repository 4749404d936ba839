"""Masks that other programs write, on one tilted grid."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK as sitk  # noqa: N813
from rigs.images import itk_image

AFFINE = np.array([[0, 0, 3.0, -30], [-0.7, 0, 0, 20], [0, 0.9, 0, 5], [0, 0, 0, 1]])
SHAPE = (12, 9, 5)
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def save(path: Path, values: np.ndarray, affine=AFFINE) -> Path:
    nib.save(nib.Nifti1Image(values, affine), path)
    return path


def volume(values: np.ndarray, affine=AFFINE) -> sitk.Image:
    return itk_image(values.transpose(2, 1, 0), LPS @ affine)


def expected(values: np.ndarray) -> np.ndarray:
    return values.transpose(2, 1, 0)
