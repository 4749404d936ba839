"""The rig itself: ImageJ 1.54p runs, answers, and tells what its dialogs say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rigs.imagej_window import ImageJError

if TYPE_CHECKING:
    from rigs.imagej_window import ImageJWindow


def test_runs_the_version_that_pyrhi_follows(imagej: ImageJWindow) -> None:
    assert imagej.run("return IJ.getFullVersion;").startswith("1.54p")


def test_text_goes_and_comes_unchanged(imagej: ImageJWindow) -> None:
    text = "Köhler “µm²” 脊髓\nsecond line\t"
    assert imagej.run("return getArgument();", text) == text


def test_home_is_not_the_users(imagej: ImageJWindow) -> None:
    assert imagej.run('return getInfo("user.home");') == str(imagej.folder / "home")


def test_a_dialog_is_read_and_answered(imagej: ImageJWindow) -> None:
    number = imagej.start(
        'Dialog.create("Ask"); Dialog.addMessage("Why?"); Dialog.show(); return "on";'
    )
    assert "Why?" in imagej.wait_for_dialog("Ask")
    assert imagej.push("OK")
    assert imagej.finish(number) == "on"


def test_an_aborted_macro_is_an_error_that_says_why(imagej: ImageJWindow) -> None:
    imagej.press("OK")
    with pytest.raises(ImageJError, match="no images open"):
        imagej.run("getDimensions(w, h, c, z, t);")
