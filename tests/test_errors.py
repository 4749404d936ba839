"""Errors are one line each, whatever they quote."""

from __future__ import annotations

import inspect

import pytest

from pyrhi import errors

KINDS = [k for _, k in inspect.getmembers(errors, inspect.isclass) if k is not errors.PyrhiError]
ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""Every character at which a text of Python's breaks into lines."""


@pytest.mark.parametrize("end", ENDS, ids=lambda end: f"{ord(end):x}")
def test_a_damaged_name_breaks_no_message_into_lines(end: str):
    assert str(errors.RoiError(f"ROI 'cord{end}L2': is damaged")) == "ROI 'cord L2': is damaged"
    assert len(str(errors.RoiError(f"{end}a{end}{end}b{end}")).splitlines()) == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_who_catches_pyrhis_errors_catches_all_of_them(kind: type[Exception]):
    assert issubclass(kind, errors.PyrhiError)
    assert kind.__doc__
