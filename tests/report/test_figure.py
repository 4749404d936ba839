"""``pyrhi figure``: what the panels show, judged by a second library and by the drawn paths."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import tifffile
from matplotlib.path import Path as Outline
from PIL import Image as Picture
from PIL import ImageDraw

import pyrhi
from pyrhi.cli.main import run
from pyrhi.errors import ParameterError
from pyrhi.report import figure as module
from pyrhi.report.figure import bar_length, draw_figure, panel_box

SVG = "{http://www.w3.org/2000/svg}"
NOTICE = "Research use only; not a medical device."


def axial(sample: Path) -> tuple[Path, Path]:
    folder = sample / "axial_slices"
    return folder / "t2_axial_022.tif", folder / "t2_axial_022.zip"


def texts(svg: Path) -> list[str]:
    return ["".join(e.itertext()) for e in ET.parse(svg).iter(f"{SVG}text")]


def test_the_figure_says_areas_rhi_scale_and_use(sample: Path, tmp_path: Path, capsys):
    out = tmp_path / "figure.svg"
    image, rois = axial(sample)
    assert run(["figure", str(image), str(rois), "-o", str(out)]) == 0
    said = texts(out)
    # rhi.csv of the sample: 56.32 mm^2, 16 mm^2, 28.409...
    assert any("A 56.32 mm²,  B 16.00 mm²,  RHI = 100 · B / A = 28.41 %" in t for t in said)
    assert said.count("5 mm") == 2
    assert {"A  whole cord", "B  high-intensity area", NOTICE} <= set(said)
    assert "slice 1: RHI 28.41 %. Research use only." in capsys.readouterr().err


def test_outlines_are_the_measured_pixels(sample: Path, monkeypatch):
    image_path, rois_path = axial(sample)
    drawn: list[np.ndarray] = []

    class Axes:
        def add_patch(self, patch):
            drawn.append(patch.get_path())

    with pyrhi.read_image(image_path) as image:
        measured = pyrhi.measure(image, pyrhi.read_rois(rois_path))
        height, width = image.plane(1).shape
    row = measured.slices[0]
    y, x = np.mgrid[:height, :width]
    centres = np.column_stack([x.ravel() + 0.5, y.ravel() + 0.5])
    for mask in (row.cord_mask, row.high_mask):
        module._outline(Axes(), mask, "red")
        inside = Outline(drawn[-1].vertices, drawn[-1].codes).contains_points(centres)
        assert (inside.reshape(height, width) == mask).all()


def test_the_bar_is_as_long_as_it_says(sample: Path, tmp_path: Path):
    out = tmp_path / "figure.png"
    image, rois = axial(sample)
    draw_figure(image, rois, out, dpi=300)
    with Picture.open(out) as picture:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        grey = np.asarray(picture.convert("L"))
    with pyrhi.read_image(image) as opened:
        pixel_mm = opened.calibration.pixel_width
        row = pyrhi.measure(opened, pyrhi.read_rois(rois)).slices[0]
    # The longest run of white in the lower half of panel A is the bar.
    half = grey[grey.shape[0] // 2 : int(grey.shape[0] * 0.8), : grey.shape[1] // 2] == 255
    longest = 0
    for line in half[:, int(0.03 * grey.shape[1]) :]:
        for runs in re.findall("1+", "".join("1" if w else "0" for w in line)):
            longest = max(longest, len(runs))
    with tifffile.TiffFile(image) as tif:
        shape = tif.pages[0].shape
    rows, columns = np.nonzero(row.cord_mask)
    margin = max(12, int(np.ceil(0.5 * min(np.ptp(rows) + 1, np.ptp(columns) + 1))))
    shown = min(columns.max() + 1 + margin, shape[1]) - max(columns.min() - margin, 0)
    assert longest == pytest.approx(5 / pixel_mm / shown * 2.6 * 300, abs=3)


@pytest.mark.parametrize(
    ("available", "length"),
    [(1.0, 1.0), (1.99, 1.0), (2.0, 2.0), (49.0, 20.0), (50.0, 50.0), (0.0499, 0.02), (700, 500)],
)
def test_round_lengths(available: float, length: float):
    assert bar_length(available) == length


def test_an_image_without_pixel_size_gets_no_bar_but_a_sentence(
    sample: Path, tmp_path: Path, capsys
):
    image, rois = axial(sample)
    bare = tmp_path / "bare.tif"
    tifffile.imwrite(bare, tifffile.imread(image))
    out = tmp_path / "figure.svg"
    assert run(["figure", str(bare), str(rois), "-o", str(out)]) == 0
    assert "No pixel size: no scale bar, areas in pixel²." in capsys.readouterr().err
    said = texts(out)
    assert not any(re.fullmatch(r"[0-9.]+ \w+", t) for t in said)
    assert any("pixel²" in t and "RHI = 100 · B / A = 28.41 %" in t for t in said)


def test_chosen_slices_of_a_stack_in_print_formats(sample: Path, tmp_path: Path):
    stack = sample / "sagittal_stack" / "t2_sagittal.tif"
    rois = sample / "sagittal_stack" / "t2_sagittal.RoiSet.zip"
    for name, start in (("f.pdf", b"%PDF"), ("f.png", b"\x89PNG"), ("f.svg", b"<?xml")):
        result = draw_figure(stack, rois, tmp_path / name, slices=(15, 9))
        assert [row.slice for row in result.rows] == [15, 9]
        assert (tmp_path / name).read_bytes().startswith(start)
    assert any(
        "Slice 9:" in t and "RHI = 100 · B / A = 0.00 %" in t for t in texts(tmp_path / name)
    )
    assert draw_figure(stack, rois, tmp_path / "m.png").rows[0].slice == 15
    first = (tmp_path / "f.svg").read_bytes()
    draw_figure(stack, rois, tmp_path / "f.svg", slices=(15, 9))
    assert (tmp_path / "f.svg").read_bytes() == first


def test_panels_hold_cord_and_high_area_and_stay_inside(sample: Path):
    image, rois = axial(sample)
    with pyrhi.read_image(image) as opened:
        height, width = opened.plane(1).shape
    row = draw_figure.__globals__["measure_image"]
    with pyrhi.read_image(image) as opened:
        measured = row(
            opened,
            pyrhi.read_rois(rois),
            module.NumpyMeasurer(opened),
            module.RhiParameters(),
        )
    x, y, w, h = panel_box(measured.rhi, width, height)
    assert 0 <= x < x + w <= width
    assert 0 <= y < y + h <= height
    outside = measured.rhi[0].cord.pixels(height, width)
    outside[y : y + h, x : x + w] = False
    assert not outside.any()


def test_what_cannot_be_drawn_is_said_in_one_line(sample: Path, tmp_path: Path, capsys):
    image, rois = axial(sample)
    with pytest.raises(ParameterError, match=r"slice 7 has no cord; slices with a cord: 1$"):
        draw_figure(image, rois, tmp_path / "f.png", slices=(7,))
    assert run(["figure", str(image), str(rois), "-o", str(tmp_path / "f.bmp")]) == 1
    assert "f.bmp: a figure is .png, .svg or .pdf; give such a name" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_holes_stay_open():
    mask = np.zeros((9, 9), bool)
    mask[1:8, 1:8] = True
    mask[3:5, 3:6] = False
    drawn = []

    class Axes:
        def add_patch(self, patch):
            drawn.append(patch.get_path())

    module._outline(Axes(), mask, "red")
    # A second library fills the polygons: outer ones with 1, holes with 0.
    picture = Picture.new("L", (90, 90))
    for polygon in sorted(drawn[0].to_polygons(), key=lambda p: -np.ptp(p)):
        value = 0 if np.ptp(polygon) < 6 else 1
        corners = [(x * 10, y * 10) for x, y in polygon]
        ImageDraw.Draw(picture).polygon(corners, fill=value)
    assert (np.asarray(picture)[5::10, 5::10].astype(bool) == mask).all()
