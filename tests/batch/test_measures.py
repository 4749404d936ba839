"""``--measures``: Spinal Cord Toolbox's numbers of lesions, numpy's of signal, printed points."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tifffile

from pyrhi.cli.main import run
from pyrhi.rhi.convert import mask_to_rois, write_rois

TABLES = ("measures", "lesions", "signal")


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=True)


@pytest.fixture(scope="module")
def sct(data: Path) -> dict[str, float]:
    (lesion,) = json.loads((data / "measures/sct.json").read_text(encoding="utf-8"))
    return lesion


def test_a_volume_has_the_toolbox_s_volume_and_length(sample: Path, tmp_path: Path, sct):
    nifti = sample / "nifti"
    line = ["measure", str(nifti / "t2.nii.gz"), "--cord-mask", str(nifti / "t2_cord.nii.gz"),
            "--high-mask", str(nifti / "t2_high.nii.gz"), "-o", str(tmp_path)]  # fmt: skip
    assert run([*line, "--measures", "--jobs", "1"]) == 0
    (patient,) = read(tmp_path, "measures").to_dict("records")
    assert patient["LesionVolume"] == pytest.approx(sct["volume [mm3]"], rel=1e-9)
    assert patient["LongestLesion"] == pytest.approx(sct["length [mm]"], rel=1e-9)
    assert np.isnan(patient["AxialDamageRatio"])
    assert "needs axial slices" in patient["Reason"]
    # Taken up again, the same tables.
    before = [(tmp_path / f"{name}.csv").read_bytes() for name in TABLES]
    assert run([*line, "--measures", "--resume"]) == 0
    assert [(tmp_path / f"{name}.csv").read_bytes() for name in TABLES] == before


def test_exported_slices_need_what_their_files_do_not_say(axial: Path, tmp_path: Path, sct):
    line = ["measure", str(axial), "--jobs", "1", "--measures", "-o"]
    assert run([*line, str(tmp_path / "a")]) == 0
    (patient,) = read(tmp_path / "a", "measures").to_dict("records")
    for name in ("LesionVolume", "LesionLength", "AxialDamageRatio"):
        assert np.isnan(patient[name])
    for option in ("--slice-distance", "--slice-plane"):
        assert f"give {option}" in patient["Reason"]
    given = ["--slice-distance", "0.8", "--slice-plane", "axial"]
    assert run([*line, str(tmp_path / "b"), *given]) == 0
    (patient,) = read(tmp_path / "b", "measures").to_dict("records")
    # The slices are those of the toolbox's volume, with pixels of 0.8 instead of float32(0.8) mm.
    assert patient["LesionVolume"] == pytest.approx(sct["volume [mm3]"], rel=1e-5)
    assert patient["LesionLength"] == pytest.approx(sct["length [mm]"], rel=1e-7)
    ratio = sct["max_axial_damage_ratio []"]
    assert patient["AxialDamageRatio"] == pytest.approx(ratio, rel=1e-9)
    rhi = read(tmp_path / "b", "patients").RHI_max[0]
    assert patient["AxialDamageRatio"] == pytest.approx(rhi / 100, rel=1e-12)
    rows = read(tmp_path / "b", "signal")
    wanted = read(tmp_path / "b", "rhi").RHI / 100
    assert rows.AxialDamageRatio.tolist() == pytest.approx(wanted.tolist(), rel=1e-12)


@pytest.fixture
def spine(tmp_path: Path) -> tuple[Path, np.ndarray, dict[str, np.ndarray]]:
    """One slice with two levels, a high area in each, and two reference ROIs."""
    folder = tmp_path / "p"
    folder.mkdir()
    rng = np.random.default_rng(3)
    pixels = rng.integers(100, 900, (60, 50)).astype(np.uint16)
    masks = {}
    for name, box in {
        "cord T12": (5, 25, 5, 45), "high T12": (8, 14, 10, 20), "cord L2": (30, 55, 5, 45),
        "high L2": (35, 50, 10, 30), "normal 1": (0, 4, 0, 7), "normal 2": (57, 60, 10, 40),
    }.items():  # fmt: skip
        masks[name] = np.zeros(pixels.shape, bool)
        masks[name][box[0] : box[1], box[2] : box[3]] = True
    tifffile.imwrite(folder / "s.tif", pixels, imagej=True, resolution=(2.0, 2.0),
                     metadata={"unit": "mm"})  # fmt: skip
    rois = [roi for name, mask in masks.items() for roi in mask_to_rois(mask, name)]
    write_rois(folder / "s.zip", rois)
    return folder, pixels, masks


def test_signal_and_points_by_numpy(spine, tmp_path: Path):
    folder, pixels, masks = spine
    assert run(["measure", str(folder), "--measures", "-o", str(tmp_path / "out")]) == 0
    reference = pixels[masks["normal 1"] | masks["normal 2"]].mean()
    rows = read(tmp_path / "out", "signal")
    for level, points in (("T12", 3), ("L2", 2)):
        (row,) = rows[rows.Level == level].to_dict("records")
        high, cord = pixels[masks[f"high {level}"]].mean(), pixels[masks[f"cord {level}"]].mean()
        assert row["ReferenceMean"] == pytest.approx(reference, rel=1e-12)
        assert row["SignalChangeRatio"] == pytest.approx(high / reference, rel=1e-12)
        assert row["ContrastRatio"] == pytest.approx(high / reference - 1, rel=1e-9)
        assert row["CordRatio"] == pytest.approx(cord / reference, rel=1e-12)
        assert row["SinsLocation"] == points
    (patient,) = read(tmp_path / "out", "measures").to_dict("records")
    # Two vertebrae: 1 point; the higher points of the location.
    assert (patient["TokuhashiVertebrae"], patient["SinsLocation"]) == (1, 3)
    worst = rows[rows.Level == "L2"].iloc[0]
    assert patient["SignalChangeRatio"] == worst["SignalChangeRatio"]
    assert patient["LesionCount"] == 2


def test_an_excluded_slice_is_not_measured(spine, tmp_path: Path):
    folder, _, _ = spine
    ratings = tmp_path / "ratings.csv"
    ratings.write_text("Patient,Image,Slice,Level,Rating,Comment,Reader,Date\n"
                       "p,s.tif,1,L2,exclude,,,\n")  # fmt: skip
    line = ["measure", str(folder), "--measures", "--ratings", str(ratings), "-o"]
    assert run([*line, str(tmp_path / "out")]) == 0
    (patient,) = read(tmp_path / "out", "measures").to_dict("records")
    assert (patient["LesionCount"], patient["TokuhashiVertebrae"]) == (1, 2)
    assert read(tmp_path / "out", "lesions").Level.tolist() == ["T12"]
    assert read(tmp_path / "out", "signal").Level.tolist() == ["T12"]


@pytest.mark.parametrize(
    ("options", "message", "code"),
    [
        (["--slice-distance", "3"], "are for --measures; add it", 2),
        (["--measures", "--slice-distance", "0"], "slice_distance 0 is not a length above 0", 1),
    ],
)
def test_options_that_do_not_fit(axial: Path, tmp_path: Path, options, message, code, capsys):
    assert run(["measure", str(axial), "-o", str(tmp_path / "out"), *options]) == code
    assert message in capsys.readouterr().err
