"""Lesions over two visits: drawn cases, and scikit-image's own labels."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pyrhi.cli.main import run
from pyrhi.io.geometry import Geometry
from pyrhi.rhi.lesions import LabelledSlice, count_joined
from pyrhi.study.lesion_changes import LesionVolume, label_lesions, lesion_changes, on_grid

CASES = {
    "appeared": ("0000", "0110"),
    "vanished": ("0110", "0000"),
    "grew": ("0110", "1110"),
    "shrank": ("1110", "0100"),
    "same volume": ("0110", "0011"),
    "merged": ("1010", "1111"),
    "split": ("1110", "1010"),
    "merged and split": ("110111", "011101"),
}


@pytest.mark.parametrize("change", CASES)
def test_drawn_cases(change: str):
    before, after = (
        label_lesions(np.array([[[int(c) for c in text]]]) > 0) for text in CASES[change]
    )
    (found,) = lesion_changes(before, after, 2.5)
    assert found.change == change
    assert found.volume_before == 2.5 * (before > 0).sum()
    assert found.volume_after == 2.5 * (after > 0).sum()


@settings(deadline=None, max_examples=80)
@given(arrays(bool, (3, 5, 6)), arrays(bool, (3, 5, 6)))
def test_groups_are_the_components_of_scipy_s_graph(first: np.ndarray, second: np.ndarray):
    a, b = label_lesions(first), label_lesions(second)
    n, m = int(a.max()), int(b.max())
    both = (a > 0) & (b > 0)
    edges = coo_array((np.ones(both.sum()), (a[both] - 1, b[both] - 1 + n)), (n + m, n + m))
    wanted = connected_components(edges, directed=False)[0] if n + m else 0
    changes = lesion_changes(a, b, 1.0)
    assert len(changes) == wanted
    assert sorted(x for c in changes for x in c.before) == list(range(1, n + 1))
    assert sorted(x for c in changes for x in c.after) == list(range(1, m + 1))
    assert sum(c.volume_after - c.volume_before for c in changes) == second.sum() - first.sum()


@settings(deadline=None, max_examples=60)
@given(arrays(bool, (3, 5, 6)))
def test_lesions_are_those_that_patients_csv_counts(high: np.ndarray):
    slices = []
    for number, plane in enumerate(high):
        labels = label_lesions(plane[None])[0]
        slices.append(LabelledSlice.of("a", number, 0, 0, labels))
    assert label_lesions(high).max() == count_joined(slices)


def test_a_turned_image_lies_on_the_same_grid():
    rng = np.random.default_rng(2)
    labels = label_lesions(rng.random((4, 6, 5)) > 0.7)
    grid = Geometry(np.diag([0.5, 0.7, 3.0, 1.0]), (5, 6, 4))
    mirrored = np.diag([-0.5, 0.7, 3.0, 1.0])
    mirrored[0, 3] = 0.5 * 4
    other = LesionVolume(labels[:, :, ::-1].copy(), Geometry(mirrored, (5, 6, 4)))
    assert (on_grid(other, grid) == labels).all()
    shifted = np.diag([0.5, 0.7, 3.0, 1.0])
    shifted[0, 3] = 0.2
    assert on_grid(LesionVolume(labels, Geometry(shifted, (5, 6, 4))), grid) is None


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
