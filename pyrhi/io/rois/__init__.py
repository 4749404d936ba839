"""ROIs in and out: ``.roi``, RoiSet ``.zip``, ROIs inside an ImageJ TIFF, label images."""

from __future__ import annotations

from pyrhi.io.rois.decode import decode_roi
from pyrhi.io.rois.encode import encode_mask, write_roiset
from pyrhi.io.rois.files import find_rois, read_rois

__all__ = ["decode_roi", "encode_mask", "find_rois", "read_rois", "write_roiset"]
