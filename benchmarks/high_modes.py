"""Compare every way to find the high-intensity area with the drawn lesion of the sample.

Run ``python benchmarks/high_modes.py`` for the table of ``docs/high-modes.md``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import pyrhi
from pyrhi.imagej.thresholds import METHODS
from pyrhi.io.images import Image
from pyrhi.rhi.roles import Role, role_of
from pyrhi.sample import sample_folder

MODES = ("auto", "ref+3sd", "ref+3mad", "fixed 1200", *METHODS)


def found_of(image: Image, rois: list, mode: str, free: set[int]) -> dict[int, pyrhi.SliceRhi]:
    """Find the high area on every slice without a look at what was drawn."""
    cords = [roi for roi in rois if role_of(roi) is Role.CORD]
    if mode.startswith("ref"):
        # Normal cord of the same patient: the cord of the slices without lesion.
        cords += [replace(roi, name="reference") for roi in cords if roi.position in free]
    found = pyrhi.measure(image, cords, find_high=mode.removeprefix("fixed "))
    return {s.slice: s for s in found.slices}


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Dice coefficient of two masks that are not both empty."""
    return 2.0 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


def main() -> None:
    folder = sample_folder() / "sagittal_stack"
    rois = pyrhi.read_rois(folder / "t2_sagittal.RoiSet.zip")
    with pyrhi.read_image(folder / "t2_sagittal.tif") as image:
        drawn = {s.slice: s for s in pyrhi.measure(image, rois).slices}
        free = {n for n, s in drawn.items() if s.high_area == 0}
        print(f"{len(drawn)} slices with cord, {len(drawn) - len(free)} of them with lesion\n")
        print(
            "| mode | largest RHI without lesion | mean Dice | least Dice | mean RHI difference |"
        )
        print("| --- | ---: | ---: | ---: | ---: |")
        for mode in MODES:
            found = found_of(image, rois, mode, free)
            dices = [dice(found[n].high_mask, s.high_mask) for n, s in drawn.items() if s.high_area]
            differences = [found[n].rhi - s.rhi for n, s in drawn.items() if s.high_area]
            print(
                f"| {mode} | {max(found[n].rhi for n in free):.2f} | {np.mean(dices):.3f} "
                f"| {min(dices):.3f} | {np.mean(differences):+.2f} |"
            )


if __name__ == "__main__":
    main()
