"""Draw ``docs/images/fiji_*.png``: what a user sees when pyrhi is put into an ImageJ.

Run ``PYTHONPATH=tests python docs/make_fiji_pictures.py FOLDER`` with a folder that does not
exist, which shows in the pictures. It needs Java, Xvfb, xdotool, and matplotlib for its font.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib as mpl
from PIL import Image, ImageDraw, ImageFont
from rigs import imagej_window as rig

from pyrhi.fiji import package

IMAGES = Path(__file__).parent / "images"
FONT = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf"
FONT_SIZE, LINE, MARGIN = 13, 18, 10
PAPER, INK, PROMPT = "#1e1e1e", "#e0e0e0", "#7fd07f"
DESKTOP = (255, 255, 255)
PLUGINS_MENU = (320, 12)
"""Place of the word Plugins in the window, from its top left corner."""


def terminal(command: str, output: str) -> Image.Image:
    """Draw a terminal with a command and its output."""
    font = ImageFont.truetype(str(FONT), FONT_SIZE)
    lines = [f"$ {command}", *output.splitlines()]
    width = max(int(font.getlength(line)) for line in lines) + 2 * MARGIN
    picture = Image.new("RGB", (width, LINE * len(lines) + 2 * MARGIN), PAPER)
    draw = ImageDraw.Draw(picture)
    for i, line in enumerate(lines):
        draw.text((MARGIN, MARGIN + i * LINE), line, font=font, fill=INK if i else PROMPT)
    return picture


def bounds(window: rig.ImageJWindow) -> tuple[int, int, int, int]:
    """Left, top, width and height of ImageJ's window."""
    geometry = window.xdotool(
        "search", "--onlyvisible", "--name", "^ImageJ$", "getwindowgeometry", "--shell"
    )
    values = dict(line.split("=") for line in geometry.split() if "=" in line)
    return int(values["X"]), int(values["Y"]), int(values["WIDTH"]), int(values["HEIGHT"])


def menu(window: rig.ImageJWindow, x: int, y: int, *keys: str) -> Image.Image:
    """Click there, type keys, and take a picture of ImageJ with the menus that opened."""
    left, top, *_ = bounds(window)
    window.xdotool("mousemove", str(left + x), str(top + y), "sleep", "0.3", "click", "1")
    for key in keys:
        window.xdotool("sleep", "0.3", "key", key)
    window.xdotool("sleep", "0.5")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "screen.png"
        window.picture(path)
        with Image.open(path) as screen:
            picture = screen.convert("RGB")
    # The screen behind is black: what is not black is ImageJ.
    box = picture.getbbox()
    assert box is not None
    picture = picture.crop(box)
    for x in (0, picture.width - 1):
        ImageDraw.floodfill(picture, (x, picture.height - 1), DESKTOP)
    return picture


def below(*pictures: Image.Image) -> Image.Image:
    """Put pictures below one another."""
    size = max(p.width for p in pictures), sum(p.height for p in pictures)
    whole = Image.new("RGB", size, PAPER)
    top = 0
    for picture in pictures:
        whole.paste(picture, (0, top))
        top += picture.height
    return whole


def unpack(folder: Path) -> None:
    """Make a folder as ImageJ's archive has it."""
    (folder / "plugins").mkdir(parents=True)
    (folder / "macros" / "toolsets").mkdir(parents=True)
    shutil.copy(rig.imagej_jar(), folder / "ij.jar")


def main(folder: Path) -> None:
    """Draw both pictures."""
    # The rig's own macros stay away: only what pyrhi puts there shows.
    rig.MACROS = folder / "none"
    unpack(folder)
    command = ["pyrhi", "fiji", "install", str(folder)]
    ours = Path(sys.executable).with_name("pyrhi")
    output = subprocess.run(
        command, executable=ours, check=True, capture_output=True, text=True
    ).stdout
    with rig.imagej_window(folder) as window:
        shown = menu(window, *PLUGINS_MENU, "Up", "Right")
    below(terminal(" ".join(command), output), shown).save(
        IMAGES / "fiji_install.png", optimize=True
    )
    shutil.rmtree(folder)

    unpack(folder)
    with tempfile.TemporaryDirectory() as out:
        drop_in = package(out).drop_in
        for room in ("plugins", "macros"):
            shutil.copytree(drop_in / room, folder / room, dirs_exist_ok=True)
    command = ["ls", "plugins/RHI/Macros", "macros/toolsets"]
    output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout
    with rig.imagej_window(folder) as window:
        _, _, width, _ = bounds(window)
        shown = menu(window, width - 14, 40)
    below(terminal(" ".join(command), output), shown).save(
        IMAGES / "fiji_drop_in.png", optimize=True
    )
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
