"""What the tests of this folder share."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

from pyrhi.io.rois import encode_mask, write_roiset


@pytest.fixture(scope="module")
def source(tmp_path_factory, series_of, axial: Path, sagittal: Path) -> Path:
    """A study: axial slices, a stack and a DICOM series, all named after their patients."""
    top = tmp_path_factory.mktemp("study")
    folder = top / "in"
    shutil.copytree(axial, folder / "Mueller_Hans-Peter")
    shutil.copytree(sagittal, folder / "Erika Musterfrau 19700101")
    stack = sagittal / "t2_sagittal.tif"
    series_of(stack, folder / "ID-4711-XYZ")
    shutil.copy(sagittal / "t2_sagittal.RoiSet.zip", folder / "ID-4711-XYZ.zip")
    info = "0010,0010  Patient's Name: Musterfrau^Erika\n0008,0080  Institution: Klinik am Berg\n"
    named = folder / "Erika Musterfrau 19700101" / "Musterfrau.tif"
    tifffile.imwrite(
        named,
        np.arange(600, dtype=np.uint16).reshape(20, 30),
        imagej=True,
        metadata={"Info": info, "Labels": ["Musterfrau Erika"]},
    )
    cord = np.zeros((20, 30), bool)
    cord[2:9, 3:20] = True
    name = "Musterfrau cord L2"
    write_roiset(named.with_suffix(".zip"), [(name, encode_mask(cord, name=name))])
    (folder / "Musterfrau letter.txt").write_text("Dear Mrs Musterfrau")
    return folder
