"""The scripts with a screen: ROI Manager, table RHI, and what SciJava is told is shown."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from fiji_scripts.test_measure_rhi import CHOICES, JYTHON, draw, drawn_on, pixels_of
from rigs.image_set import CORD, SIZE, box, cord, high, make_images, outline
from rigs.imagej_window import screen
from rigs.scijava import ScriptContext, script_context

import pyrhi
from pyrhi.fiji import shipped_files
from pyrhi.imagej.thresholds import METHODS
from pyrhi.io.rois import decode_roi

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = Path(pyrhi.__file__).parent / "sample"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptContext]:
    folder = tmp_path_factory.mktemp("screen") / "Fiji.app"
    with screen() as display, script_context(folder, environment={"DISPLAY": display}) as context:
        yield context


@pytest.fixture(scope="module")
def with_main_window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptContext]:
    """With ImageJ's main window, whose status bar says what SciJava says, as in Fiji."""
    folder = tmp_path_factory.mktemp("main") / "Fiji.app"
    with screen() as display, script_context(folder, environment={"DISPLAY": display}) as context:
        context.run(str(JYTHON / "main_window.py"))
        yield context


@pytest.fixture
def empty(shown: ScriptContext) -> ScriptContext:
    """No ROI Manager and no table."""
    shown.run(str(JYTHON / "managed.py"), keep="false")
    return shown


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_images(tmp_path_factory.mktemp("images"))


def managed(scripts: ScriptContext) -> dict[str, str]:
    return scripts.run(str(JYTHON / "managed.py"), keep="true")


def test_table_is_shown_once_and_is_that_of_headless(empty: ScriptContext, scripts: ScriptContext):
    path = SAMPLE / "axial_slices" / "t2_axial_022.tif"
    outputs = empty.run("Measure_RHI", imp=path, **CHOICES)
    assert outputs == scripts.run("Measure_RHI", imp=path, **CHOICES) | {"!resolved": "summary,table"}
    assert managed(empty)["windows"] == "RHI"


def test_roi_manager_wins_over_what_is_drawn(empty: ScriptContext, images: Path):
    path = images / "patient one" / "sixteen.tif"
    draw(empty, path, [("cord", box("cord", "RECT", (0, 0, 5, 5)))], "overlay")
    draw(empty, "front", [cord(), high()], "manager")
    outputs = empty.run("Measure_RHI", imp="front", **CHOICES)
    assert "ROIs from: ROI Manager." in outputs["summary"]
    assert "\t318\t20" in outputs["table"]
    assert managed(empty)["names"] == "cord|high"


def test_edited_selection_that_was_not_updated_is_told(empty: ScriptContext, images: Path):
    path = images / "patient one" / "sixteen.tif"
    draw(empty, path, [cord(), high()], "manager")
    draw(empty, "front", [("cord", outline("cord", CORD[:4]))], "selection")
    summary = empty.run("Measure_RHI", imp="front", **CHOICES)["summary"]
    assert "the selection 'cord' differs from the ROI of that name in the ROI Manager" in summary
    draw(empty, "front", [cord()], "selection")
    summary = empty.run("Measure_RHI", imp="front", **CHOICES)["summary"]
    assert "differs" not in summary


def test_found_goes_to_the_roi_manager_with_the_others(empty: ScriptContext, images: Path):
    path = images / "Stapel" / "positions.tif"
    outputs = empty.run("Find_High_Intensity", imp=path, high="Otsu", custom="")
    assert outputs["!resolved"] == "summary"
    manager = managed(empty)
    rois = ["cord-1", "cord-3", "high-3", "0004-0030-0030 cord", "high-001", "high-004"]
    assert manager["names"].split("|") == rois
    assert manager["marks"] == "||||found|found"
    selection = drawn_on(empty)["selection"]
    assert (selection["name"], selection["group"]) == ("high-001", 2)
    assert pixels_of(selection, SIZE).any()
    empty.run("Find_High_Intensity", imp="front", high="auto", custom="1900")
    assert managed(empty)["names"].split("|") == rois
    direct = empty.run("Measure_RHI", imp="front", **CHOICES)["table"]
    empty.run(str(JYTHON / "managed.py"), keep="false")
    again = empty.run("Measure_RHI", imp=path, **(CHOICES | {"custom": "1900"}))["table"]
    assert [row.split("\t")[4:15] for row in direct.splitlines()] == [
        row.split("\t")[4:15] for row in again.splitlines()
    ]


@pytest.mark.parametrize("press", ["Update", "Add"])
def test_a_found_outline_is_corrected_by_update(
    empty: ScriptContext, axial: Path, tmp_path: Path, press: str
):
    path = shutil.copy(axial / "t2_axial_022.tif", tmp_path)
    rois = {roi.name: roi.data for roi in pyrhi.read_rois(axial / "t2_axial_022.zip")}
    draw(empty, path, [("cord", rois["cord"])], "manager")
    empty.run("Find_High_Intensity", imp="front", high="auto", custom="")
    box_found = json.loads(empty.run(str(JYTHON / "inspect_image.py"), imp="front")["selection"])
    found = decode_roi(base64.b64decode(box_found["data"]))
    # Nobody has chosen it in the list: Update would ask for that.
    empty.run(str(JYTHON / "correct.py"), imp="front", press=press)
    outputs = empty.run("Measure_RHI", imp="front", **CHOICES)
    area = (found.width + 2) * found.height
    row = dict(zip(*(line.split("\t") for line in outputs["table"].splitlines()), strict=True))
    assert float(row["RHI"]) == pytest.approx(100 * area / 88, abs=1e-4)
    assert ("and a drawn one are added up" in outputs["summary"]) == (press == "Add")


def test_rhi_is_on_the_screen_and_in_the_log(empty: ScriptContext):
    path = SAMPLE / "axial_slices" / "t2_axial_022.tif"
    empty.written()
    outputs = empty.run("Measure_RHI", imp=path, **CHOICES)
    # Without ImageJ's main window the log is the standard output.
    log = empty.written().splitlines()
    assert log[0] == "slice 1: RHI 28.4 %."
    assert " ".join(log) == outputs["summary"]
    assert int(empty.run(str(JYTHON / "asked.py"))["width"]) >= 1000


def test_rhi_stays_in_the_status_bar_and_the_table_beside_the_log(with_main_window: ScriptContext):
    path = SAMPLE / "axial_slices" / "t2_axial_022.tif"
    for _ in range(2):
        with_main_window.run("Measure_RHI", imp=path, **CHOICES)
        screen_now = with_main_window.run(str(JYTHON / "on_screen.py"))
        # Fiji says that the command has finished, and then it is RHI again.
        assert screen_now["status"] == "Command finished: Measure RHI|slice 1: RHI 28.4 %."
        assert screen_now["windows"] == "Log|RHI"
        assert screen_now["covered"] == "False", screen_now["places"]


def test_what_a_macros_command_refuses_is_shown_and_ends_the_macro(with_main_window: ScriptContext):
    sentence = f"{'word ' * 30}end"
    asked = with_main_window.run(str(JYTHON / "refused_in_macro.py"), sentence=sentence)["asked"]
    assert " ".join(asked.split()).startswith(f"{sentence} in line 1")
    assert max(map(len, asked.splitlines())) <= 100


def test_help_button_of_each_dialog_shows_the_page(empty: ScriptContext):
    names = [Path(f.path).stem for f in shipped_files() if f.path.startswith("scripts/Plugins/RHI")]
    shown = {
        name: empty.run(str(JYTHON / "help_button.py"), path=empty.script(name)) for name in names
    }
    (page,) = {outputs["page"] for outputs in shown.values()}
    assert [name for name in names if name.replace("_", " ") not in page] == []
    cited = yaml.safe_load((Path(pyrhi.__file__).parents[1] / "CITATION.cff").read_text("utf-8"))
    assert cited["references"][0]["doi"] in page
    assert managed(empty)["windows"] == ""


def test_page_calls_parameters_as_the_dialogs_do(scripts: ScriptContext):
    (page,) = [file.data.decode() for file in shipped_files() if file.path.endswith("help.html")]
    explained = re.findall("<li><b>(.*?)</b>", page)
    assert len(explained) > 5
    labels = {line.split("\t")[2] for line in scripts.ask("list") if line.startswith("\t")}
    assert set(explained) <= labels


def another_images_set(scripts: ScriptContext, where: str = "manager") -> Path:
    """Put the set of slice 022 into the ROI Manager and return the path of slice 016."""
    other, path = (SAMPLE / "axial_slices" / f"t2_axial_{n}.tif" for n in ("022", "016"))
    rois = [(roi.name, roi.data) for roi in pyrhi.read_rois(other.with_suffix(".zip"))]
    draw(scripts, other, rois, where)
    return path


@pytest.mark.parametrize("where", ["manager", "opened"])
def test_another_images_set_is_asked_about_and_never_measured_without_a_word(
    empty: ScriptContext, where: str
):
    path = another_images_set(empty, where)
    empty.run(str(JYTHON / "answer.py"), choice="ROI file")
    outputs = empty.run("Measure_RHI", imp=path, **CHOICES)
    asked = empty.run(str(JYTHON / "asked.py"))["asked"]
    assert "t2_axial_016.tif" in asked
    assert "are not drawn on it and not in t2_axial_016.zip beside it" in asked
    assert "slice 1: RHI 4.8 %. rows measured: 1; ROIs from: ROI file." in outputs["summary"]
    # The answer holds as long as the image is open and the set the same.
    again = empty.run("Measure_RHI", imp="front", **CHOICES)
    assert again["table"] == outputs["table"]
    # Opened again, the image is asked about again; the person may insist.
    empty.run(str(JYTHON / "answer.py"), choice="ROI Manager")
    outputs = empty.run("Measure_RHI", imp=path, **CHOICES)
    assert "RHI 28.4 %" in outputs["summary"]
    empty.run(str(JYTHON / "answer.py"), choice="")
    outputs = empty.run("Measure_RHI", imp=path, **CHOICES)
    assert (outputs["table"], outputs["summary"]) == (
        "null", "nothing was measured: no ROIs were chosen",
    )  # fmt: skip


def test_another_images_set_is_refused_in_a_macro(empty: ScriptContext):
    path = another_images_set(empty)
    empty.run(str(JYTHON / "in_macro.py"), begin=True)
    try:
        outputs = empty.run("Measure_RHI", imp=path, **CHOICES)
    finally:
        empty.run(str(JYTHON / "in_macro.py"), begin=False)
    assert outputs["table"] == "null"
    assert outputs["summary"].startswith(
        "it is not known that the ROIs in the ROI Manager belong to t2_axial_016.tif: 'cord', "
    )
    empty.run(str(JYTHON / "in_macro.py"), begin=True)
    outputs = empty.run("Measure_RHI", imp=path, **CHOICES, rois="ROI Manager")
    assert "RHI 28.4 %" in outputs["summary"]
    outputs = empty.run("Measure_RHI", imp="front", **CHOICES, rois="ROI file")
    empty.run(str(JYTHON / "in_macro.py"), begin=False)
    assert "RHI 4.8 %" in outputs["summary"]


def test_another_images_set_does_not_become_this_ones_by_being_looked_at(empty: ScriptContext):
    other, path = (SAMPLE / "axial_slices" / f"t2_axial_{n}.tif" for n in ("022", "016"))
    choose = str(JYTHON / "choose.py")
    # ImageJ itself says now that both were drawn on it.
    assert empty.run(choose, imp=path, rois=other.with_suffix(".zip"))["drawn"] == "2"
    empty.run(str(JYTHON / "answer.py"), choice="ROI file")
    outputs = empty.run("Measure_RHI", imp="front", **CHOICES)
    asked = empty.run(str(JYTHON / "asked.py"))["asked"]
    assert "t2_axial_016.zip beside it holds other ROIs" in asked
    assert "slice 1: RHI 4.8 %. rows measured: 1; ROIs from: ROI file." in outputs["summary"]
    empty.run(str(JYTHON / "managed.py"), keep="false")
    assert empty.run(choose, imp=other, rois=other.with_suffix(".zip"))["drawn"] == "2"
    outputs = empty.run("Measure_RHI", imp="front", **CHOICES)
    assert "RHI 28.4 %. rows measured: 1; ROIs from: ROI Manager." in outputs["summary"]
    # One that is drawn beside them is no question.
    draw(empty, "front", [("high", box("high", "RECT", (8, 50, 3, 4)))], "manager")
    assert "ROI Manager" in empty.run("Measure_RHI", imp="front", **CHOICES)["summary"]


def test_the_set_of_the_file_beside_is_the_images_own(empty: ScriptContext):
    other = another_images_set(empty, "opened").with_name("t2_axial_022.tif")
    outputs = empty.run("Measure_RHI", imp=other, **CHOICES)
    assert "RHI 28.4 %. rows measured: 1; ROIs from: ROI Manager." in outputs["summary"]


def test_a_run_that_failed_is_not_recorded(empty: ScriptContext, tmp_path: Path):
    recorder = str(JYTHON / "recorder.py")
    path = SAMPLE / "axial_slices" / "t2_axial_022.tif"
    empty.run(recorder, command="Measure RHI")
    empty.run("Measure_RHI", imp=path, **CHOICES)
    assert empty.run(recorder, command="")["waits"] == "Measure RHI"
    lone = shutil.copy(path, tmp_path / "no rois.tif")
    assert empty.run("Measure_RHI", imp=lone, **CHOICES)["table"] == "null"
    assert empty.run(recorder, command="")["waits"] == "None"


def test_nothing_that_a_script_does_inside_is_recorded(empty: ScriptContext, tmp_path: Path):
    recorder = str(JYTHON / "recorder.py")
    source = shutil.copytree(SAMPLE / "axial_slices", tmp_path / "images")
    path = source / "t2_axial_022.tif"
    given = {"location": "unknown", "number": "unknown", "save": False, "model": "published"}
    for name, options in (
        ("Measure_RHI", {"imp": path, **CHOICES, "clip": True, "save": True}),
        ("Find_High_Intensity", {"imp": path, "high": "Otsu", "custom": ""}),
        ("Find_High_Intensity", {"imp": "front", "high": "Li", "custom": ""}),
        ("Measure_RHI", {"imp": "front", **CHOICES, "custom": "Otsu"}),
        ("Batch_RHI", {"input": source, "output": tmp_path / "out", "custom": "auto"}),
        ("Pain_Tier", {"source": "the table RHI on the screen", **given}),
    ):
        command = name.replace("_", " ")
        empty.run(recorder, command=command)
        empty.run(name, **options)
        recorder_now = empty.run(recorder, command="")
        # Fiji itself writes the one line, of the command that still waits.
        assert recorder_now == {"waits": command, "text": ""}


def test_tiers_of_the_table_on_the_screen(empty: ScriptContext):
    given = {"location": "unknown", "number": "unknown", "save": False, "model": "published"}
    source = "the table RHI on the screen"
    outputs = empty.run("Pain_Tier", source=source, **given)
    assert outputs["text"].startswith("there is no table RHI with the columns Patient and RHI")
    path = SAMPLE / "axial_slices" / "t2_axial_022.tif"
    empty.run("Measure_RHI", imp=path, **CHOICES)
    outputs = empty.run("Pain_Tier", source=source, **given)
    row = outputs["tiers"].splitlines()[1].split("\t")
    assert row[:3] == ["axial_slices", "28.4091", "mild"]
    assert outputs["text"].startswith("1 patients, 0 indeterminate. Model: published rhi")
    assert managed(empty)["windows"] == "Pain Tier|Pain Tiers|RHI"
    # A cell without a number hides no number of the same patient.
    empty.run(str(JYTHON / "show_table.py"), rows="A=nan A=33 A=10 B=nan")
    tiers = empty.run("Pain_Tier", source=source, **given)["tiers"].splitlines()[1:]
    assert [row.split("\t")[:2] for row in tiers] == [["A", "33"], ["B", ""]]


def test_batch_with_a_screen_writes_the_same(
    empty: ScriptContext, scripts: ScriptContext, tmp_path: Path
):
    source = tmp_path / "images"
    shutil.copytree(SAMPLE / "sagittal_stack", source)
    options = {"high": "auto", "custom": "", "clip": False}
    for name, context in (("screen", empty), ("headless", scripts)):
        context.run("Batch_RHI", input=source, output=tmp_path / name, **options)
    for table in ("rhi.csv", "failures.csv"):
        one, other = (tmp_path / name / table for name in ("screen", "headless"))
        assert one.read_bytes() == other.read_bytes()


def test_menu_labels_and_recorded_names(scripts: ScriptContext):
    found: dict[str, list[str]] = {}
    head: dict[str, list[str]] = {}
    for line in scripts.ask("list"):
        cells = line.split("\t")
        if cells[0]:
            head[cells[0]] = cells[1:]
            found[cells[0]] = names = []
        elif cells[1] not in ("about", "help"):
            names.append(cells[1])
    jython = {k: v for k, v in head.items() if v[2] == "Python (Jython)" and "in Python" not in k}
    assert jython == {
        f"Plugins > RHI > {label}": [label, "true", "Python (Jython)"]
        for label in ("Batch RHI", "Find High Intensity", "Measure RHI", "Pain Tier")
    }
    # What macros record: never to be renamed.
    assert {k.removeprefix("Plugins > RHI > "): v for k, v in found.items() if k in jython} == {
        "Batch RHI": ["input", "output", "high", "custom", "clip", "ignore"],
        "Find High Intensity": ["imp", "high", "custom", "rois"],
        "Measure RHI": ["imp", "high", "custom", "clip", "label", "save", "ignore", "rois"],
        "Pain Tier": [
            "source", "rhi", "location", "number", "table", "save", "model", "json",
        ],
    }  # fmt: skip


def test_every_script_offers_the_same_ways_in_the_same_words():
    ways = ["auto", *METHODS, "ref+3sd", "ref+3mad"]
    offered = {}
    for file in shipped_files():
        if file.path.startswith("scripts/Plugins/RHI/"):
            text = file.data.decode("ascii")
            for choices in re.findall(r"choices={([^}]*)}[^)]*\) high\n", text):
                offered[Path(file.path).stem] = re.findall(r'"([^"]*)"', choices)
    assert offered.pop("Find_High_Intensity") == ways
    assert sorted(offered) == ["Batch_RHI", "Measure_RHI", "Measure_RHI_in_Python"]
    assert all(choices == ["none", *ways] for choices in offered.values())
