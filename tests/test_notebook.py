"""Results in a notebook: what Chromium, matplotlib and nbclient see of them."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
from pathlib import Path

import imagecodecs
import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from matplotlib.path import Path as Outline
from nbclient import NotebookClient
from rigs.chromium import chromium

import pyrhi
from pyrhi.errors import ParameterError
from pyrhi.notebook import slice_svg

pytestmark = pytest.mark.slow

NOTEBOOKS = Path(__file__).parents[1] / "docs" / "notebooks"


@pytest.fixture
def result(axial: Path) -> pyrhi.Measurement:
    return pyrhi.measure(axial / "t2_axial_022.tif")


def test_chromium_draws_the_outlines_around_the_counted_pixels(result, axial: Path, tmp_path: Path):
    tables = pyrhi.measure_folder(axial, jobs=1)
    page = tmp_path / "page.html"
    text = f"<!DOCTYPE html><meta charset=utf-8>{result._repr_html_()}{tables._repr_html_()}"
    page.write_text(text, encoding="utf-8")
    with chromium(tmp_path) as browser:
        browser.get(page.as_uri())
        message = browser.execute_script("return document.body.innerText")
        # The browser's own opinion of which pixel corners lie inside the outlines.
        inside = browser.execute_script(
            "const out = [];"
            "for (const path of document.querySelectorAll('svg g path')) {"
            "  const box = path.getBBox(); let n = 0;"
            "  for (let x = Math.floor(box.x); x < box.x + box.width; x++)"
            "    for (let y = Math.floor(box.y); y < box.y + box.height; y++)"
            "      n += path.isPointInFill(new DOMPoint(x + 0.5, y + 0.5));"
            "  out.push(n);"
            "} return out"
        )
        logged = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert inside == [int(result.worst.cord_mask.sum()), int(result.worst.high_mask.sum())]
    for words in ("t2_axial_022.tif: RHI 28.41 % on slice 1", "56.32", "1 patient, 16 rows",
                  "Research use only; not a medical device.", "5 mm"):  # fmt: skip
        assert words in message
    assert logged == []


def test_names_are_text_whatever_they_say(tmp_path: Path, axial: Path):
    for suffix in (".tif", ".zip"):
        source = (axial / f"t2_axial_022{suffix}").read_bytes()
        (tmp_path / f"<b onclick=x>{suffix}").write_bytes(source)
    html = pyrhi.measure(tmp_path / "<b onclick=x>.tif")._repr_html_()
    assert "<b onclick" not in html
    assert "&lt;b onclick=x&gt;.tif" in html
    (tmp_path / "<i>.tif").write_bytes(b"none")
    assert "<i>" not in pyrhi.measure_folder(tmp_path, jobs=1)._repr_html_()


def test_slices_stand_upright_with_letters(sample: Path):
    nifti = sample / "nifti"
    with pyrhi.read_image(nifti / "t2_cord.nii.gz") as image:
        cord = np.stack([image.plane(n) for n in range(1, image.n_slices + 1)])
    result = pyrhi.measure(nifti / "t2.nii.gz", pyrhi.mask_to_rois(cord, "cord"))
    svg = slice_svg(result.worst, result.frame)
    for letter in "APSI":
        assert f">{letter}</text>" in svg
    png = base64.b64decode(svg.split("base64,")[1].split('"')[0])
    shown = imagecodecs.png_decode(png)
    axes = result.plot()
    # The same picture as matplotlib draws, head up.
    drawn = axes.images[0].get_array()
    assert shown.shape == drawn.shape
    assert np.corrcoef(shown.ravel(), np.ma.getdata(drawn).ravel())[0, 1] > 0.9


def test_plot_returns_axes_whose_outlines_hold_the_pixels(result):
    mpl.use("agg")
    axes = result.plot()
    assert axes.get_title() == "RHI 28.41 %, slice 1"
    lines = {line.get_label(): line for line in axes.lines}
    rows, columns = axes.images[0].get_array().shape
    y, x = np.mgrid[:rows, :columns] + 0.5
    points = np.column_stack([x.ravel(), y.ravel()])
    for name, mask in (("cord", result.worst.cord_mask), ("high", result.worst.high_mask)):
        outline = Outline(lines[name].get_xydata())
        assert outline.contains_points(points).sum() == mask.sum()
    with pytest.raises(ParameterError, match="slice_number 9 was not measured; there are 1"):
        result.plot(9)
    other = mpl.figure.Figure().subplots()
    assert result.plot(ax=other) is other


def test_a_folders_plot_has_every_slice_and_patient(axial: Path):
    mpl.use("agg")
    tables = pyrhi.measure_folder(axial, jobs=1)
    axes = tables.plot()
    assert sorted(axes.lines[0].get_ydata()) == sorted(tables.rhi.RHI)
    assert list(axes.lines[1].get_ydata()) == list(tables.patients.RHI)


def test_progress_on_request_and_logging_instead_of_printing(
    axial: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
):
    (tmp_path / "broken.tif").write_bytes(b"none")
    for suffix in (".tif", ".zip"):
        (tmp_path / f"a{suffix}").write_bytes((axial / f"t2_axial_022{suffix}").read_bytes())
    with caplog.at_level(logging.INFO, logger="pyrhi"):
        pyrhi.measure_folder(tmp_path, jobs=1)
    assert [r.levelname for r in caplog.records if "broken.tif" in r.message] == ["WARNING"]
    assert capsys.readouterr() == ("", "")
    pyrhi.measure_folder(tmp_path, jobs=1, progress=True)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "2/2" in printed.err


@pytest.mark.parametrize("name", ["study", "masks"])
def test_the_notebooks_of_the_docs_say_what_they_show(name: str):
    """Run again, every text and table is the one that is stored."""
    stored = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    again = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    NotebookClient(again, timeout=600, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    shown = 0
    for before, after in zip(stored.cells, again.cells, strict=True):
        assert _printed(before) == _printed(after)
        shown += len(before.get("outputs", ()))
    assert shown >= 5


def _printed(cell: nbformat.NotebookNode) -> str:
    outputs = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        outputs.append({kind: data[kind] for kind in ("text/plain", "text/html") if kind in data})
        if "image/png" in data:
            size = imagecodecs.imread(io.BytesIO(base64.b64decode(data["image/png"]))).shape
            outputs.append(size)
    # Pictures are compared by their size: another zlib writes other bytes of the same pixels.
    return re.sub(r"base64,[^\"\\]*", "", json.dumps(outputs))
