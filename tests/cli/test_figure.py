"""The command draws what was asked for, or says in one line why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrhi.cli.main import run
from pyrhi.errors import ParameterError
from pyrhi.report.figure import draw_figure


def test_what_cannot_be_drawn_is_said_in_one_line(axial: Path, tmp_path: Path, capsys):
    image, rois = (axial / f"t2_axial_022.{ending}" for ending in ("tif", "zip"))
    with pytest.raises(ParameterError, match=r"slice 7 has no cord; slices with a cord: 1$"):
        draw_figure(image, rois, tmp_path / "f.png", slices=(7,))
    assert run(["figure", str(image), str(rois), "-o", str(tmp_path / "f.bmp")]) == 1
    assert "f.bmp: a figure is .png, .svg or .pdf; give such a name" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
