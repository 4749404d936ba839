"""``pyrhi figure``: what the panels show, judged by a second library and by the drawn paths."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from matplotlib.path import Path as Outline
from PIL import Image as Picture
from PIL import ImageDraw

import pyrhi
from pyrhi.cli.main import run
from pyrhi.io.rois import encode_mask, write_roiset
from pyrhi.report import figure as module
from pyrhi.report.figure import draw_figure, panel_box

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
    shown = texts(out)
    # rhi.csv of the sample: 56.32 mm^2, 16 mm^2, 28.409...
    assert any("A 56.32 mm²,  B 16.00 mm²,  RHI = 100 · B / A = 28.41 %" in t for t in shown)
    assert shown.count("5 mm") == 2
    assert {"A  whole cord", "B  high-intensity area", NOTICE} <= set(shown)
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


def test_an_image_without_pixel_size_gets_no_bar_but_a_sentence(
    sample: Path, tmp_path: Path, capsys
):
    image, rois = axial(sample)
    bare = tmp_path / "bare.tif"
    tifffile.imwrite(bare, tifffile.imread(image))
    out = tmp_path / "figure.svg"
    assert run(["figure", str(bare), str(rois), "-o", str(out)]) == 0
    assert "No pixel size: no scale bar, areas in pixel²." in capsys.readouterr().err
    shown = texts(out)
    assert not any(re.fullmatch(r"[0-9.]+ \w+", t) for t in shown)
    assert any("pixel²" in t and "RHI = 100 · B / A = 28.41 %" in t for t in shown)


@pytest.mark.slow
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
            module.NumpyEngine(opened),
            module.RhiParameters(),
        )
    x, y, w, h = panel_box(measured.rhi, width, height)
    assert 0 <= x < x + w <= width
    assert 0 <= y < y + h <= height
    outside = measured.rhi[0].cord.pixels(height, width)
    outside[y : y + h, x : x + w] = False
    assert not outside.any()


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


def drawn(image_path: Path, rois_path: Path, **chosen):
    """Render a figure and return it with its pixels and the measured rows."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with pyrhi.read_image(image_path) as image:
        rows = module.measure_image(
            image, pyrhi.read_rois(rois_path), module.NumpyEngine(image), module.RhiParameters()
        ).rhi
        rows = [row for row in rows if row.slice == chosen.get("number", row.slice)]
        figure = module._figure(image, rows, scale=True)
        shape = image.height, image.width
    figure.set_dpi(300)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return figure, np.asarray(canvas.buffer_rgba())[..., :3].astype(int), rows, shape


@pytest.mark.parametrize(
    ("folder", "name", "rois", "number"),
    [
        ("axial_slices", "t2_axial_022.tif", "t2_axial_022.zip", 1),
        ("sagittal_stack", "t2_sagittal.tif", "t2_sagittal.RoiSet.zip", 15),
    ],
)
def test_coloured_pixels_are_the_measured_ones(
    sample: Path, folder: str, name: str, rois: str, number: int
):
    """The picture itself: at each pixel's centre there is colour where the mask is, else grey."""
    figure, picture, rows, (height, width) = drawn(
        sample / folder / name, sample / folder / rois, number=number
    )
    x, y, w, h = panel_box(rows, width, height)
    yy, xx = np.mgrid[y : y + h, x : x + w]
    centres = np.column_stack([xx.ravel() + 0.5, yy.ravel() + 0.5])
    for axes, region in zip(figure.axes, (rows[0].cord, rows[0].high), strict=True):
        places = axes.transData.transform(centres)
        columns = np.floor(places[:, 0]).astype(int)
        lines = np.floor(picture.shape[0] - places[:, 1]).astype(int)
        colours = picture[lines, columns]
        coloured = np.ptp(colours, axis=1).reshape(h, w) > 0
        mask = region.pixels(height, width)[y : y + h, x : x + w]
        assert mask.any()
        assert (coloured == mask).all()


@pytest.mark.parametrize("kind", ["16bit", "anisotropic"])
def test_pixels_have_their_shape_and_the_bar_its_length(data: Path, kind: str, tmp_path: Path):
    """In the SVG: the bar against the panel, whose width in mm is that of its pixels."""
    image = data / "golden" / f"t2_sagittal_{kind}.tif"
    rois = pyrhi.read_rois(data / "golden" / f"t2_sagittal_{kind}.RoiSet.zip")
    area = next(roi for roi in rois if roi.is_area)
    mask = np.zeros((1, 1), bool)
    with pyrhi.read_image(image) as opened:
        calibration = opened.calibration
        mask = pyrhi.measure(opened, [replace(area, name="cord")]).slices[0].cord_mask
    write_roiset(tmp_path / "r.zip", [("cord", encode_mask(mask, name="cord"))])
    figure, _, _, _ = drawn(image, tmp_path / "r.zip", number=1)
    matrix = figure.axes[0].transData.get_matrix()
    ratio = abs(matrix[1, 1]) / matrix[0, 0]
    assert ratio == pytest.approx(calibration.pixel_height / calibration.pixel_width, rel=1e-9)
    assert (kind == "anisotropic") == (abs(ratio - 1) > 0.01)
    draw_figure(image, tmp_path / "r.zip", tmp_path / "f.svg", slices=(1,))
    bar = next(
        e
        for e in ET.parse(tmp_path / "f.svg").iter(f"{SVG}path")
        if "stroke: #ffffff; stroke-width: 2.5" in e.get("style", "")
    )
    (x1, y1), (x2, y2) = (map(float, p.split()) for p in re.split("[ML]", bar.get("d"))[1:])
    assert y1 == y2
    shown = next(t for t in texts(tmp_path / "f.svg") if re.fullmatch(r"[0-9.]+ \w+", t))
    points_per_pixel = matrix[0, 0] * 72 / 300
    in_unit = (x2 - x1) / points_per_pixel * calibration.pixel_width
    assert shown == f"{in_unit:.4g} {calibration.unit}"
    assert float(shown.split()[0]) == pytest.approx(in_unit, rel=1e-5)


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_same_input_same_bytes(sample: Path, tmp_path: Path, suffix: str):
    image, rois = axial(sample)
    for name in "ab":
        draw_figure(image, rois, tmp_path / f"{name}.{suffix}", dpi=72)
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_one_level_of_a_slice(tmp_path: Path, capsys):
    image, rois = tmp_path / "a.tif", tmp_path / "a.zip"
    tifffile.imwrite(image, np.arange(4096, dtype=np.uint16).reshape(64, 64), imagej=True)
    boxes = []
    for name, y, height in (("cord L2", 0, 20), ("high L2", 0, 4), ("cord L3", 30, 10)):
        mask = np.zeros((64, 64), bool)
        mask[y : y + height, 5:15] = True
        boxes.append((name, encode_mask(mask, name=name)))
    write_roiset(rois, boxes)
    out = tmp_path / "f.svg"
    assert len(draw_figure(image, rois, out, slices=(1,)).rows) == 2
    assert [row.level for row in draw_figure(image, rois, out, level="l3").rows] == ["L3"]
    assert any(t.startswith("Slice 1, L3:") for t in texts(out))
    assert run(["figure", str(image), str(rois), "-o", str(out), "--level", "T4"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "pyrhi: a.tif: no cord of level T4; levels of its cords: L2, L3"
