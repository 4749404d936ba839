"""Masks in all their formats, laid on the grid of the image that they belong to."""

from __future__ import annotations

from pyrhi.io.masks.placed import PlacedMask, Segment
from pyrhi.io.masks.read import read_mask

__all__ = ["PlacedMask", "Segment", "read_mask"]
