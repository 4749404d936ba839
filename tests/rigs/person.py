"""Someone at a real ImageJ window: mouse and keyboard by xdotool, and eyes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from rigs.imagej_window import ImageJWindow

BUTTON_WIDTH = 30
TOOLS = ("rectangle", "oval", "polygon", "freehand", "line", "angle", "point")
"""ImageJ's own tools from the left of the toolbar."""

FIRST_CUSTOM = 12.3
"""Place of the first tool of a toolset, in buttons from the left; a gap lies before it."""

STEP = "0.03"
WAIT_SECONDS = 10.0
LOST_SECONDS = 5.0
"""A click or key that has done nothing by then was lost, on a slow machine too."""

TRIES = 3
"""A window that was just under another one may miss the first movement of the mouse."""


@dataclass
class Person:
    """Uses an ImageJ as a user does.

    Parameters
    ----------
    window
        The running ImageJ.
    """

    window: ImageJWindow

    def choose_toolset(self) -> None:
        """Choose the first toolset of the ``>>`` menu, which lists it after StartupMacros."""
        found = self.window.xdotool("search", "--onlyvisible", "--name", "^ImageJ$").split()
        for attempt in range(3 * TRIES):
            if "macros installed" in self.status():
                return
            # Without a window manager Java may be wrong about where its first window went;
            # it learns from a move.
            self.window.xdotool("windowmove", found[0], str(500 + attempt), "0", "sleep", "0.5")
            left, top, width, _ = self._place("toolbar")
            x, y = str(left + width - 14), str(top + 12)
            self.window.xdotool("mousemove", x, str(top + 60), "mousemove", x, y, "sleep", "0.3")
            if "More Tools" in self.status():
                self._click(int(x), int(y))
                self.keys("Down", "Down", "Return")
                time.sleep(0.5)
        msg = f"no toolset was installed; the status bar says {self.status()!r}"
        raise AssertionError(msg)

    def hover(self, custom: int) -> str:
        """Move over a tool of the toolset and return the tip in the status bar."""
        left, top, *_ = self._place("toolbar")
        x = left + round((FIRST_CUSTOM + custom + 0.5) * BUTTON_WIDTH)
        # A tip shows on movement, so the mouse comes from elsewhere.
        self.window.xdotool("mousemove", str(x), str(top + 60), "sleep", "0.1")
        self.window.xdotool("mousemove", str(x), str(top + 10), "sleep", "0.1")
        self.window.xdotool("mousemove", str(x), str(top + 14), "sleep", "0.2")
        return self.status()

    def click_tool(self, custom: int) -> None:
        """Click a tool of the toolset, counted from 0."""
        left, top, *_ = self._place("toolbar")
        self._click(left + round((FIRST_CUSTOM + custom + 0.5) * BUTTON_WIDTH), top + 14)

    def pick(self, tool: str) -> None:
        """Click one of ImageJ's own tools."""
        left, top, *_ = self._place("toolbar")
        self._click(left + BUTTON_WIDTH * TOOLS.index(tool) + 10, top + 14)

    def drag(self, tool: str, points: Sequence[tuple[float, float]]) -> None:
        """Draw with a tool by one movement of the mouse; points are pixels of the image."""
        for _ in range(TRIES):
            self.pick(tool)
            # A press soon after another one would select an outline of the overlay.
            steps = ["mousemove", *self._at(points[0]), "sleep", "0.35", "mousedown", "1"]
            for point in points[1:]:
                steps += ["sleep", STEP, "mousemove", *self._at(point)]
            self.window.xdotool(*steps, "sleep", "0.1", "mouseup", "1", "sleep", "0.2")
            if int(self.window.run('return "" + selectionType();')) >= 0:
                return
        msg = f"nothing was drawn with {tool}; dialogs: {self.window.dialogs()}"
        raise AssertionError(msg)

    def outline(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw a polygon: a click for each corner, a double click on the last."""
        self.pick("polygon")
        for point in points:
            self.window.xdotool("mousemove", *self._at(point), "sleep", "0.35", "click", "1")
        self.window.xdotool("sleep", "0.05", "click", "1", "sleep", "0.2")

    def keys(self, *names: str) -> None:
        """Type keys, with time for each to act."""
        for name in names:
            self.window.xdotool("key", name, "sleep", "0.25")

    def press(self, key: str) -> None:
        """Type a key into the image window, and once more if it was lost on the way."""
        for _ in range(TRIES):
            self.focus_image()
            pressed = self._keyboard()[1]
            self.keys(key)
            if self._comes(lambda before=pressed: self._keyboard()[1] > before):
                return
        msg = f"the key {key} does not arrive; dialogs: {self.window.dialogs()}"
        raise AssertionError(msg)

    def focus_image(self) -> None:
        """Give the keyboard to the image by a click on the line of text above it."""
        for _ in range(TRIES):
            left, top, *_ = self._place("canvas")
            self._click(left + 4, top - 6)
            # A slow machine gives the keyboard later than it answers the click.
            if self._comes(lambda: self._keyboard()[0]):
                return
            # Another window may lie over it, or Java be wrong about its place: a move tells it.
            title = self.window.run("selectImage(getImageID()); return getTitle();")
            name = f"^{re.escape(title)}"
            for found in self.window.xdotool("search", "--onlyvisible", "--name", name).split():
                self.window.xdotool(
                    "windowraise", found, "windowmove", "--relative", found, "3", "3"
                )
        msg = f"the image does not get the keyboard; dialogs: {self.window.dialogs()}"
        raise AssertionError(msg)

    def _keyboard(self) -> tuple[bool, int]:
        """Say whether the image has the keyboard, and how many keys ImageJ has seen."""
        holder, keys = self.window.look("focus")
        return holder == "image", int(keys)

    def _comes(self, asked: Callable[[], bool]) -> bool:
        """Wait for what a click or a key does; False where it was lost."""
        end = time.monotonic() + LOST_SECONDS
        while not asked():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def answer(
        self, text: str, button: str, typed: str = "", *, tabs: int = 0, choice: str = ""
    ) -> str:
        """Wait for a dialog, type into it or choose, press its button; return what it said.

        Parameters
        ----------
        text
            Part of what the dialog says.
        button
            Its button.
        typed
            What is typed into the field that has the keyboard.
        tabs
            Fields to go on before that.
        choice
            Item of a list that is chosen, or tick box that is clicked.
        """
        dialog = self.window.wait_for_dialog(text)
        if choice and not self.window.push(choice):
            raise AssertionError(dialog)
        if typed:
            self._type(typed, tabs)
        if not self.window.push(button):
            raise AssertionError(dialog)
        self.wait_until_gone(text)
        if button == "Cancel":
            # It ends the macro; where another begins before that, ImageJ ends that one too.
            self.window.wait_until_idle()
        return dialog

    def _type(self, text: str, tabs: int) -> None:
        """Type into the open dialog until the text stands there."""

        def stands() -> bool:
            return f"\n{text}\n" in "\n".join(self.window.dialogs()) + "\n"

        for _ in range(TRIES):
            # The keyboard follows a new window late on a busy machine.
            time.sleep(0.3)
            self.keys(*["Tab"] * tabs, "ctrl+a")
            self.window.xdotool("type", text)
            # What comes late must not be typed a second time: Tab would go on from there.
            if self._comes(stands):
                return
        msg = f"{text!r} does not arrive; dialogs: {self.window.dialogs()}"
        raise AssertionError(msg)

    def wait_until_gone(self, text: str) -> None:
        """Wait until no open dialog has that text."""
        end = time.monotonic() + WAIT_SECONDS
        while text in "".join(self.window.dialogs()) and time.monotonic() < end:
            time.sleep(0.05)

    def follow(self, address: str) -> None:
        """Click the link to that address in the open page, until the browser is called."""
        for _ in range(TRIES):
            x, y = self._place("link", address)
            self._click(x, y)
            if self.window.wait_for_browser(address, seconds=LOST_SECONDS):
                return
        msg = f"no browser was called with {address}; dialogs: {self.window.dialogs()}"
        raise AssertionError(msg)

    def status(self) -> str:
        """Return what the status bar says."""
        return self.window.look("status")[0]

    def read(self, title: str) -> str:
        """Return the text in a window."""
        return self.window.look("text", title)[0]

    def wait_for_status(self, text: str) -> str:
        """Wait until the status bar has that text, and the macro that said it is done."""
        end = time.monotonic() + WAIT_SECONDS
        while text not in self.status():
            if time.monotonic() > end:
                msg = f"the status bar says {self.status()!r}; dialogs: {self.window.dialogs()}"
                raise AssertionError(msg)
            time.sleep(0.05)
        message = self.status()
        self.window.wait_until_idle()
        return message

    def wait_for_selection(self) -> None:
        """Wait until the image has a selection."""
        end = time.monotonic() + WAIT_SECONDS
        while int(self.window.run('return "" + selectionType();')) < 0:
            if time.monotonic() > end:
                msg = f"nothing is selected; dialogs: {self.window.dialogs()}"
                raise AssertionError(msg)
            time.sleep(0.2)

    def zoom_in(self, times: int) -> None:
        """Enlarge the image by its key."""
        self.focus_image()
        self.keys(*["plus"] * times)

    def picture(self, path: Path) -> None:
        """Take a picture of the screen."""
        self.window.picture(path)

    def _place(self, what: str, *texts: str) -> list[int]:
        return [int(word) for word in self.window.look(what, *texts)[0].split()]

    def _at(self, point: tuple[float, float]) -> tuple[str, str]:
        place, view = self.window.look("canvas")
        left, top, *_ = map(int, place.split())
        x, y, magnification = map(float, view.split())
        return (
            str(round(left + (point[0] - x) * magnification)),
            str(round(top + (point[1] - y) * magnification)),
        )

    def _click(self, x: int, y: int) -> None:
        self.window.xdotool("mousemove", str(x), str(y), "sleep", "0.15", "click", "1")
        time.sleep(0.2)
