"""How results show themselves in a notebook: HTML, axes and ROI sets of what was measured."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi.extras import need
from pyrhi.imagej.mask import Region
from pyrhi.io.rois.encode import outline_paths
from pyrhi.notice import RESEARCH_USE
from pyrhi.rhi.picture import (
    CORD_COLOR,
    HIGH_COLOR,
    bar_length,
    shown_box,
    svg_path,
    window_of,
)
from pyrhi.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyrhi.measured import FolderResult, Measurement, SliceRhi
    from pyrhi.rhi.picture import Frame

EXTRA = "report"

ROWS_SHOWN = 8
PICTURE_WIDTH = 260
"""Width of the picture in a notebook, in CSS pixels."""

BAR_SHARE = 0.4
"""The scale bar is the longest round length within this share of the picture's width."""

LEVELS_8 = 255


def _crops(
    one: SliceRhi, frame: Frame
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Grey values, cord and high area around the cord, the right way up."""
    height, width = one.cord_mask.shape
    regions = [_region(mask) for mask in (one.cord_mask, one.high_mask) if mask.any()]
    x, y, w, h = shown_box(width, height, regions)
    box = (slice(y, y + h), slice(x, x + w))
    turn = frame.display.picture
    values = np.asarray(one.pixels[box], np.float64)
    return turn(values), turn(one.cord_mask[box]), turn(one.high_mask[box])


def _region(mask: NDArray[np.bool_]) -> Region:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    return Region(x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1, None)


def slice_svg(one: SliceRhi, frame: Frame, /) -> str:
    """Return a slice with its outlines as SVG.

    Parameters
    ----------
    one
        The slice.
    frame
        How the slices of its image are shown.
    """
    import imagecodecs

    values, cord, high = _crops(one, frame)
    low, top = window_of(values)
    grey = np.clip(np.nan_to_num((values - low) / (top - low or 1.0)), 0.0, 1.0) * LEVELS_8
    png = base64.b64encode(imagecodecs.png_encode(np.rint(grey).astype(np.uint8))).decode("ascii")
    rows, columns = values.shape
    aspect = frame.pixel_height / frame.pixel_width
    scale = PICTURE_WIDTH / columns
    tall = rows * scale * aspect
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{PICTURE_WIDTH}" height="{tall:.1f}" '
        f'role="img" aria-label="slice {one.slice} with outlines">',
        f'<g transform="scale({scale:.6f} {scale * aspect:.6f})">'
        f'<image width="{columns}" height="{rows}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated" href="data:image/png;base64,{png}"/>',
    ]
    for mask, color in ((cord, CORD_COLOR), (high, HIGH_COLOR)):
        parts.append(
            f'<path d="{svg_path(mask)}" fill="none" fill-rule="evenodd" stroke="{color}" '
            'stroke-width="2" vector-effect="non-scaling-stroke"/>'
        )
    parts.append("</g>")
    places = {"left": (8, tall / 2), "right": (PICTURE_WIDTH - 10, tall / 2),
              "top": (PICTURE_WIDTH / 2, 13), "bottom": (PICTURE_WIDTH / 2, tall - 5)}  # fmt: skip
    for side, letter in frame.letters.items():
        x, y = places[side]
        parts.append(_text(x, y, letter, "middle"))
    if frame.unit:
        length = bar_length(columns * frame.pixel_width * BAR_SHARE)
        end = 8 + length / frame.pixel_width * scale
        parts.append(f'<path d="M8 {tall - 8:.1f}H{end:.1f}" stroke="#fff" stroke-width="3"/>')
        parts.append(_text(8, tall - 13, f"{length:g} {frame.unit}", "start"))
    return "".join([*parts, "</svg>"])


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="#fff" stroke="#000" stroke-width="2" '
        f'paint-order="stroke" font-family="sans-serif" font-size="12" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )


def measurement_html(result: Measurement, /) -> str:
    """Return a measurement as HTML: its worst slice with outlines, its rows and warnings.

    Parameters
    ----------
    result
        The measurement.
    """
    worst = result.worst
    table = result.table[["Slice", "Level", "RHI", "CordArea", "HighArea", "Unit"]]
    more = len(table) - ROWS_SHOWN
    shown = table.sort_values("RHI", ascending=False, kind="stable").head(ROWS_SHOWN)
    rows = shown.to_html(index=False, border=0, float_format=lambda v: f"{v:.2f}")
    parts = [
        '<div style="display:flex;gap:1em;align-items:flex-start;flex-wrap:wrap">',
        slice_svg(worst, result.frame),
        f"<div><b>{escape(result.image)}</b>: RHI {worst.rhi:.2f} % on {_slice_and_level(worst)}",
        rows,
        f"<div>and {more} more rows in .table</div>" if more > 0 else "",
        _list(result.warnings),
        f"<small>{RESEARCH_USE}</small></div></div>",
    ]
    return "".join(parts)


def _slice_and_level(one: SliceRhi) -> str:
    return escape(f"slice {one.slice} {one.level}".rstrip())


def _list(texts: tuple[str, ...]) -> str:
    if not texts:
        return ""
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def folder_html(result: FolderResult, /) -> str:
    """Return the tables of a folder as HTML: what failed, and the patients.

    Parameters
    ----------
    result
        The tables.
    """
    failed = tuple(f"{row.Image}: {row.Error}" for row in result.failures.itertuples())
    more = len(result.patients) - ROWS_SHOWN
    shown = result.patients.sort_values("RHI", ascending=False, kind="stable").head(ROWS_SHOWN)
    return "".join([
        f"<div><b>{escape(summary(result))}</b>",
        _list(failed[:ROWS_SHOWN]),
        shown.to_html(index=False, border=0, float_format=lambda v: f"{v:.2f}"),
        f"<div>and {more} more patients in .patients</div>" if more > 0 else "",
        f"<small>{RESEARCH_USE}</small></div>",
    ])  # fmt: skip


def summary(result: FolderResult, /) -> str:
    """Say in one line what a folder gave.

    Parameters
    ----------
    result
        The tables.
    """
    patients, rows = counted(len(result.patients), "patient"), counted(len(result.rhi), "row")
    return f"{patients}, {rows}, {counted(len(result.failures), 'image')} failed"


def drawn_into(axes: Any = None, /) -> Any:
    """Return the axes to draw into.

    Parameters
    ----------
    axes
        Matplotlib axes; None makes new ones.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    PyrhiError
        If matplotlib is not installed.
    """
    return need("matplotlib.pyplot", EXTRA).subplots()[1] if axes is None else axes


def draw_slice(one: SliceRhi, frame: Frame, axes: Any = None, /) -> Any:
    """Draw a slice with its outlines.

    Parameters
    ----------
    one, frame
        As of `slice_svg`.
    axes
        As of `drawn_into`, from which what is returned and raised comes, too.
    """
    axes = drawn_into(axes)
    values, cord, high = _crops(one, frame)
    low, top = window_of(values)
    rows, columns = values.shape
    axes.imshow(
        values, cmap="gray", vmin=low, vmax=top, interpolation="nearest",
        extent=(0, columns, rows, 0), aspect=frame.pixel_height / frame.pixel_width,
    )  # fmt: skip
    for mask, color, label in ((cord, CORD_COLOR, "cord"), (high, HIGH_COLOR, "high")):
        for number, path in enumerate(outline_paths(mask)):
            x, y = np.vstack([path, path[:1]]).T
            axes.plot(x, y, color=color, linewidth=1.5, label="" if number else label)
    axes.set_title(f"RHI {one.rhi:.2f} %, slice {one.slice} {one.level}".rstrip())
    axes.set_axis_off()
    return axes


def draw_patients(result: FolderResult, axes: Any = None, /) -> Any:
    """Draw RHI of every row by patient, with the patient's own RHI as a line.

    Parameters
    ----------
    result
        The tables.
    axes
        As of `drawn_into`, from which what is returned and raised comes, too.
    """
    axes = drawn_into(axes)
    names = list(dict.fromkeys(result.patients["Patient"]))
    place = {name: i for i, name in enumerate(names)}
    of_rows = [place[name] for name in result.rhi["Patient"]]
    axes.plot(of_rows, result.rhi["RHI"], "o", color=CORD_COLOR, alpha=0.7, label="slices")
    of_patients = [place[name] for name in result.patients["Patient"]]
    axes.plot(of_patients, result.patients["RHI"], "_", color="black", markersize=24,
              label="patient")  # fmt: skip
    axes.set_xticks(range(len(names)), names)
    axes.set_ylabel("RHI (%)")
    axes.set_ylim(bottom=0)
    axes.legend()
    return axes
