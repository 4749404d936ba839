"""Read every image and ROI and do nothing with them: the floor for any Python program."""

import sys
from pathlib import Path

import roifile
import tifffile


def main(folder: Path) -> None:
    pixels = rois = 0
    for image in sorted(folder.glob("*.tif")):
        pixels += tifffile.imread(image).size
        found = roifile.roiread(image.with_suffix(".zip"))
        rois += len(found) if isinstance(found, list) else 1
    print(f"{pixels} pixels, {rois} ROIs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
