"""Measure RHI and Find High Intensity on an open image, without a screen."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
import pydicom.data
import pytest
from rigs.image_set import HIGH_BOX, SIZE, box, cord, high, make_failures, make_images, write_tiff

import pyrhi
from pyrhi.cli.main import run
from pyrhi.imagej.mask import roi_mask
from pyrhi.io.rois import decode_roi, read_rois
from pyrhi.rhi.roles import Role, role_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rigs.scijava import ScriptContext

SAMPLE = Path(pyrhi.__file__).parent / "sample"
JYTHON = Path(__file__).parent / "jython"
CHOICES: dict[str, object] = {"high": "none"}
"""All other parameters have their documented default."""

CORD_COLOR, HIGH_COLOR = "00d5ff", "ff5040"


def measured(source: Path, output: Path, *options: str) -> bytes:
    """Return the ``rhi.csv`` of ``pyrhi measure``."""
    run(["measure", str(source), "-o", str(output), "--jobs", "1", *options])
    return (output / "rhi.csv").read_bytes()


def drawn_on(scripts: ScriptContext, imp: str | Path = "front") -> dict[str, Any]:
    """Return overlay and selection of an image."""
    drawn = scripts.run(str(JYTHON / "inspect_image.py"), imp=imp)
    return {key: json.loads(text) for key, text in drawn.items()}


def draw(
    scripts: ScriptContext, imp: str | Path, rois: list[tuple[str, bytes]], where: str
) -> None:
    text = json.dumps([(name, base64.b64encode(data).decode()) for name, data in rois])
    scripts.run(str(JYTHON / "draw.py"), imp=imp, rois=text, where=where)


def pixels_of(drawn: dict[str, Any], shape: tuple[int, int] = SIZE) -> NDArray[np.bool_]:
    return roi_mask(decode_roi(base64.b64decode(drawn["data"])), shape)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_images(tmp_path_factory.mktemp("images"))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """An image without ROIs."""
    values = np.arange(SIZE[0] * SIZE[1], dtype=np.uint16).reshape(SIZE)
    write_tiff(tmp_path / "plain" / "slice.tif", values)
    return tmp_path / "plain" / "slice.tif"


@pytest.mark.parametrize("mode", ["none", "auto"])
def test_saved_table_is_that_of_pyrhi_for_every_image(
    scripts: ScriptContext, images: Path, tmp_path: Path, mode: str
):
    names = ["signed.tif", "levels.tif", "hole.tif", "positions.tif", "hyper.tif", "overlay.tif"]
    names += ["uncalibrated.tif", "dpi.tif", "edge.tif", "eight.png", "differ.tif", "groups.tif"]
    names += ["Größe 1, L2.tif", "none.tif", "function.tif", "cord.tif", "only.tif"]
    for path in sorted(p for p in images.rglob("*") if p.name in names):
        scripts.run("Measure_RHI", imp=path, **(CHOICES | {"high": mode, "save": True}))
        saved = path.with_name(f"{path.stem}.rhi.csv")
        options = [] if mode == "none" else ["--high", mode]
        assert saved.read_bytes() == measured(path, tmp_path / path.stem, *options), path.name
        saved.unlink()


def test_table_and_outlines(scripts: ScriptContext):
    path = SAMPLE / "axial_slices" / "t2_axial_022.tif"
    outputs = scripts.run("Measure_RHI", imp=path, **CHOICES)
    heading, row = (line.split("\t") for line in outputs["table"].splitlines())
    found = dict(zip(heading, row, strict=True))
    assert (found["Image"], found["Patient"]) == ("t2_axial_022.tif", "axial_slices")
    assert float(found["RHI"]) == pytest.approx(28.4091, abs=5e-5)
    assert (found["Unit"], found["Method"]) == ("mm^2", "drawn")
    assert outputs["summary"].startswith("slice 1: RHI 28.4 %. rows measured: 1; ROIs from: ROI file.")
    assert list(found)[:4] == ["Image", "Slice", "Level", "RHI"]
    assert outputs["summary"].endswith("Research use only; not a medical device.")
    overlay = drawn_on(scripts)["overlay"]
    assert {roi["mark"] for roi in overlay} == {"outline"}
    assert [(roi["color"], roi["text"]) for roi in overlay] == [
        (CORD_COLOR, None), (HIGH_COLOR, None), (HIGH_COLOR, "28.4 %"),
    ]  # fmt: skip
    scripts.run("Measure_RHI", imp="front", **CHOICES, label="no")
    assert [roi["text"] for roi in drawn_on(scripts)["overlay"]] == [None, None]


def test_measuring_twice_gives_the_same_and_outlines_do_not_pile_up(
    scripts: ScriptContext, images: Path
):
    choices = CHOICES | {"custom": "Otsu"}
    first = scripts.run("Measure_RHI", imp=images / "patient two, =L2" / "none.tif", **choices)
    before = drawn_on(scripts)["overlay"]
    second = scripts.run("Measure_RHI", imp="front", **choices)
    assert first == second
    assert "Otsu" in second["table"]
    assert drawn_on(scripts)["overlay"] == before
    assert len(before) == 3


def test_image_stays_as_it_was(scripts: ScriptContext, images: Path):
    path = images / "Stapel" / "positions.tif"
    draw(scripts, path, [("mine", box("mine", "RECT", (1, 1, 5, 5)))], "selection")
    before = drawn_on(scripts)["selection"]
    outputs = scripts.run("Measure_RHI", imp="front", **CHOICES)
    # The selection alone has no cord: that is said, and nothing is changed.
    assert outputs["summary"].startswith("no cord ROI among 'mine'; name the whole cord 'cord'")
    assert drawn_on(scripts) == {"selection": before, "overlay": []}


@pytest.mark.parametrize("where", ["overlay", "selection"])
def test_rois_drawn_on_the_image_win_over_the_file_beside_it(
    scripts: ScriptContext, plain: Path, where: str
):
    shutil.copy(SAMPLE / "axial_slices" / "t2_axial_022.zip", plain.with_suffix(".zip"))
    drawn = [("cord", box("cord", "RECT", (10, 10, 30, 20)))]
    drawn += [("high", box("high", "RECT", (10, 10, 15, 20)))] if where == "overlay" else []
    draw(scripts, plain, drawn, where)
    outputs = scripts.run("Measure_RHI", imp="front", **CHOICES)
    assert "ROIs from: overlay and selection." in outputs["summary"]
    assert "slice.zip beside the image holds other ROIs than those drawn on it" in outputs["summary"]
    row = dict(zip(*(line.split("\t") for line in outputs["table"].splitlines()), strict=True))
    assert float(row["CordArea"]) == 50
    assert float(row["RHI"]) == (25 if where == "overlay" else 0)


def test_selection_that_is_an_overlay_roi_counts_once(scripts: ScriptContext, plain: Path):
    both = [cord(), high()]
    draw(scripts, plain, both, "overlay")
    draw(scripts, "front", both[:1], "selection")
    assert "table" in scripts.run("Measure_RHI", imp="front", **CHOICES)
    summary = scripts.run("Measure_RHI", imp="front", **CHOICES)["summary"]
    assert "rows measured: 1; ROIs from: overlay and selection." in summary


def wrong(scripts: ScriptContext, imp: str | Path, **choices: Any) -> str:
    """Return the sentence, which stands once as output and once in the error stream."""
    scripts.written()
    outputs = scripts.run("Measure_RHI", imp=imp, **(CHOICES | choices))
    assert outputs["table"] == "null"
    lines = [line for line in scripts.written().splitlines() if not line.startswith("LUT not found")]
    assert lines == [outputs["summary"]]
    return outputs["summary"]


def test_wrong_use_is_one_sentence(scripts: ScriptContext, plain: Path, images: Path):
    assert wrong(scripts, "") == (
        "the image has no pixels (0 x 0): no image was given; open a T2 image, or give the script "
        "its parameter imp"
    )
    assert wrong(scripts, plain).startswith("slice.tif: no ROIs in the ROI Manager, in the overl")
    draw(scripts, plain, [("cord", box("cord", "LINE", (3, 3, 30, 40)))], "overlay")
    assert wrong(scripts, "front", custom="Otsu").startswith("no cord ROI") is False
    assert wrong(scripts, "front").startswith("ROI 'cord' is a line selection and cannot be a cord")
    draw(scripts, plain, [high()], "overlay")
    assert wrong(scripts, "front").startswith("no cord ROI among 'high'; name the whole cord")
    assert wrong(scripts, "front", custom="otzu").startswith("--high 'otzu' is not known; use a")
    rgb = images / "patient one" / "rgb.tif"
    rgb_cord = [cord()]
    draw(scripts, rgb, rgb_cord, "overlay")
    assert wrong(scripts, "front", custom="Otsu") == (
        "--high Otsu: ImageJ does not threshold RGB images; convert it to 8-bit"
    )


def test_failures_are_those_of_the_batch(scripts: ScriptContext, tmp_path: Path):
    source = tmp_path / "images"
    source.mkdir()
    make_failures(source)
    run(["measure", str(source), "-o", str(tmp_path / "out"), "--jobs", "1"])
    failures = (tmp_path / "out" / "failures.csv").read_text(encoding="utf-8")
    for name in ("two cords", "no cord of level", "off the image", "beyond the stack", "cut roi"):
        sentence = wrong(scripts, source / f"{name}.tif")
        assert re.split("; or use --", sentence)[0].replace('"', '""') in failures


def test_never_saved_image_cannot_save_its_table(scripts: ScriptContext, tmp_path: Path):
    path = tmp_path / "gone.tif"
    write_tiff(path, np.zeros(SIZE, np.uint8))
    draw(scripts, path, [cord()], "overlay")
    path.unlink()
    assert wrong(scripts, "front", save=True) == (
        "gone.tif: the image was never saved, so its table has no place; save the image first"
    )


@pytest.mark.parametrize(
    ("name", "command", "shown"),
    [
        ("axial_slices/t2_axial_022.tif", "Crop", "20 x 20 pixels and 1 slices, its file holds 29 x 99 "),
        ("sagittal_stack/t2_sagittal.tif", "Delete Slice", "99 x 99 pixels and 28 slices, its file "),
    ],
)  # fmt: skip
def test_a_changed_image_is_not_measured_by_the_file_beside_what_it_was(
    scripts: ScriptContext, tmp_path: Path, name: str, command: str, shown: str
):
    shutil.copytree((SAMPLE / name).parent, tmp_path / "images")
    path = tmp_path / "images" / Path(name).name
    scripts.run(str(JYTHON / "inspect_image.py"), imp=path)
    scripts.run(str(JYTHON / "run_command.py"), imp="front", command=command)
    outputs = scripts.run("Measure_RHI", imp="front", **CHOICES)
    assert outputs["table"] == "null"
    assert f"{path.name}: the window shows {shown}" in outputs["summary"]
    # What is drawn on it now is its own, but its table would be taken for that of the file.
    draw(scripts, "front", [("cord", box("cord", "RECT", (0, 0, 9, 9)))], "overlay")
    assert "RHI 0.0 %" in scripts.run("Measure_RHI", imp="front", **CHOICES)["summary"]
    outputs = scripts.run("Measure_RHI", imp="front", **CHOICES, save=True)
    assert "save the changed image under a name of its own" in outputs["summary"]
    assert not list(path.parent.glob("*.rhi.csv"))


@pytest.mark.parametrize("mode", ["auto", "200.5", "ref+2sd", "Otsu", "Huang", "MinError"])
def test_found_regions_are_those_of_pyrhi(
    scripts: ScriptContext, images: Path, tmp_path: Path, mode: str
):
    path = images / "patient two, =L2" / "reference.tif"
    outputs = scripts.run("Find_High_Intensity", imp=path, high="auto", custom=mode)
    assert outputs["summary"].endswith("Research use only; not a medical device.")
    measured(path, tmp_path, "--high", mode)
    rois = read_rois(tmp_path / "rois" / "reference.RoiSet.zip")
    expected = [roi_mask(roi, SIZE) for roi in rois if role_of(roi) is Role.HIGH]
    drawn = drawn_on(scripts)
    found = [roi for roi in drawn["overlay"] if roi["mark"] == "found"]
    assert len(found) == len(expected)
    for roi, mask in zip(found, expected, strict=True):
        assert (roi["name"], roi["group"], roi["color"]) == ("high", 2, HIGH_COLOR)
        np.testing.assert_array_equal(pixels_of(roi), mask)
        assert drawn["selection"]["name"] == "high"
        np.testing.assert_array_equal(pixels_of(drawn["selection"]), mask)
    # Measured next, what was found counts as drawn, with the same RHI.
    found_table = scripts.run("Measure_RHI", imp="front", **CHOICES)["table"].splitlines()[1]
    again = scripts.run("Measure_RHI", imp=path, **(CHOICES | {"custom": mode}))
    direct = again["table"].splitlines()[1]
    assert found_table.split("\t")[3:14] == direct.split("\t")[3:14]
    assert found_table.split("\t")[15] == "drawn"


def test_search_replaces_what_was_found_before_and_leaves_what_was_drawn(
    scripts: ScriptContext, images: Path
):
    path = images / "Stapel" / "positions.tif"
    summary = scripts.run("Find_High_Intensity", imp=path, high="Otsu", custom="")["summary"]
    assert "slice 1: " in summary
    assert "slice 3: a high ROI is drawn, so none was looked for." in summary
    first = drawn_on(scripts)["overlay"]
    assert [(r["name"], r["position"]) for r in first if r["mark"] == "found"] == [
        ("high-001", 1),
        ("high-004", 4),
    ]
    scripts.run("Find_High_Intensity", imp="front", high="auto", custom="1900")
    second = drawn_on(scripts)["overlay"]
    assert [r["name"] for r in second] == [r["name"] for r in first]
    assert second != first
    summary = scripts.run("Find_High_Intensity", imp="front", high="auto", custom="1e6")["summary"]
    assert "slice 1: no pixel of the cord is high by fixed 1e+06." in summary
    drawn = drawn_on(scripts)
    assert not [r for r in drawn["overlay"] if r["mark"] == "found"]
    assert drawn["selection"] is None
    assert {"cord-1", "high-3"} <= {r["name"] for r in drawn["overlay"]}


def test_search_without_cord_or_way_is_one_sentence(scripts: ScriptContext, plain: Path):
    summary = scripts.run("Find_High_Intensity", imp=plain, high="auto", custom="")["summary"]
    assert summary.startswith("slice.tif: no ROIs in the ROI Manager")
    draw(scripts, plain, [("high", box("high", "OVAL", HIGH_BOX))], "overlay")
    summary = scripts.run("Find_High_Intensity", imp="front", high="auto", custom="")["summary"]
    assert summary.startswith("no cord ROI among 'high'")
    summary = scripts.run("Find_High_Intensity", imp="front", high="auto", custom="Otzu")["summary"]
    assert summary.startswith("--high 'Otzu' is not known; use a method (Default, Huang")


def test_what_another_script_left_behind_is_not_taken(scripts: ScriptContext, tmp_path: Path):
    """SciJava keeps parameters by name; without a screen one that is not given has its default."""
    left = {"high": "Otsu", "custom": "700", "rois": "ROI Manager", "model": "cutpoints"}
    ticks = {"clip": True, "ignore": True, "save": True}
    scripts.run(str(JYTHON / "foreign.py"), **left, **ticks)
    assert scripts.run(str(JYTHON / "foreign.py"))["kept"] == "700"
    folder = shutil.copytree(SAMPLE / "axial_slices", tmp_path / "axial_slices")
    before = sorted(folder.iterdir())
    outputs = scripts.run("Measure_RHI", imp=folder / "t2_axial_022.tif")
    row = dict(zip(*(line.split("\t") for line in outputs["table"].splitlines()), strict=True))
    assert (row["Method"], row["RHI"]) == ("drawn", "28.4091")
    scripts.run("Batch_RHI", input=folder, output=tmp_path / "out")
    assert (tmp_path / "out" / "rhi.csv").read_bytes() == measured(folder, tmp_path / "by pyrhi")
    assert (
        "by auto"
        in scripts.run("Find_High_Intensity", imp=plain_cord(scripts, tmp_path))["summary"]
    )
    tier = scripts.run("Pain_Tier", rhi="42")["text"]
    assert "Model: published" in tier
    assert sorted(folder.iterdir()) == before


def plain_cord(scripts: ScriptContext, folder: Path) -> str:
    path = folder / "cord only" / "slice.tif"
    write_tiff(path, np.arange(SIZE[0] * SIZE[1], dtype=np.uint16).reshape(SIZE))
    draw(scripts, path, [cord()], "overlay")
    return "front"


def test_no_parameter_is_kept_and_every_one_has_a_value_to_record(scripts: ScriptContext):
    """A File without a value would not be recorded, and a replay would stop at the dialog."""
    seen = 0
    for line in scripts.ask("list"):
        cells = line.split("\t")
        if cells[0] or cells[1] in ("imp", "scripts", "objects"):
            continue
        name, _, type_, value, required, persisted = cells[1:]
        assert persisted == "false", name
        # Without a screen ImageJ2 ends a script that lacks one, and says nothing.
        assert required == "false" or value != "null", name
        # A button has no value, and ImageJ2 records none.
        assert value != "null" or name in ("input", "output", "help"), (name, type_)
        seen += 1
    assert seen > 25


def test_nothing_is_written_into_a_dicom_folder_and_micrometres_are_millimetres(
    scripts: ScriptContext, tmp_path: Path
):
    path = tmp_path / "series" / "IM0001.tif"
    values = np.arange(SIZE[0] * SIZE[1], dtype=np.uint16).reshape(SIZE)
    write_tiff(path, values)
    draw(scripts, path, [cord(), high()], "overlay")
    before = scripts.run("Measure_RHI", imp="front", **CHOICES)["table"].splitlines()[1].split("\t")
    scripts.run(str(JYTHON / "as_dicom.py"), imp="front")
    outputs = scripts.run("Measure_RHI", imp="front", **CHOICES, save=True)
    after = outputs["table"].splitlines()[1].split("\t")
    assert after[:-2] == before[:-2]
    assert after[-2] == "pixel size in micron: areas are in mm^2"
    assert "not saved: nothing is written into a DICOM folder" in outputs["summary"]
    assert [p.name for p in path.parent.iterdir()] == ["IM0001.tif"]


def test_imagejs_own_dicom_import_is_measured_in_millimetres(
    scripts: ScriptContext, tmp_path: Path
):
    path = tmp_path / "series" / "IM0001"
    path.parent.mkdir()
    # Its preamble is that of a TIFF.
    shutil.copy(pydicom.data.get_testdata_file("MR_small.dcm"), path)
    draw(scripts, path, [("cord", box("cord", "RECT", (10, 10, 30, 20)))], "overlay")
    outputs = scripts.run("Measure_RHI", imp="front", **CHOICES, save=True)
    row = dict(zip(*(line.split("\t") for line in outputs["table"].splitlines()), strict=True))
    spacing = pydicom.dcmread(path).PixelSpacing
    assert float(row["CordArea"]) == pytest.approx(200 * spacing[0] * spacing[1], abs=1e-4)
    assert (row["Unit"], row["Image"]) == ("mm^2", "IM0001")
    assert "not saved: nothing is written into a DICOM folder" in outputs["summary"]
    assert [p.name for p in path.parent.iterdir()] == ["IM0001"]
