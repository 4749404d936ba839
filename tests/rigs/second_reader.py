"""A second reader of the real sample."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import roifile
from rigs.places import AXIAL


def second_reader(folder: Path, seed: int) -> Path:
    """Copy the drawn ROIs with every vertex moved by up to a pixel."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    for path in sorted(AXIAL.glob("*.zip")):
        with zipfile.ZipFile(folder / path.name, "w") as archive:
            for roi in roifile.roiread(path, maxsize=10_000):
                points = roi.coordinates().astype(float)
                points += rng.integers(0, 2, points.shape)
                moved = roifile.ImagejRoi.frompoints(points, name=roi.name)
                moved.roitype = roifile.ROI_TYPE.POLYGON
                archive.writestr(f"{roi.name}.roi", moved.tobytes())
    return folder
