"""Limits on sizes, all in one place: what a damaged or hostile file may make pyrhi do."""

from __future__ import annotations

MAX_ROI_POINTS = 5_000_000
"""Points of one ROI; a larger count means a damaged file."""

MAX_ROI_BYTES = 64 * 2**20
"""Unpacked bytes of one ROI in a RoiSet."""

MAX_ROISET_BYTES = 256 * 2**20
"""Unpacked bytes of a whole RoiSet."""

MAX_ROISET_ENTRIES = 100_000
"""ROIs in one RoiSet."""

MAX_PLANE_PIXELS = 2**28
"""Pixels of one slice."""

MAX_COMPRESSION = 2000
"""Pixel bytes for each compressed byte; deflate and LZW reach about 1,400."""

MAX_UNPACKED_BYTES = 16 * 2**30
"""Unpacked bytes of a ``.nii.gz``, which go to a temporary file."""

MAX_DESCRIPTION_CHARACTERS = 2**20
"""Characters of a TIFF's description that are searched for ImageJ's ``key=value`` lines."""

MAX_TABLE_BYTES = 512 * 2**20
"""Bytes of a table that is read: manifest, cohort, readings, ``patients.csv``."""

MAX_MODEL_BYTES = 16 * 2**20
"""Bytes of a pain model's JSON file."""

MAX_JAVA_STACK_BYTES = 512 * 2**20
"""Bytes of a TIFF that the ImageJ engine opens at once; a larger one is opened slice by slice."""
