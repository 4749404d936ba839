"""Lesions of two visits, read again from their images."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pytest

from pyrhi.cli.main import run


@pytest.fixture
def visits(sample: Path, tmp_path: Path) -> Path:
    """Month 6 has the lesion of month 0 without its largest slice, and another small one."""
    nifti = sample / "nifti"
    image = nibabel.load(nifti / "t2_high.nii.gz")
    high = np.asanyarray(image.dataobj) > 0
    cord = np.asanyarray(nibabel.load(nifti / "t2_cord.nii.gz").dataobj) > 0
    other = np.zeros_like(high)
    spot = np.argwhere(cord & ~high)[100]
    other[tuple(spot)] = True
    far = np.zeros_like(high)
    far[tuple(np.argwhere(cord & ~high)[-100])] = True
    smaller = high.copy()
    smaller[:, :, int(high.sum(axis=(0, 1)).argmax())] = False
    for name, mask in (("month_0", high | other), ("month_6", smaller | far)):
        folder = tmp_path / name
        folder.mkdir()
        nibabel.save(nibabel.Nifti1Image(mask.astype(np.uint8), image.affine), folder / "h.nii.gz")
        out, drawn = str(tmp_path / f"out/{name}"), str(nifti / "t2_cord.nii.gz")
        line = ["measure", str(nifti / "t2.nii.gz"), "--high-mask", str(folder / "h.nii.gz")]
        line += ["--cord-mask", drawn, "-o", out]
        assert run([*line, "--jobs", "1"]) == 0
    return tmp_path / "out"


def test_track_writes_what_became_of_the_lesions(visits: Path, tmp_path: Path, capsys):
    line = ["track", str(visits / "month_0"), str(visits / "month_6"), "--lesions"]
    assert run([*line, "-o", str(tmp_path / "p")]) == 0
    rows = pd.read_csv(tmp_path / "p/lesion_changes.csv")
    # Taking a slice out of the middle leaves two parts of the lesion.
    assert sorted(rows.Change) == ["appeared", "split", "vanished"]
    assert set(rows.From) == {"month_0"}
    assert set(rows.To) == {"month_6"}
    voxel = 0.8**3
    split = rows[rows.Change == "split"].iloc[0]
    assert split.VolumeBefore == pytest.approx(163 * voxel, rel=1e-5)
    assert split.VolumeChange < 0
    assert "1 split" in capsys.readouterr().out


def test_tiffs_do_not_say_where_they_lie(axial: Path, tmp_path: Path):
    for name in ("a", "b"):
        assert run(["measure", str(axial), "-o", str(tmp_path / name), "--jobs", "1"]) == 0
    line = ["track", str(tmp_path / "a"), str(tmp_path / "b"), "--lesions", "-o", str(tmp_path)]
    assert run(line) == 0
    rows = pd.read_csv(tmp_path / "lesion_changes.csv")
    assert set(rows.Reason) == {"the image does not say where its voxels lie"}
    assert rows.Change.isna().all()
