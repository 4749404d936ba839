"""Wrong use of the macros shows a sentence that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rigs.imagej_window import BATCH, MEASURE

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.imagej_window import ImageJWindow

IMAGE = 'newImage("slice", "16-bit ramp", 60, 50, 1); '
STACK = 'newImage("stack", "16-bit ramp", 60, 50, 3); '
RGB = 'newImage("colours", "RGB ramp", 60, 50, 1); '
CORD = 'makeOval(10, 10, 30, 30); Roi.setName("cord"); roiManager("add"); '
HIGH = 'makeOval(20, 20, 9, 9); Roi.setName("high"); roiManager("add"); '
LINE = 'makeLine(1, 1, 30, 30); Roi.setName("cord"); roiManager("add"); '
OTHER = 'makeOval(10, 10, 30, 30); Roi.setName("Region"); roiManager("add"); '
NARROW = 'makeRectangle(10, 10, 30, 30); Roi.setName("whole"); roiManager("add"); '
FAR = 'makeOval(90, 90, 30, 30); Roi.setName("cord"); roiManager("add"); run("Select None"); '
LATE = 'makeOval(10, 10, 30, 30); Roi.setName("cord"); Roi.setPosition(9); roiManager("add"); '
BOWTIE = (
    "makePolygon(5, 5, 25, 5, 25, 25, 5, 25, 5, 5, 25, 5, 25, 25, 5, 25); "
    'Roi.setName("cord"); roiManager("add"); '
)
CASES = {
    "no image": ("", "", "no image is open; open the MRI slice"),
    "no rois": (IMAGE, "", "the ROI Manager is empty, and no ROIs are beside the image"),
    "no cord": (IMAGE + OTHER, "", "no cord ROI among 'Region'; name the whole cord 'cord'"),
    "a line": (IMAGE + LINE, "", "ROI 'cord' is a line selection and cannot be a cord ROI; draw"),
    "two cords": (IMAGE + CORD + NARROW, "", "slice 1 has two cord ROIs ('cord', 'whole'); delete"),
    "high alone": (IMAGE + HIGH, "", "no cord ROI among 'high'; name"),
    "high elsewhere": (
        STACK + CORD + "setSlice(2); " + HIGH,
        "",
        "high ROI 'high' on slice 2 has no cord of its own; draw the cord there",
    ),
    "two roles": (
        IMAGE + CORD.replace('"cord"', '"cord high"'),
        "",
        "the name of ROI 'cord high' says cord and high; rename it",
    ),
    "beyond the stack": (
        STACK + LATE,
        "",
        "ROI 'cord' lies on slice 9, but the image has 3; check that the ROI set belongs",
    ),
    "outside": (IMAGE + FAR, "", "ROI 'cord' covers no pixel of slice 1; draw it on the image"),
    "no pixel": (IMAGE + BOWTIE, "", "ROI 'cord' covers no pixel of slice 1; draw it"),
    "RGB": (RGB + CORD, "Otsu", "ImageJ does not threshold RGB images; convert it to 8-bit"),
    "no reference": (IMAGE + CORD, "ref+3sd", "needs a reference ROI (named normal, reference"),
    "unknown mode": (
        IMAGE + CORD,
        "Otzu",
        "high='Otzu' is not known; use a method (Default, Huang",
    ),
}


@pytest.mark.parametrize("action", ["rows", "table", "find"])
@pytest.mark.parametrize("case", CASES)
def test_actions_answer_by_a_sentence(imagej: ImageJWindow, case: str, action: str) -> None:
    code, high, sentence = CASES[case]
    if action == "find":
        # It looks into one ROI, whatever the others are, and needs a mode.
        if case in ("no cord", "two cords", "high alone", "high elsewhere", "two roles"):
            high = "Otzu"
            sentence = "is not known"
        high = high or "Li"
    imagej.run(code)
    before = imagej.windows()
    answer = imagej.run_file(imagej.plugins / MEASURE, f"action={action} high=[{high}] cord=0")
    assert answer.startswith("error: ")
    expected = sentence.replace(" of slice 1", "") if action == "find" else sentence
    assert (
        (expected in answer)
        or (action == "find" and "cannot be" in answer)
        or (action == "find" and "covers no pixel" in answer)
        or (case == "no rois" and "there is no ROI 0" in answer)
    )
    assert imagej.shown() == []
    assert imagej.windows() == before


@pytest.mark.parametrize("case", [case for case in CASES if case != "unknown mode"])
def test_the_command_shows_a_sentence(imagej: ImageJWindow, case: str) -> None:
    code, high, sentence = CASES[case]
    imagej.run(code)
    number = imagej.start(f'run("RHI Measure", "high={high or "none"} fixed=0 save");')
    said = imagej.wait_for_dialog(sentence[1:])
    assert "Macro Error" not in said
    assert imagej.push("OK")
    imagej.finish_aborted(number)


def test_image_without_a_file_is_measured_and_not_saved(imagej: ImageJWindow) -> None:
    imagej.run(IMAGE + CORD + HIGH)
    log = imagej.run('run("RHI Measure", "high=none fixed=0 save"); return getInfo("log");')
    assert "Not saved, because the image has no file" in log
    assert imagej.run('selectWindow("RHI"); return d2s(Table.size, 0);') == "1"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("input=[{there}/nowhere] output=[{there}/o]", "there is no input folder '{there}/nowhere/'; choose"),
        ("input=[{there}] output=[]", "the output folder '' cannot be made; choose another"),
        ("input=[] output=[{there}]", "there is no input folder ''; choose the one with"),
        ("input=[{there}] output=[{there}/o] high=auto", "needs all images of a patient at once"),
        ("input=[{there}] output=[{there}/o] high=Otzu", "high='Otzu' is not known; use a method"),
        ("input=[{there}] output=[{there}/file/o]", "the output folder '{there}/file/o/' cannot be made"),
        ("input=[{there}/none] output=[{there}/o]", "holds no TIFF or PNG; check the folder"),
    ],
)
def test_batch_shows_a_sentence(
    imagej: ImageJWindow, tmp_path: Path, options: str, sentence: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "notes.txt").write_text("no image")
    (tmp_path / "x.png").write_text("what an image is called")
    path = imagej.plugins / BATCH
    number = imagej.start(
        f'return runMacro("{path}", getArgument());', options.format(there=tmp_path)
    )
    said = imagej.wait_for_dialog(sentence.format(there=tmp_path))
    assert "Macro Error" not in said
    assert imagej.push("OK")
    imagej.finish_aborted(number)
    assert not (tmp_path / "o").exists()
