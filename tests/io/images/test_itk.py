"""NRRD and MetaImage as SimpleITK and pynrrd write them: every value is that of the array."""

from __future__ import annotations

from pathlib import Path

import nrrd
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from rigs.images import planes


@pytest.mark.parametrize("ending", [".mha", ".mhd", ".nrrd", ".nhdr"])
@pytest.mark.parametrize("packed", [True, False])
def test_whole_files_of_simpleitk_are_read(tmp_path: Path, values, ending: str, packed: bool):
    path = tmp_path / f"x{ending}"
    sitk.WriteImage(sitk.GetImageFromArray(values), path, useCompression=packed)
    assert np.array_equal(planes(path), values)


@pytest.mark.parametrize("ending", [".nrrd", ".nhdr"])
@pytest.mark.parametrize("encoding", ["gzip", "raw"])
def test_whole_files_of_pynrrd_are_read(tmp_path: Path, values, ending: str, encoding: str):
    path = tmp_path / f"x{ending}"
    nrrd.write(str(path), values.T, {"encoding": encoding, "space dimension": 3})
    assert np.array_equal(planes(path), values)
