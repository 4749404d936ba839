"""Reading images: TIFF, DICOM, NIfTI, PNG, JPEG, NRRD and MetaImage, as ImageJ opens them."""

from __future__ import annotations

from pyrhi.io.images.image import Image
from pyrhi.io.images.read import read_image

__all__ = ["Image", "read_image"]
