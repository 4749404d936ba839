"""Draw ``docs/images/toolset.png``: a slice of the sample after the keys 1, 2 and 8.

Run ``PYTHONPATH=tests python docs/make_toolset_picture.py``. It needs Java, Xvfb and xdotool.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw
from rigs.imagej_window import imagej_window
from rigs.person import Person

from pyrhi.sample import sample_folder

TARGET = Path(__file__).parent / "images" / "toolset.png"
SLICE = "t2_axial_022.tif"
CORD = [(8.2, 59.2), (12.0, 63.0), (18.9, 68.9)]
HIGH = [(12, 61), (15, 61), (17, 62), (17, 66), (15, 68), (13, 67), (12, 65)]
ZOOM = 4
DESKTOP = (255, 255, 255)


def main(*java_options: str, target: Path = TARGET) -> None:
    """Draw a slice, save it, and take the picture."""
    with tempfile.TemporaryDirectory() as scratch:
        study = Path(scratch) / "patient 7"
        study.mkdir()
        shutil.copy(sample_folder() / "axial_slices" / SLICE, study)
        with imagej_window(Path(scratch) / "ImageJ", java_options=java_options) as window:
            person = Person(window)
            person.choose_toolset()
            window.run(f'open("{study / SLICE}"); setLocation(20, 130);')
            person.zoom_in(ZOOM)
            person.drag("oval", CORD)
            person.press("1")
            person.answer("RHI level", "OK", "L2")
            person.wait_for_status("cord L2")
            person.drag("freehand", HIGH)
            person.press("2")
            person.wait_for_status("; L2 RHI")
            person.press("8")
            person.wait_for_status("saved")
            screen = Path(scratch) / "screen.png"
            window.picture(screen)
            with Image.open(screen) as taken:
                picture = taken.convert("RGB")
    # The screen behind is black: what is not black is ImageJ.
    picture = picture.crop(picture.getbbox())
    for x in (0, picture.width - 1):
        for y in (0, picture.height - 1):
            ImageDraw.floodfill(picture, (x, y), DESKTOP)
    picture.save(target, optimize=True)


if __name__ == "__main__":
    main()
