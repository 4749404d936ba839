"""``pyrhi verify`` as a person runs it: a real ImageJ on the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rigs.command_line import pyrhi
from rigs.places import DATA, SAMPLE

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("arguments", "images"),
    [
        ([SAMPLE / "axial_slices", "--high", "Otsu"], 16),
        ([SAMPLE / "sagittal_stack", "--high", "auto"], 1),
        (
            [
                SAMPLE / "nifti" / "t2.nii.gz",
                "--cord-mask",
                SAMPLE / "nifti" / "t2_cord.nii.gz",
                "--high-mask",
                SAMPLE / "nifti" / "t2_high.nii.gz",
            ],
            1,
        ),
        ([DATA / "golden"], 5),
    ],
    ids=["axial", "sagittal", "nifti", "golden"],
)
def test_imagej_gives_the_same_cells(arguments, images):
    process = pyrhi("verify", *arguments)
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stdout.startswith(f"{images} images, ")
    assert "compared with ImageJ 1.54p: 0 differ" in process.stdout
    assert process.stderr == ""
