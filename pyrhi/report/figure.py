"""Figure panels for print: A the whole cord, B the high-intensity area, with scale bar and RHI."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import ParameterError
from pyrhi.extras import need
from pyrhi.imagej.calibration import NO_UNIT
from pyrhi.io.atomic import writing
from pyrhi.io.images import read_image
from pyrhi.io.rois.encode import outline_paths
from pyrhi.io.rois.files import read_rois
from pyrhi.pain.model import NOTICE
from pyrhi.rhi.measure import RhiParameters, area_unit, measure_image
from pyrhi.rhi.picture import bar_length, bounds_of, box_with_margin

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pyrhi.io.images import Image
    from pyrhi.rhi.measure import RhiRow

EXTRA = "report"
KINDS = (".png", ".svg", ".pdf")
PRINT_DPI = 300
MAX_FIGURE_SLICES = 40
"""Rows of one figure; more make no page."""

CORD_COLOR, HIGH_COLOR = "#00d5ff", "#ff5040"
FILL_ALPHA = 0.3
"""How much of its colour covers a region: the grey values below stay visible."""

MARGIN_PIXELS, MARGIN_SHARE = 12, 0.5
"""What is shown around the cord: so many pixels, or this share of its size if that is more."""

WINDOW_PERCENTILES = (1.0, 99.0)
"""Grey values that become black and white where the file sets no display range."""

BAR_SHARE = 0.35
"""The scale bar is the largest round length within this share of the panel's width."""

PANEL_INCHES = 2.6
NO_SCALE = "No pixel size: no scale bar, areas in pixel²."

_STYLE = {"font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "pyrhi", "pdf.fonttype": 42}


@dataclass(frozen=True)
class FigureResult:
    """What was drawn.

    Parameters
    ----------
    path
        The file.
    rows
        The measured rows, from top to bottom.
    notes
        What a reader of the figure has to know, one sentence each.
    """

    path: Path
    rows: tuple[RhiRow, ...]
    notes: tuple[str, ...]


def draw_figure(
    image_path: str | os.PathLike[str],
    rois_path: str | os.PathLike[str],
    output: str | os.PathLike[str],
    /,
    *,
    slices: Sequence[int] = (),
    level: str | None = None,
    dpi: int = PRINT_DPI,
    parameters: RhiParameters | None = None,
    series: str | None = None,
) -> FigureResult:
    """Draw two panels for each slice: the whole cord, and the high-intensity area.

    Parameters
    ----------
    image_path
        Image, or folder with a DICOM series.
    rois_path
        Its ``.roi`` file or RoiSet ``.zip``.
    output
        The ``.png``, ``.svg`` or ``.pdf`` to write.
    slices
        Slices to draw, from 1; none takes the slice of the largest RHI.
    level
        Vertebral level to draw, such as ``"L2"``; None draws all levels of the slices.
    dpi
        Resolution of a PNG, in dots per inch.
    parameters
        What decides the numbers, as in `measure_image`.
    series
        DICOM series to take where a folder has several.

    Returns
    -------
    result : FigureResult

    Raises
    ------
    ParameterError
        If the ending is another one, or a slice or level has no cord.
    ImageError, RoiError, RoleError
        If the image or its ROIs cannot be read or measured.
    OutputError
        If the file cannot be written.
    """
    path = Path(output)
    if path.suffix.lower() not in KINDS:
        msg = f"{path}: a figure is {', '.join(KINDS[:-1])} or {KINDS[-1]}; give such a name"
        raise ParameterError(msg)
    matplotlib = need("matplotlib", EXTRA)
    rois = read_rois(rois_path)
    with read_image(image_path, series=series) as image:
        measured = measure_image(image, rois, NumpyEngine(image), parameters or RhiParameters())
        rows = _chosen(measured.rhi, slices, level, image.name)
        calibrated = rows[0].unit != area_unit(NO_UNIT)
        notes = tuple(
            dict.fromkeys(
                [
                    *(() if calibrated else (NO_SCALE,)),
                    *measured.notes,
                    *(f"slice {row.slice}: {warning}" for row in rows for warning in row.warnings),
                    *image.warnings,
                ]
            )
        )
        with matplotlib.rc_context(_STYLE):
            figure = _figure(image, rows, scale=calibrated)
    _save(figure, path, dpi)
    return FigureResult(path, tuple(rows), notes)


def _chosen(
    rows: Sequence[RhiRow], slices: Sequence[int], level: str | None, name: str
) -> list[RhiRow]:
    if not rows:
        msg = f"{name}: no slice has a cord ROI; name the whole cord 'cord'"
        raise ParameterError(msg)
    if level is not None:
        levels = ", ".join(dict.fromkeys(row.level for row in rows if row.level)) or "none"
        rows = [row for row in rows if row.level == level.upper()]
        if not rows:
            msg = f"{name}: no cord of level {level.upper()}; levels of its cords: {levels}"
            raise ParameterError(msg)
    if not slices:
        return [max(rows, key=lambda row: row.rhi)]
    there = {row.slice for row in rows}
    for number in slices:
        if number not in there:
            known = ", ".join(map(str, sorted(there)))
            msg = f"{name}: slice {number} has no cord; slices with a cord: {known}"
            raise ParameterError(msg)
    wanted = [row for n in dict.fromkeys(slices) for row in rows if row.slice == n]
    if len(wanted) > MAX_FIGURE_SLICES:
        msg = f"{name}: {len(wanted)} slices in one figure; choose {MAX_FIGURE_SLICES} at most"
        raise ParameterError(msg)
    return wanted


def panel_box(rows: Sequence[RhiRow], width: int, height: int, /) -> tuple[int, int, int, int]:
    """Return x, y, width and height in pixels of what all panels show, inside the image.

    Parameters
    ----------
    rows
        The rows to draw; their cords and high areas lie in the box.
    width, height
        Size of the image.
    """
    left, top, right, bottom = bounds_of(r for row in rows for r in (row.cord, row.high))
    margin = max(MARGIN_PIXELS, math.ceil(MARGIN_SHARE * min(right - left, bottom - top)))
    return box_with_margin((left, top, right, bottom), margin, width, height)


def _figure(image: Image, rows: Sequence[RhiRow], *, scale: bool) -> Any:
    box = panel_box(rows, image.width, image.height)
    calibration = image.calibration
    aspect = calibration.pixel_height / calibration.pixel_width
    # Panels of one shape: a tall cord gets a tall panel, within what a page can hold.
    shape = min(max(box[3] * aspect / box[2], 0.5), 2.2)
    below, foot, left, head = 0.42, 0.28, 0.1, 0.32
    panel_height = PANEL_INCHES * shape
    width = 2 * PANEL_INCHES + 3 * left
    height = len(rows) * (panel_height + below) + foot + head
    figure = need("matplotlib.figure", EXTRA).Figure(figsize=(width, height), facecolor="white")
    for place, row in enumerate(rows):
        pixels = np.asarray(image.plane(row.slice), np.float64)
        low, high = _window(image, pixels, box)
        bottom = height - head - place * (panel_height + below) - panel_height
        for column, (letter, title, region, color) in enumerate(
            (
                ("A", "whole cord", row.cord, CORD_COLOR),
                ("B", "high-intensity area", row.high, HIGH_COLOR),
            )
        ):
            x = left + column * (PANEL_INCHES + left)
            axes = figure.add_axes(
                (x / width, bottom / height, PANEL_INCHES / width, panel_height / height)
            )
            axes.imshow(
                pixels,
                cmap="gray_r" if calibration.inverted_lut else "gray",
                vmin=low,
                vmax=high,
                interpolation="nearest",
                extent=(0, image.width, image.height, 0),
                aspect=aspect,
            )
            axes.set_xlim(box[0], box[0] + box[2])
            axes.set_ylim(box[1] + box[3], box[1])
            axes.set_axis_off()
            _outline(axes, region.pixels(image.height, image.width), color)
            if scale:
                _bar(axes, box, calibration.pixel_width, calibration.unit)
            if place == 0:
                figure.text(
                    x / width,
                    1 - 0.2 / height,
                    f"{letter}  {title}",
                    fontsize=10,
                    fontweight="bold",
                    va="center",
                )
        figure.text(left / width, (bottom - 0.2) / height, _words(row), fontsize=9, va="center")
    last = NOTICE if scale else f"{NO_SCALE} {NOTICE}"
    figure.text(left / width, 0.14 / height, last, fontsize=7, color="0.25", va="center")
    for text in figure.findobj(need("matplotlib.text", EXTRA).Text):
        # A name with a dollar sign is a name, not a formula.
        text.set_parse_math(False)
    return figure


def _words(row: RhiRow) -> str:
    unit = row.unit.replace("^2", "²")
    where = f"Slice {row.slice}" + (f", {row.level}" if row.level else "")
    return (
        f"{where}:  A {row.cord_area:.2f} {unit},  B {row.high_area:.2f} {unit},  "
        f"RHI = 100 · B / A = {row.rhi:.2f} %"
    )


def _window(
    image: Image, pixels: NDArray[np.float64], box: tuple[int, int, int, int]
) -> tuple[float, float]:
    """Grey values shown black and white: the file's display range, else percentiles."""
    if image.display_range is not None and image.display_range[1] > image.display_range[0]:
        return image.display_range
    x, y, width, height = box
    shown = pixels[y : y + height, x : x + width]
    finite = shown[np.isfinite(shown)]
    if not finite.size:
        return 0.0, 1.0
    low, high = np.percentile(finite, WINDOW_PERCENTILES)
    return float(low), float(high) if high > low else float(low) + 1.0


def _outline(axes: Any, mask: NDArray[np.bool_], color: str) -> None:
    """Fill a mask and draw its edge along its pixels; holes stay open."""
    if not mask.any():
        return
    path_module = need("matplotlib.path", EXTRA)
    rgba = need("matplotlib.colors", EXTRA).to_rgba
    paths = [path_module.Path(np.vstack([p, p[:1]]), closed=True) for p in outline_paths(mask)]
    patch = need("matplotlib.patches", EXTRA).PathPatch(
        path_module.Path.make_compound_path(*paths),
        facecolor=rgba(color, FILL_ALPHA),
        edgecolor=rgba(color),
        linewidth=1.2,
        joinstyle="miter",
    )
    axes.add_patch(patch)


def _bar(axes: Any, box: tuple[int, int, int, int], pixel_width: float, unit: str) -> None:
    """Draw a scale bar of a round length at the lower left of a panel."""
    x, y, width, height = box
    length = bar_length(BAR_SHARE * width * pixel_width)
    effects = need("matplotlib.patheffects", EXTRA)
    edge = [effects.withStroke(linewidth=4.5, foreground="black")]
    start, level = x + 0.06 * width, y + 0.94 * height
    end = start + length / pixel_width
    axes.plot(
        [start, end],
        [level, level],
        color="white",
        linewidth=2.5,
        solid_capstyle="butt",
        path_effects=edge,
    )
    axes.annotate(
        f"{length:g} {unit}",
        ((start + end) / 2, level),
        xytext=(0, 4),
        textcoords="offset points",
        color="white",
        ha="center",
        va="bottom",
        fontsize=8,
        bbox={"facecolor": "black", "edgecolor": "none", "alpha": 0.45, "pad": 0.8},
    )


def _save(figure: Any, path: Path, dpi: int) -> None:
    kind = path.suffix.lower()[1:]
    none: dict[str, dict[str, None]] = {
        "svg": {"Date": None},
        "pdf": {"CreationDate": None},
        "png": {"Software": None},
    }
    buffer = io.BytesIO()
    with need("matplotlib", EXTRA).rc_context(_STYLE):
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=none[kind])
    with writing(path) as stream:
        stream.write(buffer.getvalue())
