"""The obvious script: roifile coordinates filled by scikit-image, measured by regionprops.

Its areas are not ImageJ's; it stands here for its time only.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import roifile
import tifffile
from skimage.draw import polygon2mask
from skimage.measure import regionprops_table

PROPERTIES = (
    "area",
    "intensity_mean",
    "intensity_std",
    "intensity_min",
    "intensity_max",
    "intensity_median",
    "centroid",
    "centroid_weighted",
    "perimeter",
    "bbox",
    "axis_major_length",
    "axis_minor_length",
    "orientation",
    "feret_diameter_max",
    "solidity",
)


def main(folder: Path, out: Path) -> None:
    tables = []
    for image in sorted(folder.glob("*.tif")):
        pixels = tifffile.imread(image)
        stack = pixels.reshape(-1, *pixels.shape[-2:])
        for roi in roifile.roiread(image.with_suffix(".zip")):
            plane = stack[max(roi.position - 1, 0)]
            mask = polygon2mask(plane.shape, roi.coordinates()[:, ::-1])
            row = regionprops_table(mask.astype(np.uint8), plane, properties=PROPERTIES)
            tables.append(pd.DataFrame(row).assign(image=image.name, roi=roi.name))
    pd.concat(tables).to_csv(out, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
