"""The doctor tries both engines on a trial ROI: it starts Java."""

from __future__ import annotations

import pytest
from rigs.command_line import doctor

pytestmark = pytest.mark.slow


def test_doctor_measures_a_trial_roi_by_both_engines():
    code, found, _ = doctor()
    assert code == 0
    assert {part: state for part, (state, _) in found.items()} == dict.fromkeys(
        [
            "Python",
            "pyrhi",
            "packages",
            "numpy engine",
            "extra imagej",
            "extra study",
            "Java",
            "ImageJ engine",
        ],
        "works",
    )
    assert "ImageJ 1.54p" in found["ImageJ engine"][1]
    assert "numpy " in found["packages"][1]
    assert "scyjava " in found["extra imagej"][1]
