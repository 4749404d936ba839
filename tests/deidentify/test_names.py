"""Pseudonyms of files."""

from __future__ import annotations

from pyrhi.deidentify.names import Names


def test_numbers_that_are_no_slices_are_counted_anew():
    from pathlib import PurePath

    names = ["a/4711001.dcm", "a/4711002.dcm", "a/4711004.dcm", "a/t2_1_cord.nii", "a/t2_1.nii"]
    names += ["a/t2_2.nii", "b/4711001.dcm"]
    paths = [PurePath(n) for n in names]
    new = Names(paths, b"k" * 32)
    out = [new.stem(p) for p in paths]
    assert [o.split("_", 1)[1] for o in out[:3]] == ["1", "2", "4"]
    assert out[3] == f"{out[4]}_cord"
    assert out[4].endswith("_1")
    assert out[5].endswith("_2")
    assert "_" not in out[6]
