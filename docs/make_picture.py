"""Draw ``docs/images/rhi.png`` from the packaged sample: what is divided by what.

Run ``python docs/make_picture.py`` (needs the extra ``study``, for matplotlib).
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

import pyrhi
from pyrhi.io.rois.encode import outline_paths
from pyrhi.sample import sample_folder

TARGET = Path(__file__).parent / "images" / "rhi.png"
SLICE = 15
MARGIN_PIXELS = 9
SCALE_BAR_MM = 10
CORD_COLOR, HIGH_COLOR = "#00d5ff", "#ff5040"


def draw_region(axes: Axes, mask: np.ndarray, color: str, *, filled: bool) -> None:
    """Outline a mask along its pixel edges; holes stay open."""
    paths = [Outline(np.vstack([p, p[:1]]) - 0.5, closed=True) for p in outline_paths(mask)]
    outline = Outline.make_compound_path(*paths)
    if filled:
        axes.add_patch(PathPatch(outline, facecolor=color, edgecolor="none", alpha=0.45))
    axes.add_patch(PathPatch(outline, fill=False, edgecolor=color, linewidth=1.3))


def scale_bar(axes: Axes, pixel_mm: float) -> None:
    """Draw a scale bar at the lower left of what is shown."""
    length = SCALE_BAR_MM / pixel_mm
    x, y = axes.get_xlim()[0] + 3, axes.get_ylim()[0] - 3
    axes.plot([x, x + length], [y, y], color="white", linewidth=3, solid_capstyle="butt")
    axes.text(x + length / 2, y - 2, f"{SCALE_BAR_MM} mm", color="white", ha="center", fontsize=9)


def main() -> None:
    """Measure the slice and draw it."""
    folder = sample_folder() / "sagittal_stack"
    with pyrhi.read_image(folder / "t2_sagittal.tif") as image:
        pixels = image.plane(SLICE)
        pixel_mm = image.calibration.pixel_width
        measured = pyrhi.measure(image, pyrhi.read_rois(folder / "t2_sagittal.RoiSet.zip"))
    row = next(s for s in measured.slices if s.slice == SLICE)
    rows, columns = np.nonzero(row.cord_mask)
    left, right = columns.min() - MARGIN_PIXELS, columns.max() + MARGIN_PIXELS
    # Never beyond the image, where there would be nothing to see.
    top = max(rows.min() - MARGIN_PIXELS, 0) - 0.5
    bottom = min(rows.max() + MARGIN_PIXELS, pixels.shape[0] - 1) + 0.5
    panels = (
        ("T2", "", None, CORD_COLOR),
        ("A  whole cord", f"{row.cord_area:.2f} mm²", row.cord_mask, CORD_COLOR),
        ("B  high intensity", f"{row.high_area:.2f} mm²", row.high_mask, HIGH_COLOR),
    )
    figure, all_axes = plt.subplots(1, 3, figsize=(8.4, 5.75), facecolor="white")
    for axes, (title, area, mask, color) in zip(all_axes, panels, strict=True):
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=1600, interpolation="nearest")
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        axes.set_axis_off()
        axes.set_title(title, fontsize=12, fontweight="bold")
        if mask is None:
            draw_region(axes, row.cord_mask, CORD_COLOR, filled=False)
            draw_region(axes, row.high_mask, HIGH_COLOR, filled=False)
        else:
            draw_region(axes, mask, color, filled=True)
        axes.text(
            0.03, 0.025, area, color="white", ha="left", fontsize=12, transform=axes.transAxes
        )
    scale_bar(all_axes[0], pixel_mm)
    figure.text(
        0.5,
        0.055,
        f"RHI = 100 · B / A = 100 · {row.high_area:.2f} / {row.cord_area:.2f} = {row.rhi:.2f} %",
        ha="center",
        fontsize=14,
        fontweight="bold",
    )
    figure.text(
        0.5,
        0.015,
        "Real cervical T2 scan with a synthetic lesion (sct_testing_data, MIT). Research use only.",
        ha="center",
        fontsize=8,
    )
    figure.subplots_adjust(left=0.01, right=0.99, top=0.95, bottom=0.11, wspace=0.03)
    TARGET.parent.mkdir(exist_ok=True)
    figure.savefig(TARGET, dpi=110)
    print(TARGET)


if __name__ == "__main__":
    main()
