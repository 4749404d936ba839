"""The toolset, driven as a person would: real windows, mouse and keys, and pyrhi as the judge."""

from __future__ import annotations

import csv
import re
import shutil
import time
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rigs.imagej_window import MACROS, TESTED, TOOLS, ImageJWindow, imagej_window
from rigs.person import Person

import pyrhi
from pyrhi.cli.main import run
from pyrhi.errors import PyrhiError
from pyrhi.io.rois.files import find_rois, read_rois
from pyrhi.rhi.roles import level_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOOL_COUNT = 7
ZOOM = 3
COLORS = {"cord": 0xFF00D5FF, "high": 0xFFFF5040}
GROUPS = {"cord": 1, "high": 2}
FIRST_WITH_PAUSES = "1.54i"
"""The first ImageJ whose Recorder can be told to leave out what a macro does inside."""
PAPER = "https://doi.org/10.7150/ijms.103916"
CORD = [(8.2, 59.2), (12.0, 63.0), (18.9, 68.9)]
"""A drag of the oval tool that encloses the cord of t2_axial_022."""
TWICE = "5,5, 15,5, 15,15, 5,15"
"""A square; traced twice it covers no pixel."""
UNSAVED = "Save them first (no tick: they are lost)"
ANEW = "Open them first (no tick: start anew)"
HIGH = [(12, 61), (15, 61), (17, 62), (17, 66), (15, 68), (13, 67), (12, 65)]


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageJWindow]:
    with imagej_window(tmp_path_factory.mktemp("toolset")) as running:
        Person(running).choose_toolset()
        yield running


@pytest.fixture
def person(window: ImageJWindow) -> Person:
    """Somebody with the toolset chosen, no image open and nothing asked for yet."""
    # What a failed test left open must not fail the next one.
    while window.dialogs():
        if not window.push("Cancel"):
            window.push("OK")
        time.sleep(0.3)
    window.clear()
    window.run(
        'list = getList("java.properties"); for (i = 0; i < list.length; i++) '
        'if (startsWith(list[i], "rhi.tools.")) '
        'old = call("java.lang.System.clearProperty", list[i]);'
    )
    return Person(window)


@pytest.fixture
def study(tmp_path: Path, axial: Path) -> Path:
    """A folder of one patient, whose name a spreadsheet would run: one image without ROIs."""
    folder = tmp_path / "José 01"
    folder.mkdir()
    for number in (22, 23, 24):
        shutil.copy(axial / f"t2_axial_0{number}.tif", folder)
    shutil.copy(axial / "t2_axial_023.zip", folder)
    return folder


def open_image(person: Person, path: Path, zoom: int = ZOOM) -> None:
    person.window.run(f'open("{path}");')
    person.zoom_in(zoom)


def draw_slice(person: Person, level: str = "L2") -> None:
    """Draw, key, draw, key; the level is asked for once."""
    person.drag("oval", CORD)
    person.press("1")
    if level:
        person.answer("RHI level", "OK", level)
    person.wait_for_status("cord")
    person.drag("freehand", HIGH)
    person.press("2")
    person.wait_for_status("high")


def measured_by_pyrhi(image: Path, out: Path) -> list[list[str]]:
    """Cells of the rhi.csv of ``pyrhi measure IMAGE``, whose ROI set lies beside it."""
    assert run(["measure", str(image), "-o", str(out)]) == 0
    return cells(out / "rhi.csv")


def cells(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines()))


def assert_same_table(table: list[list[str]], expected: list[list[str]]) -> None:
    """Text the same, numbers to 1e-9."""
    assert len(table) == len(expected) > 1
    for row, row2 in zip(table, expected, strict=True):
        for cell, cell2 in zip(row, row2, strict=True):
            try:
                number = float(cell2)
            except ValueError:
                assert cell == cell2
            else:
                assert float(cell) == pytest.approx(number, rel=1e-9, abs=0, nan_ok=True)


def selected_pixels(person: Person, shape: tuple[int, ...]) -> np.ndarray:
    """The pixels of the selection, as ImageJ lists them."""
    listed = person.window.run(
        'if (selectionType() < 0) return ""; Roi.getContainedPoints(xs, ys);'
        'return String.join(xs) + ";" + String.join(ys);'
    )
    mask = np.zeros(shape, bool)
    if listed:
        xs, ys = ([int(float(n)) for n in part.split(",")] for part in listed.split(";"))
        mask[ys, xs] = True
    return mask


def test_every_tool_has_a_tip_and_its_key(person: Person) -> None:
    tips = [person.hover(tool) for tool in range(TOOL_COUNT)]
    assert [tip.split(" (")[0] for tip in tips] == [
        "RHI Cord",
        "RHI High Intensity",
        "RHI Find High Intensity",
        "RHI Measure",
        "RHI Save",
        "RHI Next Image",
        "RHI Help",
    ]
    keys = [re.search(r"press (\d)\)", tip) for tip in tips[:-1]]
    assert [key and key[1] for key in keys] == ["1", "2", "6", "7", "8", "9"]


def test_draw_key_draw_key_key(person: Person, study: Path, tmp_path: Path) -> None:
    image = study / "t2_axial_022.tif"
    open_image(person, image)
    draw_slice(person)
    person.press("8")
    status = person.wait_for_status("saved t2_axial_022.RoiSet.zip and .rhi.csv")
    assert not person.window.dialogs()
    saved = study / "t2_axial_022.RoiSet.zip"
    assert find_rois(image) == saved
    rois = read_rois(saved)
    assert [roi.name for roi in rois] == ["cord L2", "high L2"]
    for role, roi in zip(("cord", "high"), rois, strict=True):
        assert roi.group == GROUPS[role]
        assert roi.stroke_color == COLORS[role]
        assert roi.position == 0
    table = cells(study / "t2_axial_022.rhi.csv")
    assert_same_table(table, measured_by_pyrhi(image, tmp_path / "out"))
    assert table[1][:4] == ["José 01", "t2_axial_022.tif", "1", "L2"]
    assert f"; L2 RHI {float(table[1][4]):.1f} %" in status
    assert "RHI" in person.window.windows()
    assert person.window.run('return "" + Table.size("RHI") + " " + Overlay.size;') == "1 2"
    left = sorted(path.name for path in study.iterdir())
    assert [name for name in left if "022" in name] == [
        "t2_axial_022.RoiSet.zip",
        "t2_axial_022.rhi.csv",
        "t2_axial_022.tif",
    ]


def test_next_image_brings_its_rois_and_keeps_unsaved_work(person: Person, study: Path) -> None:
    open_image(person, study / "t2_axial_022.tif")
    draw_slice(person)
    person.press("9")
    dialog = person.answer("are not saved", "Cancel")
    assert "'t2_axial_022.tif'" in dialog
    assert person.window.run('return getTitle() + roiManager("count");') == "t2_axial_022.tif2"
    person.press("9")
    person.answer("are not saved", "OK")
    person.wait_for_status("t2_axial_023.tif: 2 ROIs of t2_axial_023.zip")
    assert len(read_rois(study / "t2_axial_022.RoiSet.zip")) == 2
    assert person.window.run("return getTitle() + nImages;") == "t2_axial_023.tif1"
    # Nothing was changed, so nothing is asked.
    person.press("9")
    person.wait_for_status("t2_axial_024.tif: no ROIs yet")
    person.press("9")
    dialog = person.answer("last TIFF", "OK")
    assert "'t2_axial_024.tif' is the last TIFF" in dialog.replace("\n", " ")
    assert person.window.run("return getTitle() + nImages;") == "t2_axial_024.tif1"


def test_a_reshaped_outline_is_unsaved_work(person: Person, study: Path) -> None:
    open_image(person, study / "t2_axial_022.tif")
    person.press("9")
    person.wait_for_status("t2_axial_023.tif: 2 ROIs")
    person.window.run(
        'roiManager("select", 1); getSelectionBounds(x, y, w, h);'
        'Roi.move(x + 1, y); roiManager("update");'
    )
    person.press("9")
    person.answer("are not saved", "OK", choice=UNSAVED)
    person.wait_for_status("t2_axial_024.tif: no ROIs yet")


def test_a_second_cord_of_a_level_is_asked_about(person: Person, study: Path) -> None:
    open_image(person, study / "t2_axial_022.tif")
    person.drag("oval", CORD)
    person.press("1")
    person.answer("RHI level", "OK", "l2")
    person.wait_for_status("cord L2")
    person.drag("rectangle", [(7, 58), (12, 60), (20, 70)])
    person.press("1")
    dialog = person.answer("already has a cord", "Cancel").replace("\n", " ")
    assert "Slice 1 already has a cord of level L2: ROI 'cord L2'." in dialog
    assert person.window.run('return "" + roiManager("count") + "," + selectionType();') == "1,0"
    person.press("1")
    person.answer("already has a cord", "OK")
    person.wait_for_status("cord L2")
    listed = person.window.run(
        'roiManager("select", 0); kind = Roi.getType; name = Roi.getName;'
        'return "" + roiManager("count") + " " + kind + " " + name;'
    )
    assert listed == "1 rectangle cord L2"


def test_old_files_are_kept(person: Person, study: Path) -> None:
    open_image(person, study / "t2_axial_023.tif")
    old = (study / "t2_axial_023.zip").read_bytes()
    person.drag("oval", CORD)
    person.press("1")
    person.answer("t2_axial_023.zip", "Cancel")
    assert person.window.run('return "" + roiManager("count") + "," + selectionType();') == "0,1"
    # Nothing was done, so the next key asks again.
    person.press("1")
    dialog = person.answer("t2_axial_023.zip", "OK", choice=ANEW).replace("\n", " ")
    assert "beside this image holds its ROIs" in dialog
    person.answer("RHI level", "OK")
    assert " %" not in person.wait_for_status("cord is in the ROI Manager")
    person.press("8")
    person.answer("there is already", "Cancel")
    assert not list(study.glob("*023.*[!fp]"))
    person.press("8")
    dialog = person.answer("there is already", "OK").replace("\n", " ")
    assert "t2_axial_023.zip" in dialog
    assert "; RHI 0.0 %" in person.wait_for_status("saved")
    assert (study / "t2_axial_023.old.zip").read_bytes() == old
    assert find_rois(study / "t2_axial_023.tif") == study / "t2_axial_023.RoiSet.zip"
    person.window.run('Table.setLocationAndSize(600, 500, 600, 200, "RHI");')  # it hides the image
    # Its own files are replaced without a question; what is there then is the new one.
    person.outline(HIGH)
    person.press("2")
    person.wait_for_status("high is in the ROI Manager")
    person.press("8")
    person.wait_for_status("saved")
    assert len(read_rois(study / "t2_axial_023.RoiSet.zip")) == 2
    assert not list(study.glob("*saving*"))


def close_recorder(person: Person) -> None:
    """Close the Recorder and with it what it wrote, which ``close`` of macros does not."""
    person.window.run('selectWindow("Recorder"); run("Close");')
    assert "Recorder" not in person.window.windows()


def test_rois_beside_the_image_are_offered(person: Person, study: Path, tmp_path: Path) -> None:
    image = study / "t2_axial_023.tif"
    person.window.run('run("Record...");')
    open_image(person, image)
    person.press("7")
    person.answer("beside this image holds its ROIs", "OK")
    person.wait_for_status("RHI of t2_axial_023.tif")
    rhi_of_table = 'return d2s(Table.get("RHI", 0, "RHI"), 12);'
    row = person.window.run(rhi_of_table)
    expected = measured_by_pyrhi(image, tmp_path / "out")
    assert float(row) == pytest.approx(float(expected[1][expected[0].index("RHI")]), rel=1e-9)
    # Replayed, the set is opened without a question.
    line = 'runMacro("toolsets/RHI_Tools.ijm", "action=measure open");'
    assert line in person.read("Recorder")
    close_recorder(person)
    person.window.clear()
    person.window.run(f'open("{image}"); {line}')
    assert person.window.run(rhi_of_table) == row


# Of ImageJ's methods 1.53k finds another threshold by Otsu alone.
@pytest.mark.parametrize("mode", ["auto", "Li", "900"])
def test_find_gives_the_pixels_of_pyrhi(person: Person, study: Path, mode: str) -> None:
    image = study / "t2_axial_022.tif"
    open_image(person, image)
    person.drag("oval", CORD)
    person.press("1")
    person.answer("RHI level", "OK")
    person.wait_for_status("cord")
    person.press("6")
    person.answer("find high intensity", "OK", "" if mode == "auto" else mode, tabs=1)
    person.wait_for_selection()
    cord = person.window.run(
        'id = getImageID(); roiManager("save", getArgument()); selectImage(id); return "";',
        str(study / "t2_axial_022.zip"),
    )
    assert cord == ""
    expected = pyrhi.measure(image, find_high=mode).worst.high_mask
    found = selected_pixels(person, expected.shape)
    assert expected.any()
    np.testing.assert_array_equal(found, expected)
    # It is a selection like any other: the key takes it as high.
    person.press("2")
    person.wait_for_status("high is in the ROI Manager")


def action(person: Person, slice_number: int, box: str, words: str) -> str:
    """Do what a recorded line of the toolset does, on a rectangle of a slice where one is given."""
    draw = f"makeRectangle({box});" if box else ""
    return person.window.run(
        f'setSlice({slice_number}); {draw} return runMacro("toolsets/{TOOLS}", "action={words}");'
    )


def refused(person: Person, words: str) -> str:
    """What a recorded line of the toolset returns where it does nothing; in batch mode no box opens."""
    answer = person.window.run(
        f'setBatchMode(true); return runMacro("toolsets/{TOOLS}", "action={words}");'
    )
    assert answer.startswith("error: ")
    return answer


def test_names_neither_hide_nor_change_a_number(
    person: Person, axial: Path, tmp_path: Path
) -> None:
    folder = tmp_path / 'Kong, "A" = 1 high=900'
    folder.mkdir()
    image = folder / '=b, "c" clip ignore custom=900 image=d [e].tif'
    shutil.copy(axial / "t2_axial_022.tif", image)
    table = image.with_suffix(".rhi.csv")
    window = person.window
    window.run("open(getArgument());", str(image))
    # Options that stand in a name are not obeyed.
    steps = [("8,59,11,10", "cord level=[L2]"), ("", "save"), ("11,61,5,5", "high level=[L2]")]
    assert [action(person, 1, *step) for step in steps] == [""] * 3
    status = person.status()
    without_high = cells(table)
    assert_same_table(without_high, measured_by_pyrhi(image, tmp_path / "none"))
    assert without_high[1][:5] == [folder.name, f"'{image.name}", "1", "L2", "0"]
    renamed = ['cord L2, "left" = a', 'high L2, x=1 "', 'note, "y" = 2']
    rename = 'roiManager("select", i); roiManager("rename", new[i]);'
    window.run(
        'makeOval(2, 5, 9, 9); roiManager("add"); new = split(getArgument(), "\\n");'
        f"for (i = 0; i < 3; i++) {{ {rename} }}",
        "\n".join(renamed),
    )
    assert action(person, 1, "", "save") == ""
    measured = cells(table)
    assert_same_table(measured, measured_by_pyrhi(image, tmp_path / "high"))
    rhi = f"; L2 RHI {float(measured[1][4]):.1f} %"
    assert rhi in status
    assert rhi in person.status()
    assert renamed[2] in measured[1][-1]
    # The ROI set of such a name is found again.
    window.clear()
    window.run("open(getArgument());", str(image))
    assert action(person, 1, "", "measure open") == ""
    assert rhi in person.status()


def test_a_stack_has_positions_and_two_levels(
    person: Person, sagittal: Path, tmp_path: Path
) -> None:
    image = tmp_path / "stack.tif"
    shutil.copy(sagittal / "t2_sagittal.tif", image)
    open_image(person, image, zoom=1)
    for number, box in ((13, (40, 20, 70, 90)), (14, (38, 18, 72, 94))):
        person.window.run(f"setSlice({number});")
        left, top, right, bottom = box
        person.drag("rectangle", [(left, top), (50, 50), (right, bottom)])
        person.press("1")
        if number == 13:
            person.answer("RHI level", "OK", "t12-l1")
        person.wait_for_status(f"cord T12-L1 slice {number}")
        person.drag("freehand", [(60, 70), (66, 70), (67, 78), (61, 79)])
        person.press("2")
        person.wait_for_status(f"high T12-L1 slice {number}")
    # A second cord of another level on the slice; high asks to which it belongs.
    person.press("0")
    person.answer("RHI level", "OK", "L3")
    person.wait_for_status("L3")
    person.drag("oval", [(5, 5), (15, 15), (25, 30)])
    person.press("1")
    person.wait_for_status("cord L3 slice 14")
    person.drag("oval", [(9, 9), (12, 12), (17, 20)])
    person.press("2")
    person.answer("In which does it lie?", "OK")
    person.wait_for_status("high L3 slice 14")
    person.press("8")
    person.wait_for_status("saved")
    rois = read_rois(tmp_path / "stack.RoiSet.zip")
    assert [(roi.name, roi.position) for roi in rois] == [
        ("cord T12-L1 slice 13", 13),
        ("high T12-L1 slice 13", 13),
        ("cord T12-L1 slice 14", 14),
        ("high T12-L1 slice 14", 14),
        ("cord L3 slice 14", 14),
        ("high L3 slice 14", 14),
    ]
    table = cells(tmp_path / "stack.rhi.csv")
    assert_same_table(table, measured_by_pyrhi(image, tmp_path / "out"))
    assert [row[2:4] for row in table[1:]] == [["13", "T12-L1"], ["14", "T12-L1"], ["14", "L3"]]


def test_what_the_recorder_writes_does_the_same(
    person: Person, study: Path, axial: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again" / study.name
    shutil.copytree(study, again)
    person.window.run('run("Record...");')
    open_image(person, study / "t2_axial_022.tif")
    draw_slice(person)
    person.press("8")
    person.wait_for_status("saved")
    person.press("9")
    following = "t2_axial_023.tif"
    if TESTED < FIRST_WITH_PAUSES:
        following = "t2_axial_022.tif"
        person.answer("record what the key does inside: close the Recorder", "OK")
    else:
        person.wait_for_status("t2_axial_023.tif: 2 ROIs")
    recorded = person.read("Recorder")
    close_recorder(person)
    lines = [line for line in recorded.splitlines() if re.match(r"\w+\(", line)]
    lines = [line for line in lines if not line.startswith('run("In')]
    # What a tool does itself is not written a second time.
    keys = ["cord level=[L2]", "high level=[L2]", "save", "next"]
    drawn = {0: "makeOval", 2: "makeSelection"}
    if TESTED < FIRST_WITH_PAUSES:
        keys.remove("next")
    assert [line for line in lines if line.startswith("runMacro")] == [
        f'runMacro("toolsets/RHI_Tools.ijm", "action={rest}");' for rest in keys
    ]
    assert [line.split("(")[0] for line in lines] == [
        drawn.get(i, "runMacro") for i in range(len(keys) + len(drawn))
    ]
    person.window.clear()
    person.window.run(f'open("{again / "t2_axial_022.tif"}");')
    person.window.run("\n".join(lines))
    assert not person.window.dialogs()
    assert person.window.run("return getTitle();") == following
    name = "t2_axial_022.rhi.csv"
    assert (again / name).read_bytes() == (study / name).read_bytes()
    sets = [zipfile.ZipFile(folder / "t2_axial_022.RoiSet.zip") for folder in (study, again)]
    assert sets[0].namelist() == sets[1].namelist()


def test_without_an_image_every_tool_says_what_to_do(person: Person) -> None:
    for tool in range(TOOL_COUNT - 1):
        person.click_tool(tool)
        dialog = person.answer("RHI", "OK").replace("\n", " ")
        assert "No image is open: open " in dialog


@pytest.mark.parametrize(
    ("draw", "key", "sentence"),
    [
        ("", "1", "Nothing is drawn: outline the whole cord with an area tool"),
        ("", "2", "Nothing is drawn: outline the high-intensity area in the cord"),
        ("", "3", "Nothing is drawn: outline a piece of normal cord"),
        ("makeLine(5, 5, 20, 40)", "1", "The selection (line) encloses no area: outline"),
        ("makePoint(5, 5)", "2", "The selection (point) encloses no area: outline"),
        ("makeText('cord', 5, 5)", "1", "The selection (text) encloses no area: outline"),
        (f"makePolygon({TWICE}, {TWICE})", "1", "The selection covers no pixel of the image"),
        ("", "6", "Slice 1 has no cord to look in: outline the whole cord, press 1"),
        ("", "8", "There is nothing to save: outline the whole cord and press 1"),
    ],
)
def test_wrong_use_gets_a_sentence(
    person: Person, study: Path, draw: str, key: str, sentence: str
) -> None:
    open_image(person, study / "t2_axial_022.tif", zoom=0)
    if draw:
        person.window.run(draw.replace("'", '"') + ";")
    if "Text" in draw:
        # A key would be typed into the text, so the user clicks.
        person.click_tool(0)
    else:
        person.press(key)
    dialog = person.answer("RHI", "OK").replace("\n", " ")
    assert sentence in dialog
    assert person.window.run('return "" + roiManager("count");') == "0"


def test_what_cannot_be_measured_gets_a_sentence(person: Person, study: Path) -> None:
    image = study / "t2_axial_022.tif"
    open_image(person, image)
    person.press("7")
    assert "cord" in person.answer("RHI", "OK")
    person.drag("oval", CORD)
    person.press("1")
    person.answer("RHI level", "OK", "lumbar")
    assert "'lumbar' is no vertebral level" in person.answer("no vertebral", "OK")
    person.answer("RHI level", "OK", "L2")
    person.wait_for_status("cord L2")
    person.press("6")
    person.answer("find high intensity", "OK", "Otso", tabs=1)
    assert "Otso" in person.answer("Otso", "OK")
    person.press("6")
    person.answer("find high intensity", "OK", "ref+3sd", tabs=1)
    assert "reference" in person.answer("reference", "OK")
    person.window.run('run("RGB Color");')
    person.press("6")
    person.answer("find high intensity", "OK", "Otsu", tabs=1)
    assert "RGB" in person.answer("RGB", "OK")
    person.press("8")
    dialog = person.answer("was changed", "Cancel").replace("\n", " ")
    assert "'t2_axial_022.tif' was changed since it was opened" in dialog
    assert not list(study.glob("*022*zip"))


def test_nothing_is_written_into_a_dicom_folder(
    person: Person, study: Path, tmp_path: Path, series_of
) -> None:
    folder = tmp_path / "series"
    series_of(study / "t2_axial_022.tif", folder)
    (image,) = folder.iterdir()
    open_image(person, image)
    draw_slice(person)
    person.press("8")
    dialog = person.answer("DICOM folder", "OK").replace("\n", " ")
    assert "save the image as TIFF in a folder of your own" in dialog
    assert [path.name for path in folder.iterdir()] == [image.name]
    # Saved as TIFF it is a file like any other, whatever tags it kept.
    tif = tmp_path / "own" / "a.tif"
    tif.parent.mkdir()
    person.window.run(f'saveAs("Tiff", "{tif}");')
    person.press("8")
    person.answer("still lists", "OK", choice="keep them: they belong to this image too")
    person.wait_for_status("saved a.RoiSet.zip")


def test_rois_of_another_image_are_not_measured_here(person: Person, study: Path) -> None:
    open_image(person, study / "t2_axial_022.tif")
    draw_slice(person)
    open_image(person, study / "t2_axial_024.tif", zoom=0)
    # What lies ready is what loses nothing.
    number = person.window.start(function_of_toolset('perform("measure", "", true)'))
    assert "What to do:\nnothing for now" in person.answer("still lists", "OK")
    assert person.window.finish(number) == "cancelled"
    assert person.window.run('return "" + roiManager("count");') == "2"
    person.press("7")
    dialog = person.answer("still lists", "OK", choice="take them off the list").replace("\n", " ")
    assert "still lists 2 ROIs of 't2_axial_022.tif'. They are NOT saved." in dialog
    person.answer("ROI Manager is empty", "OK")
    assert person.window.run('return "" + roiManager("count");') == "0"


def test_a_set_that_was_opened_by_hand_is_that_of_the_image_or_asked_about(
    person: Person, axial: Path, tmp_path: Path
) -> None:
    window = person.window
    for number in (22, 23):
        window.run(f'roiManager("reset"); open("{axial / f"t2_axial_0{number}.tif"}");')
        window.run(f'roiManager("open", "{axial / "t2_axial_022.zip"}");')
        if number == 22:
            assert action(person, 1, "", "measure") == ""
        person.window.run('old = call("java.lang.System.clearProperty", "rhi.tools.owner");')
    own = window.run('return d2s(Table.get("RHI", 0, "RHI"), 9);')
    assert "2 ROIs that are not those of t2_axial_023.zip" in refused(person, "measure")
    assert window.run('return d2s(Table.get("RHI", 0, "RHI"), 9) + roiManager("count");') == f"{own}2"
    person.press("7")
    answer = "keep them: they belong to this image too"
    person.answer("not those of t2_axial_023.zip", "OK", choice=answer)
    person.wait_for_status("RHI of t2_axial_023.tif")


def test_an_outline_stays_where_the_roi_set_is_opened_first(person: Person, axial: Path) -> None:
    person.window.run(f'open("{axial / "t2_axial_023.tif"}");')
    assert action(person, 1, "1,2,3,4", "cord level=[L3] open") == ""
    listed = person.window.run(
        'roiManager("select", 2); getSelectionBounds(x, y, w, h); name = Roi.getName;'
        'return name + " " + x + " " + y + " " + w + " " + h;'
    )
    assert listed == "cord L3 1 2 3 4"


def test_undo_leaves_the_rois_of_another_image(person: Person, axial: Path) -> None:
    person.window.run(f'open("{axial / "t2_axial_022.tif"}");')
    assert action(person, 1, "8,59,11,10", "cord level=[L2]") == ""
    person.window.run(f'roiManager("reset"); open("{axial / "t2_axial_023.tif"}");')
    person.window.run('old = call("java.lang.System.clearProperty", "rhi.tools.owner");')
    assert action(person, 1, "", "measure open") == ""
    person.window.run('selectImage("t2_axial_022.tif");')
    assert "nothing to undo on this image" in refused(person, "undo")
    assert person.window.run('return "" + roiManager("count");') == "2"


def function_of_toolset(call: str) -> str:
    """Macro code that calls one function of the toolset with its argument."""
    text = (MACROS / TOOLS).read_text("ascii")
    head, _, body = text.partition("\nargument = getArgument();")
    functions = body[body.index("// ---- what a macro calls") :]
    return (
        f"{head}\ngiven = getArgument(); found = {call}; return '' + found;\n{functions}".replace(
            "''", '""'
        )
    )


@pytest.mark.parametrize(
    "name",
    ["cord L2", "high-l2-1", "cord T12-L1 slice 3", "cord-014", "C5/C6", "L6", "xL2", "Th12 BWK 7"],
)
def test_levels_are_read_as_pyrhi_reads_them(window: ImageJWindow, name: str) -> None:
    assert window.run(function_of_toolset("levelOf(given)"), name) == level_of(name)


@pytest.mark.parametrize("ending", [".roi", "_RoiSet.zip", ".RoiSet.zip", ".zip", "-rois.zip"])
@pytest.mark.parametrize("file", ["a.tif", "b.10.TIFF", "c.nii.gz", "noext", "d.png", "e.tif.tif"])
def test_rois_are_looked_for_where_pyrhi_looks(
    window: ImageJWindow, tmp_path: Path, file: str, ending: str
) -> None:
    image = tmp_path / file
    image.touch()
    stem = window.run(function_of_toolset("stemOf(given)"), file)
    with zipfile.ZipFile(tmp_path / (stem + ending), "w") as archive:
        archive.writestr("cord.roi", b"")
    call = f'roiFile("{tmp_path}/", given)'
    assert window.run(function_of_toolset(call), file) == str(find_rois(image))


def test_a_name_with_brackets_gets_its_own_rois(window: ImageJWindow, tmp_path: Path) -> None:
    """Brackets are what an option's value is put in."""
    for name in ("a.tif", "a].tif", "b[.tif"):
        (tmp_path / name).touch()
    for name in ("a.zip", "b[.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("cord.roi", b"")
    call = function_of_toolset(f'roiFile("{tmp_path}/", given)')
    assert window.run(call, "a].tif") == ""
    assert window.run(call, "b[.tif") == f"{tmp_path}/b[.zip"


def test_a_damaged_set_is_not_opened(window: ImageJWindow, tmp_path: Path) -> None:
    (tmp_path / "a.tif").touch()
    (tmp_path / "a.zip").write_bytes(b"PK\3\4 cut short")
    call = function_of_toolset(f'roiFile("{tmp_path}/", given)')
    number = window.start(call, "a.tif")
    window.wait_for_dialog("is not a readable RoiSet; save it again in ImageJ")
    assert window.push("OK")
    assert window.finish(number) == ""


def test_the_next_file_counts_numbers(window: ImageJWindow, tmp_path: Path) -> None:
    for name in ("s1.tif", "s2.tif", "s10.tif", "s10.zip", "S3.TIF", "t.png", "u.tiff"):
        (tmp_path / name).touch()
    order = ["s1.tif", "s2.tif", "S3.TIF", "s10.tif", "u.tiff"]
    for is_before, expected in (("false", [*order[1:], ""]), ("true", ["", *order[:-1]])):
        call = function_of_toolset(f'fileBeside("{tmp_path}/", given, {is_before})')
        assert [window.run(call, name) for name in order] == expected


def test_the_file_is_ascii() -> None:
    # ImageJ reads it as UTF-8 when it is installed and as ISO 8859-1 when a macro runs it.
    assert (MACROS / TOOLS).read_bytes().isascii()


def test_pyrhi_refuses_what_the_toolset_refuses() -> None:
    with pytest.raises(PyrhiError, match="not known"):
        pyrhi.measure(np.zeros((4, 4)), cord=np.ones((4, 4), bool), find_high="Otso")


def draw_box(person: Person, slice_number: int, box: tuple[int, int, int, int], key: str) -> None:
    """Draw a rectangle on a slice of a stack and press a key."""
    person.window.run(f"setSlice({slice_number});")
    left, top, right, bottom = box
    middle = ((left + right) // 2, (top + bottom) // 2)
    person.drag("rectangle", [(left, top), middle, (right, bottom)])
    person.press(key)


@pytest.fixture
def stack(person: Person, sagittal: Path, tmp_path: Path) -> Path:
    """A stack, opened, with a cord and a high area of L2 on slices 13 and 17."""
    image = tmp_path / "stack.tif"
    shutil.copy(sagittal / "t2_sagittal.tif", image)
    open_image(person, image, zoom=1)
    draw_box(person, 13, (40, 20, 60, 90), "1")
    person.answer("RHI level", "OK", "L2")
    person.wait_for_status("cord L2 slice 13")
    draw_box(person, 17, (44, 24, 64, 94), "1")
    person.wait_for_status("cord L2 slice 17")
    return image


def names_and_slices(person: Person) -> list[str]:
    listed = person.window.run(
        'setBatchMode(true); s = ""; k = getSliceNumber(); '
        'for (i = 0; i < roiManager("count"); i++) {'
        'roiManager("select", i); Roi.getPosition(c, z, t); '
        's = s + RoiManager.getName(i) + "|" + z + "|" + Roi.getGroup + ","; } '
        'roiManager("deselect"); run("Select None"); setSlice(k); return s;'
    )
    return listed.split(",")[:-1]


def test_rhi_shows_as_soon_as_cord_and_high_are_there(person: Person, study: Path) -> None:
    open_image(person, study / "t2_axial_022.tif")
    draw_slice(person)
    status = person.wait_for_status("high L2 is in the ROI Manager")
    row = person.window.run('return "" + isOpen("RHI");')
    assert row == "0"
    shown = re.search(r"; L2 RHI (\d+\.\d) %", status)
    assert shown, status
    person.press("7")
    status = person.wait_for_status("RHI of")
    measured = float(person.window.run('return d2s(Table.get("RHI", 0, "RHI"), 9);'))
    assert shown[1] == f"{measured:.1f}"
    assert shown[0] in status


def test_the_cord_of_the_previous_slice_is_copied_and_the_key_undone(
    person: Person, stack: Path
) -> None:
    person.window.run("setSlice(19);")
    person.press("F2")
    person.wait_for_status("cord of slice 17 copied")
    drawn = ["cord L2 slice 13|13|1", "cord L2 slice 17|17|1"]
    assert names_and_slices(person) == [*drawn, "cord L2 slice 19|19|1"]
    person.press("F2")
    assert "has a cord already" in person.answer("already", "OK").replace("\n", " ")
    person.press("F4")
    person.wait_for_status("undone")
    assert names_and_slices(person) == drawn
    assert person.window.run('return "" + getSliceNumber();') == "19"
    person.press("F4")
    assert "nothing to undo" in person.answer("nothing", "OK").replace("\n", " ")


def test_where_each_slice_is_a_file_the_cord_of_the_file_before_is_copied(
    person: Person, study: Path, tmp_path: Path
) -> None:
    open_image(person, study / "t2_axial_024.tif", zoom=0)
    person.press("F2")
    person.wait_for_status("cord of t2_axial_023.tif copied")
    assert names_and_slices(person) == ["cord|0|0"]
    assert action(person, 1, "", "save") == ""
    shutil.copy(study / "t2_axial_023.zip", study / "t2_axial_024.zip")
    (study / "t2_axial_024.RoiSet.zip").unlink()
    table = cells(study / "t2_axial_024.rhi.csv")
    expected = measured_by_pyrhi(study / "t2_axial_024.tif", tmp_path / "out")
    area = table[0].index("CordArea")
    assert float(table[1][area]) == pytest.approx(float(expected[1][area]), rel=1e-9)
    person.press("F4")
    person.wait_for_status("undone")
    assert names_and_slices(person) == []
    # Before 023 lies 022, which has no ROI set.
    window = person.window
    window.run(f'roiManager("reset"); open("{study / "t2_axial_023.tif"}");')
    assert "No ROI set belongs to the TIFF before" in refused(person, "copy listed")


def test_slices_between_two_drawn_ones_are_interpolated(
    person: Person, stack: Path, tmp_path: Path
) -> None:
    draw_box(person, 13, (45, 40, 53, 52), "2")
    person.wait_for_status("high L2 slice 13")
    draw_box(person, 17, (49, 44, 57, 56), "2")
    person.wait_for_status("high L2 slice 17")
    person.window.run("setSlice(15);")
    person.press("F3")
    status = person.wait_for_status("6 outlines between slices 13 and 17")
    assert "L2 RHI" in status
    made = [
        f"{role} L2 slice {z}|{z}|{group}" for role, group in GROUPS.items() for z in (14, 15, 16)
    ]
    assert sorted(names_and_slices(person)[4:]) == sorted(made)
    person.press("8")
    person.wait_for_status("saved")
    table = cells(tmp_path / "stack.rhi.csv")
    assert_same_table(table, measured_by_pyrhi(stack, tmp_path / "out"))
    assert [row[2:4] for row in table[1:]] == [[str(z), "L2"] for z in range(13, 18)]
    # ImageJ's own interpolation: half way between two boxes lies the box half way.
    middle = dict(zip(table[0], table[3], strict=True))
    assert float(middle["CordArea"]) == pytest.approx(float(table[1][5]), rel=0.02)
    person.press("F4")
    person.wait_for_status("undone")
    assert len(names_and_slices(person)) == 4


def pixels_of_stack(person: Person) -> str:
    return person.window.run(
        'run("Select None"); k = getSliceNumber(); sum = 0; for (z = 1; z <= nSlices; z++) {'
        "setSlice(z); getRawStatistics(n, mean); sum = sum + z * mean; } setSlice(k);"
        "return d2s(sum, 9);"
    )


def test_recorded_lines_of_every_key_do_as_the_keys_and_leave_the_pixels(
    person: Person, sagittal: Path
) -> None:
    person.window.run(f'open("{sagittal / "t2_sagittal.tif"}");')
    pixels = pixels_of_stack(person)
    steps = [
        (13, "40,20,20,70", "cord level=[L2]"),
        (13, "45,40,8,12", "high level=[L2]"),
        (17, "44,24,20,70", "cord level=[L2]"),
        (17, "49,44,8,12", "high level=[L2]"),
        (15, "", "interpolate"),
        (15, "", "undo"),
        (19, "", "copy"),
        (19, "45,24,5,10", "reference"),
        (19, "", "find high=[Otsu]"),
        (19, "", "measure"),
    ]
    assert [action(person, *step) for step in steps] == [""] * len(steps)
    assert names_and_slices(person) == [
        "cord L2 slice 13|13|1",
        "high L2 slice 13|13|2",
        "cord L2 slice 17|17|1",
        "high L2 slice 17|17|2",
        "cord L2 slice 19|19|1",
        "reference slice 19|19|3",
    ]
    assert person.window.run('return "" + Table.size("RHI");') == "3"
    assert pixels_of_stack(person) == pixels
    # The macro that runs a line keeps its batch mode.
    line = f'runMacro("toolsets/{TOOLS}", "action=measure")'
    assert person.window.run(f'setBatchMode(true); {line}; return "" + is("Batch Mode");') == "1"


def test_what_one_slice_alone_has_is_told_and_not_interpolated(
    person: Person, sagittal: Path
) -> None:
    person.window.run(f'open("{sagittal / "t2_sagittal.tif"}");')
    action(person, 13, "40,20,20,70", "cord level=[L2]")
    # Two on a slice are what ImageJ's own interpolation stops at, by a window of its own.
    for box in ("45,40,8,12", "45,60,8,12"):
        action(person, 13, box, "high level=[L2]")
    action(person, 17, "44,24,20,70", "cord level=[L2]")
    action(person, 15, "", "interpolate")
    alone = "one of the slices 13 and 17 alone has it: 'high L2 slice 13', 'high L2 slice 13 (2)'."
    assert alone in person.window.run('return getInfo("log");')
    made = [f"cord L2 slice {z}|{z}|1" for z in (14, 15, 16)]
    assert names_and_slices(person)[4:] == made


def test_window_and_level_stay_for_the_next_image(person: Person, study: Path) -> None:
    open_image(person, study / "t2_axial_023.tif")
    person.window.run("setMinAndMax(123, 1456);")
    person.press("9")
    person.answer("Open them first", "OK", choice=ANEW)
    person.wait_for_status("t2_axial_024.tif: no ROIs yet")
    assert person.window.run('getMinAndMax(low, high); return "" + low + "," + high;') == "123,1456"


def test_help_shows_keys_and_its_link_opens_the_paper(person: Person) -> None:
    person.click_tool(TOOL_COUNT - 1)
    page = person.window.wait_for_dialog("RHI Tools")
    assert "Interpolate the slices between two drawn ones" in page
    person.follow(PAPER)
    assert person.window.push("OK")


def test_every_dialog_has_that_help(person: Person, axial: Path) -> None:
    window = person.window
    window.run(f'open("{axial / "t2_axial_022.tif"}");')
    for box, level in (("8, 59, 11, 10", "L2"), ("2, 5, 9, 9", "L3")):
        window.run(f'makeOval({box}); runMacro("toolsets/{TOOLS}", "action=cord level=[{level}]");')
    window.run("makeOval(11, 61, 5, 5);")
    for call, text in (
        ("askLevel()", "RHI level"),
        ('perform("find", "", true)', "find high intensity"),
        ('perform("high", "", true)', "In which does it lie?"),
        ('perform("cord", "level=[L2]", true)', "already has a cord"),
    ):
        number = window.start(function_of_toolset(call))
        window.wait_for_dialog(text)
        assert window.push("Help")
        window.wait_for_dialog("Undo the last key")
        assert window.push("OK")
        person.wait_until_gone("Undo the last key")
        assert window.push("Cancel")
        window.finish_aborted(number)
