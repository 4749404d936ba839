"""RHI Find High Intensity: the pixels of pyrhi as a selection, by dialog and by recorded line."""

from __future__ import annotations

import re
import shutil
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
import roifile
import tifffile
from rigs.imagej_window import FIND, MEASURE, imagej_window

import pyrhi

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from rigs.imagej_window import ImageJWindow

COMMAND = "RHI Find High Intensity"
SELECTED = """
s = "";
for (y = 0; y < getHeight(); y++) for (x = 0; x < getWidth(); x++)
    if (selectionContains(x, y)) s = s + (y * getWidth() + x) + " ";
return s;
"""
HASH = """
s = 0;
for (y = 0; y < getHeight(); y++) for (x = 0; x < getWidth(); x++)
    s = (s * 31 + getPixel(x, y)) % 1000003;
return d2s(s, 0) + " " + Overlay.size + " " + roiManager("count") + " " + nImages;
"""


@pytest.fixture
def image(tmp_path: Path, axial: Path) -> Path:
    """A slice with cord and, for ref+, a reference beside it; no high area is drawn."""
    shutil.copy(axial / "t2_axial_022.tif", tmp_path / "slice.tif")
    with zipfile.ZipFile(axial / "t2_axial_022.zip") as archive:
        rois = {name: archive.read(name) for name in archive.namelist()}
    (cord,) = (data for name, data in rois.items() if "cord" in name)
    with zipfile.ZipFile(tmp_path / "slice.zip", "w") as archive:
        archive.writestr("cord.roi", cord)
        # The same outline: mean and spread of it are what counts here.
        archive.writestr("normal.roi", cord)
    return tmp_path / "slice.tif"


def opened(imagej: ImageJWindow, image: Path) -> None:
    imagej.run(f'open("{image}"); roiManager("open", "{image.with_suffix(".zip")}");')


def selected(imagej: ImageJWindow, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, bool)
    mask.flat[[int(word) for word in imagej.run(SELECTED).split()]] = True
    return mask


@pytest.mark.parametrize("mode", ["auto", "Otsu", "900", "ref+1sd", "ref+2.5mad"])
def test_the_pixels_are_those_of_pyrhi(imagej: ImageJWindow, image: Path, mode: str) -> None:
    expected = pyrhi.measure(image, find_high=mode).worst.high_mask
    assert expected.any()
    opened(imagej, image)
    before = imagej.run(HASH)
    imagej.run(f'run("{COMMAND}", "high=[auto] custom=[{mode}]");')
    np.testing.assert_array_equal(selected(imagej, expected.shape), expected)
    assert imagej.run("s = Roi.getName; return s;") == "high"
    assert imagej.run(HASH) == before


def test_it_looks_inside_a_selection_that_reaches_beyond_the_image(
    imagej: ImageJWindow, image: Path
) -> None:
    imagej.run(f'open("{image}"); makeOval(-20, 30, 60, 50);')
    pixels = tifffile.imread(image)
    cord = selected(imagej, pixels.shape)
    expected = pyrhi.measure(pixels, cord=cord, find_high="Otsu").worst.high_mask
    imagej.run(f'run("{COMMAND}", "high=[Otsu] custom=[]");')
    found = selected(imagej, pixels.shape)
    assert found.any()
    np.testing.assert_array_equal(found, expected)


def test_a_stack_is_left_at_the_slice_of_the_cord(imagej: ImageJWindow, image: Path) -> None:
    expected = pyrhi.measure(image, find_high="Otsu").worst.high_mask
    pixels = tifffile.imread(image)
    stack, roi = image.with_name("stack.tif"), image.with_name("cord.roi")
    empty = np.zeros_like(pixels)
    tifffile.imwrite(stack, np.stack([empty, pixels, empty]), imagej=True)
    cord = roifile.ImagejRoi.fromfile(image.with_suffix(".zip"))[0]
    cord.position = 2
    cord.tofile(roi)
    imagej.run(f'open("{stack}"); roiManager("open", "{roi}"); run("Select None"); setSlice(3);')
    imagej.run(f'run("{COMMAND}", "high=[Otsu] custom=[]");')
    assert imagej.run('return "" + getSliceNumber();') == "2"
    np.testing.assert_array_equal(selected(imagej, pixels.shape), expected)


@pytest.mark.parametrize(
    ("code", "options", "sentence"),
    [
        ("", "high=[Otsu]", "No image is open; open the MRI slice"),
        ("{image}", "high=[Otsu]", "No cord is selected; draw it, or choose it in the ROI Manager"),
        ("{image} makeLine(1, 1, 30, 30);", "high=[Otsu]", "is a line selection and cannot be"),
        (
            "{image} makeOval(900, 9, 9, 9);",
            "high=[Otsu]",
            "The selection covers no pixel of slice 1",
        ),
        ("{image} makeOval(9, 9, 9, 9);", "high=[ref+3sd]", "needs a reference ROI (named normal"),
        (
            "{image} makeOval(9, 9, 9, 9);",
            "custom=[1e9]",
            "No pixel of the selection on slice 1 is",
        ),
        ("{image} makeOval(9, 9, 9, 9);", "high=[Otzu]", "High='Otzu' is not known; use a method"),
    ],
)
def test_a_refusal_is_a_sentence_and_changes_nothing(
    imagej: ImageJWindow, image: Path, code: str, options: str, sentence: str
) -> None:
    imagej.run(code.format(image=f'open("{image}");'))
    state = "return '' + selectionType() + ' ' + nImages + ' ' + is('Batch Mode');"
    before = imagej.run(state) if code else ""
    number = imagej.start(f'run("{COMMAND}", "{options}");')
    said = imagej.wait_for_dialog(sentence)
    assert "Macro Error" not in said
    imagej.finish_aborted(number)
    assert not code or imagej.run(state) == before


def test_alone_it_says_what_is_missing(imagej: ImageJWindow, image: Path) -> None:
    """RHI_Measure.ijm finds high areas by it, and measures drawn ones without it."""
    opened(imagej, image)
    path = imagej.plugins / FIND
    measure = f'return runMacro("{imagej.plugins / MEASURE}", getArgument());'
    text = path.read_text(encoding="ascii")
    path.unlink()
    try:
        said = imagej.run(measure, "action=rows high=[Otsu]")
        assert said == f"error: {path} was not found; put it there"
        assert len(imagej.run(measure, "action=rows high=[none]").splitlines()) == 1
    finally:
        path.write_text(text, encoding="ascii")


def test_the_recorded_line_does_the_same(image: Path, tmp_path: Path) -> None:
    expected = pyrhi.measure(image, find_high="Otsu").worst.high_mask
    with imagej_window(tmp_path / "ImageJ") as imagej:
        opened(imagej, image)
        before = imagej.run(HASH)
        imagej.run('run("Record...");')
        # As a person does it, not a macro, whose commands the Recorder leaves out.
        imagej.run(f'doCommand("{COMMAND}"); wait(300);')
        asked = imagej.wait_for_dialog(COMMAND)
        assert "Research use only; not a medical device." in asked
        assert "<Help>" in asked
        assert imagej.push("OK")
        imagej.wait_until_idle()
        recorded = ""
        for _ in range(100):
            recorded = imagej.run('selectWindow("Recorder"); return getInfo("window.contents");')
            if COMMAND in recorded:
                break
            imagej.run("wait(50);")
        lines = [line for line in recorded.splitlines() if re.match(r"\w+(\.\w+)?\(", line)]
        assert lines == [f'run("{COMMAND}", "high=[auto] custom=[]");']
        assert imagej.look("status")[0].startswith("Look at the outline and correct it")
        imagej.run('selectWindow("Recorder"); run("Close"); run("Select None");')
        imagej.run(lines[0].replace("[auto]", "[Otsu]"))
        np.testing.assert_array_equal(selected(imagej, expected.shape), expected)
        assert imagej.run(HASH) == before
        assert not imagej.dialogs()
