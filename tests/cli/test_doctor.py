"""``pyrhi doctor`` in processes of their own: it starts Java."""

from __future__ import annotations

import pytest
from rigs.command_line import doctor

pytestmark = pytest.mark.slow


def test_doctor_says_what_is_wrong_with_a_folder_that_is_not_fiji(tmp_path):
    code, found, errors = doctor("--fiji", str(tmp_path))
    assert code == 1
    assert found["Fiji"][0] == "missing"
    assert "is not a folder of Fiji or ImageJ" in found["Fiji"][1]
    assert "Traceback" not in errors
