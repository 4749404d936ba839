"""The Help button: of RHI Measure and RHI Batch it calls a browser with the paper; every dialog has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rigs.imagej_window import MACROS, TOOLS

if TYPE_CHECKING:
    from pathlib import Path

    from rigs.imagej_window import ImageJWindow

PAPER = "https://doi.org/10.7150/ijms.103916"


@pytest.mark.parametrize("command", ["RHI Measure", "RHI Batch"])
def test_help_opens_the_paper(imagej: ImageJWindow, axial: Path, command: str) -> None:
    imagej.run(f'open("{axial / "t2_axial_022.tif"}");')
    number = imagej.start(f'run("{command}"); return "";')
    imagej.wait_for_dialog("Research use only")
    assert imagej.push("Help")
    assert imagej.wait_for_browser(PAPER)
    assert imagej.push("Cancel")
    imagej.finish_aborted(number)


@pytest.mark.parametrize("macro", sorted(path.name for path in MACROS.glob("*.ijm")))
def test_every_dialog_of_the_source_has_help(macro: str) -> None:
    shown = (MACROS / macro).read_text("ascii").split("Dialog.show()")[:-1]
    assert [dialog.count("Dialog.addHelp(") for dialog in shown] == [1] * len(shown)


def test_the_toolset_asks_by_dialogs_alone() -> None:
    # A box of getBoolean has no Help.
    assert "getBoolean(" not in (MACROS / TOOLS).read_text("ascii")
