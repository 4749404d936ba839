"""Take the picture of docs/fiji.md: ``python docs/make_fiji_scripts_picture.py``.

The scripts run in a real SciJava context with ImageJ 1.54p under Xvfb, as in the tests.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from rigs.imagej_window import screen  # noqa: E402
from rigs.scijava import script_context  # noqa: E402

IMAGE = ROOT / "pyrhi" / "sample" / "axial_slices" / "t2_axial_022.tif"
PICTURE = ROOT / "docs" / "images" / "fiji_scripts.png"
SHOW = """#@ ImagePlus imp
imp.show()
imp.getWindow().setLocation(10, 10)
for _ in range(5):
    imp.getCanvas().zoomIn(50, 40)
"""
TAKE = """#@ String path
from ij import WindowManager
from java.awt import Rectangle, Robot
from java.io import File
from java.lang import Thread
from javax.imageio import ImageIO

places = {"RHI": (210, 10, 1060, 120), "Pain Tiers": (210, 140, 1060, 120)}
for window in WindowManager.getAllNonImageWindows():
    if window.getTitle() in places:
        window.setBounds(*places[window.getTitle()])
    elif window.getTitle() == "Pain Tier":
        window.setLocation(210, 270)
    else:
        window.setVisible(False)
Thread.sleep(1500)
picture = Robot().createScreenCapture(Rectangle(0, 0, 1280, 640))
ImageIO.write(picture, "png", File(path))
"""


def main() -> None:
    """Open the sample slice, measure it, ask for the tier, and take the picture."""
    choices = {"high": "none"}
    tier = {"location": "unknown", "number": "unknown", "model": "published", "save": False}
    with tempfile.TemporaryDirectory() as scratch, screen() as display:
        show, take = Path(scratch) / "show.py", Path(scratch) / "take.py"
        show.write_text(SHOW)
        take.write_text(TAKE)
        environment = {"DISPLAY": display}
        with script_context(Path(scratch) / "Fiji.app", environment=environment) as context:
            context.run(str(show), imp=IMAGE)
            context.run("Measure_RHI", imp="front", **choices)
            context.run("Pain_Tier", source="the table RHI on the screen", **tier)
            context.run(str(take), path=PICTURE)


if __name__ == "__main__":
    main()
