"""What figures and pages share: grey print style, footer, PNG and SVG written whole, templates."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyrhi.extras import need
from pyrhi.io.atomic import writing
from pyrhi.pain.model import NOTICE

DPI = 200
NOTE_HEIGHT = 0.03
"""Part of a figure's height that a line of notes takes."""

POINT = {"color": "0.35", "edgecolor": "black", "linewidth": 0.6, "alpha": 0.8, "s": 34}
"""Points: grey with a black edge, so that they are seen in print without colour."""

LINE = {"color": "black", "linewidth": 1.8}
BAND = {"color": "0.75", "alpha": 0.6, "linewidth": 0}

_STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "pyrhi",
}


def new_figure(width: float = 6.4, height: float = 4.8) -> tuple[Any, Any]:
    """Make a figure with one set of axes.

    Parameters
    ----------
    width, height
        In inches.

    Returns
    -------
    tuple
        ``matplotlib.figure.Figure`` and its ``Axes``; no window and no global state.
    """
    matplotlib = need("matplotlib", "study")
    with matplotlib.rc_context(_STYLE):
        figure = need("matplotlib.figure", "study").Figure(figsize=(width, height))
        axes = figure.add_subplot()
    return figure, axes


def save_figure(
    figure: Any,
    stem: Path,
    /,
    *,
    synthetic: bool = False,
    right: float = 0.96,
    notes: Sequence[str] = (),
) -> tuple[Path, Path]:
    """Write a figure as PNG and SVG with the notice below it.

    Parameters
    ----------
    figure
        The figure.
    stem
        Path without an extension.
    synthetic
        True marks it as made of synthetic data.
    right
        Right end of the axes; less leaves room for a legend.
    notes
        Lines in small type below the axes.

    Returns
    -------
    tuple of Path
        The two files.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    matplotlib = need("matplotlib", "study")
    footer = f"SYNTHETIC DATA. {NOTICE}" if synthetic else NOTICE
    bottom = 0.17 + NOTE_HEIGHT * len(notes)
    figure.text(0.01, 0.05, "\n".join(notes), fontsize=7, color="0.2")
    figure.subplots_adjust(bottom=bottom, top=0.86, left=0.12, right=right)
    figure.text(0.01, 0.01, footer, fontsize=8, color="0.2")
    for text in figure.findobj(need("matplotlib.text", "study").Text):
        # A name with a dollar sign is a name, not a formula.
        text.set_parse_math(False)
    paths = (stem.with_name(f"{stem.name}.png"), stem.with_name(f"{stem.name}.svg"))
    with matplotlib.rc_context(_STYLE):
        for path in paths:
            buffer = io.BytesIO()
            kind = path.suffix[1:]
            metadata = {"Date": None} if kind == "svg" else {"Software": None}
            figure.savefig(buffer, format=kind, dpi=DPI, metadata=metadata)
            with writing(path) as stream:
                stream.write(buffer.getvalue())
    return paths


def templates(*, html: bool) -> Any:
    """Make the environment of the study's Jinja templates; HTML escapes what it is given."""
    jinja2 = need("jinja2", "study")
    return jinja2.Environment(
        loader=jinja2.PackageLoader("pyrhi.study"),
        autoescape=html,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
