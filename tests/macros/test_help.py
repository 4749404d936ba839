"""The Help button of RHI Measure's and RHI Batch's dialogs calls a browser with the paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
