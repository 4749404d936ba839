"""RHI from masks, against the cases of tests/data/masks and numbers counted by numpy."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import nibabel as nib
import nrrd
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nibabel.orientations import apply_orientation, inv_ornt_aff

from pyrhi.engines.numpy_engine import NumpyEngine
from pyrhi.errors import ParameterError, PyrhiError, RoiError, RoleError
from pyrhi.io.images import read_image
from pyrhi.io.images.reslice import in_plane
from pyrhi.rhi.mask_options import MaskOptions
from pyrhi.rhi.masks import rois_of_masks
from pyrhi.rhi.measure import ImageMeasurement, RhiParameters, measure_image

AFFINE = np.array([[0, 0, 3.0, -30], [-0.7, 0, 0, 20], [0, 0.9, 0, 5], [0, 0, 0, 1]])
SHAPE = (12, 9, 5)


def measured(image, plane: str = "acquired", options=None, **masks) -> ImageMeasurement:
    with in_plane(read_image(image), plane) as opened:
        drawn = rois_of_masks(opened, options=options or MaskOptions(), **masks)
        remarked = drawn.on(opened)
        return drawn.with_remarks(
            measure_image(remarked, drawn.rois, NumpyEngine(remarked), RhiParameters())
        )


CASES = json.loads((Path(__file__).parents[1] / "data/masks/cases.json").read_text())


@pytest.mark.parametrize("name", CASES)
def test_the_cases_of_other_programs(data: Path, name: str):
    case, folder = CASES[name], data / "masks"
    given_ = dict(zip(case["options"][::2], case["options"][1::2], strict=True))
    labels = (given_["--labels"],) if "--labels" in given_ else ()
    arguments = {"cord": folder / case["cord"], "high": folder / case["high"]}

    def run() -> ImageMeasurement:
        plane = given_.get("--plane", "acquired")
        options = MaskOptions(labels=labels)
        return measured(folder / case["image"], plane, options, **arguments)

    if case["expect"] == "refuse":
        with pytest.raises(PyrhiError) as caught:
            run()
        assert "\n" not in str(caught.value)
        return
    with (folder / f"expected_{case['expect']}.csv").open() as stream:
        expected = list(csv.DictReader(stream))
    rows = run().rhi
    assert [(str(r.slice), r.level) for r in rows] == [(e["Slice"], e["Level"]) for e in expected]
    for row, wanted in zip(rows, expected, strict=True):
        assert math.isclose(row.rhi, float(wanted["RHI"]), rel_tol=1e-12)
        outside = float(wanted.get("HighOutsidePercent", "nan"))
        assert row.high_outside_percent in (outside, 0.0) or math.isnan(row.high_outside_percent)
        if "HighOutsidePercent" in wanted:
            assert math.isnan(outside) == math.isnan(row.high_outside_percent)


def save(path: Path, values: np.ndarray, affine=AFFINE) -> Path:
    nib.save(nib.Nifti1Image(values, affine), path)
    return path


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return save(tmp_path / "t2.nii.gz", np.zeros(SHAPE, np.int16))


@pytest.fixture
def cord() -> np.ndarray:
    out = np.zeros(SHAPE, np.uint8)
    out[2:10, 2:7, 1:4] = 1
    return out


@pytest.fixture
def high(cord) -> np.ndarray:
    out = np.zeros(SHAPE, np.uint8)
    out[3:6, 3:5, 2] = 1
    return out


orientations = st.tuples(st.permutations(range(3)), st.tuples(*[st.sampled_from((1, -1))] * 3)).map(
    lambda o: np.array(list(zip(*o, strict=True)))
)


def oriented(path: Path, values: np.ndarray, ornt: np.ndarray) -> Path:
    return save(path, apply_orientation(values, ornt), AFFINE @ inv_ornt_aff(ornt, values.shape))


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(orientations, orientations, orientations, st.sampled_from(["sagittal", "axial", "coronal"]))
def test_how_image_and_masks_lie_in_their_files_changes_no_number(
    tmp_path: Path, turn_image, turn_cord, turn_high, plane: str
):
    rng = np.random.default_rng(11)
    cord, high = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    cord[2:10, 2:7, 1:4] = rng.random((8, 5, 3)) < 0.8
    high[3:8, 3:6, 1:4] = rng.random((5, 3, 3)) < 0.4
    values = rng.integers(0, 900, SHAPE).astype(np.int16)
    axis = {"sagittal": 2, "coronal": 0, "axial": 1}[plane]
    wanted = sorted(
        (100 * h / c, c * 0.7 * 0.9 * 3.0 / (0.7, 0.9, 3.0)[axis])
        for n in range(SHAPE[axis])
        if (c := int(cord.take(n, axis).sum()))
        for h in [int(high.take(n, axis).sum())]
    )
    means = sorted(
        float(values.take(n, axis)[cord.take(n, axis) != 0].mean())
        for n in range(SHAPE[axis])
        if cord.take(n, axis).any()
    )
    rows = measured(
        oriented(tmp_path / "t2.nii", values, turn_image),
        plane,
        cord=oriented(tmp_path / "cord.nii", cord, turn_cord),
        high=oriented(tmp_path / "high.nii", high, turn_high),
    ).rhi
    assert {row.plane for row in rows} == {plane}
    assert np.allclose(sorted((r.rhi, r.cord_area) for r in rows), wanted, rtol=1e-6)
    assert np.allclose([r[0] for r in sorted((r.rhi, 0) for r in rows)], [w[0] for w in wanted],
                       rtol=1e-12)  # fmt: skip
    assert np.allclose(sorted(r.cord_mean for r in rows), means, rtol=1e-12)


@pytest.mark.parametrize("threshold", [0.5, 0.3, 0.9, 1.0])
def test_a_probability_belongs_from_the_threshold_on(tmp_path, image, cord, high, threshold):
    soft = np.where(cord, np.linspace(0.05, 1.0, cord.size).reshape(SHAPE), 0).astype(np.float32)
    soft[2, 2, 2] = threshold
    path = save(tmp_path / "soft.nii", soft)
    found = measured(
        image,
        options=MaskOptions(threshold=threshold),
        cord=path,
        high=save(tmp_path / "high.nii", high),
    )
    for row in found.rhi:
        assert row.how == f"drawn; cord mask >= {threshold:g}"
        count = int((soft[:, :, row.slice - 1] >= np.float32(threshold)).sum())
        assert math.isclose(row.cord_area, count * 0.7 * 0.9, rel_tol=1e-6)


@pytest.mark.parametrize("scale", [1, 255, 7])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_two_valued_masks_are_plain(tmp_path, image, cord, high, scale, dtype):
    paths = {
        "cord": save(tmp_path / "c.nii", (cord * scale).astype(dtype)),
        "high": save(tmp_path / "h.nii", (high * scale).astype(dtype)),
    }
    row = measured(image, **paths).rhi[1]
    assert row.how == "drawn"
    assert math.isclose(row.rhi, 100 * 6 / 40, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: np.where(v, -1, 0).astype(np.int16), "holds the values -1; labels are above 0"),
        (lambda v: v * 1.7, "holds fractions from 0 to 1.7, which are neither"),
        (lambda v: np.where(v, np.inf, 0.0), "holds infinite values"),
        (lambda v: v * np.arange(v.size, dtype=np.int16).reshape(v.shape), "more; say what they"),
        (lambda v: v * 0, "the mask has no pixel of a cord"),
        (lambda v: np.where(v, 0.4, 0.0), "the mask has no pixel of a cord"),
    ],
)
def test_what_is_no_cord_is_refused(tmp_path, image, cord, high, change, message):
    path = save(tmp_path / "c.nii", change(cord))
    with pytest.raises(RoiError, match=r"c\.nii") as caught:
        measured(image, cord=path, high=save(tmp_path / "h.nii", high))
    assert message in str(caught.value)


def test_nan_belongs_to_nothing_and_is_said(tmp_path, image, cord, high):
    values = np.where(cord, 1.0, np.nan)
    found = measured(image, cord=save(tmp_path / "c.nii", values),
                     high=save(tmp_path / "h.nii", high))  # fmt: skip
    assert [r.slice for r in found.rhi] == [2, 3, 4]
    assert found.notes == (
        f"c.nii: {cord.size - int(cord.sum())} pixels are NaN and belong to nothing",
    )


def test_no_high_pixel_is_an_rhi_of_0(tmp_path, image, cord, high):
    found = measured(image, cord=save(tmp_path / "c.nii", cord),
                     high=save(tmp_path / "h.nii", high * 0))  # fmt: skip
    assert [(r.rhi, r.high_area) for r in found.rhi] == [(0.0, 0.0)] * 3


def test_stray_pixels_are_counted_and_said(tmp_path, image, cord, high):
    high[5:7, 5, 0] = 1
    found = measured(image, cord=save(tmp_path / "c.nii", cord),
                     high=save(tmp_path / "h.nii", high))  # fmt: skip
    message = (
        "high-intensity pixels on slices without a cord were not counted: 2 (25 % of all), "
        "on slice 1"
    )
    assert found.notes == (message,)
    assert [r.slice for r in found.rhi] == [2, 3, 4]


def test_high_area_that_meets_no_cord_at_all_is_refused(tmp_path, image, cord, high):
    with pytest.raises(RoiError, match="none of its 6 high-intensity pixels"):
        measured(image, cord=save(tmp_path / "c.nii", np.roll(cord, 3, axis=2)[:, :, ::1] * (
            np.arange(5) == 0)), high=save(tmp_path / "h.nii", high))  # fmt: skip


def test_several_labels_need_a_convention(tmp_path, image, cord, high):
    cord[:, 4:, :] *= 3
    paths = {"cord": save(tmp_path / "c.nii", cord), "high": save(tmp_path / "h.nii", high)}
    with pytest.raises(RoiError, match=r"holds the values 1, 3; say what they mean with --labels"):
        measured(image, **paths)
    melted = measured(image, options=MaskOptions(labels=("binary",)), **paths).rhi
    assert {r.how for r in melted} == {"drawn; cord labels melted"}
    assert math.isclose(melted[1].rhi, 100 * 6 / 40, rel_tol=1e-12)
    levels = measured(image, options=MaskOptions(labels=("sct",)), **paths)
    assert [(r.slice, r.level) for r in levels.rhi][:3] == [(2, "C1"), (2, "C3"), (3, "C1")]
    by_level = {r.level: r.rhi for r in levels.rhi if r.slice == 3}
    assert by_level == {"C1": pytest.approx(100 * 3 / 16), "C3": pytest.approx(100 * 3 / 24)}


@pytest.mark.parametrize(
    ("labels", "values"),
    [("spider", (3, 2)), ("totalsegmentator", (29, 28)), ("sct", (22, 23)), ("verse", (22, 23))],
)
def test_levels_go_from_head_to_foot(tmp_path, image, cord, high, labels: str, values):
    upper, lower = values
    seg = np.where(cord, upper, 0)
    seg[:, 4:, :] = np.where(cord[:, 4:, :], lower, 0)
    found = measured(image, options=MaskOptions(labels=(labels,)),
                     cord=save(tmp_path / "c.nii", seg.astype(np.uint8)),
                     high=save(tmp_path / "h.nii", high))  # fmt: skip
    assert [(r.slice, r.level) for r in found.rhi][2:4] == [(3, "L3"), (3, "L4")]
    assert [r.rhi for r in found.rhi][2:4] == [pytest.approx(100 * 3 / 16), pytest.approx(12.5)]


def test_numbered_lesions_of_a_high_mask(tmp_path, image, cord, high):
    cord[:, 4:, :] *= 3
    high[3:6, 4, 2] = 2
    paths = {"cord": save(tmp_path / "c.nii", cord), "high": save(tmp_path / "h.nii", high)}
    with pytest.raises(RoiError, match="--labels high=binary"):
        measured(image, options=MaskOptions(labels=("sct",)), **paths)
    table = tmp_path / "mine.csv"
    table.write_text("value,role,level\n1,high,\n2,other,\n3,cord,\n")
    one = MaskOptions(labels=("cord=sct", f"high={table}"))
    found = [r for r in measured(image, options=one, **paths).rhi if r.slice == 3]
    assert [r.rhi for r in found] == [pytest.approx(100 * 3 / 16), 0.0]
    both = MaskOptions(labels=("sct", "high=binary"))
    found = [r for r in measured(image, options=both, **paths).rhi if r.slice == 3]
    assert [r.rhi for r in found] == [pytest.approx(100 * 3 / 16), pytest.approx(100 * 3 / 24)]


def test_the_whole_is_chosen(tmp_path, image, high):
    seg = np.zeros(SHAPE, np.uint8)
    seg[1:11, 1:8, 2] = 2  # the canal of TotalSpineSeg, around
    seg[2:10, 2:7, 2] = 1  # the cord
    seg[0, :, 2] = 41  # and a vertebra
    high[3:6, 3:5, 2] = 1
    paths = {"cord": save(tmp_path / "c.nii", seg), "high": save(tmp_path / "h.nii", high)}

    def area(whole: str | None):
        options = MaskOptions(labels=("totalspineseg",), whole=whole)
        return measured(image, options=options, **paths)

    cord = area("cord")
    assert [r.how for r in cord.rhi] == ["drawn; labels totalspineseg, whole cord"]
    assert cord.rhi[0].rhi == pytest.approx(100 * 6 / 40, rel=1e-12)
    assert area("canal").rhi[0].rhi == pytest.approx(100 * 6 / 70, rel=1e-12)
    with pytest.raises(RoiError, match="on a slice and level with a cord"):
        area("vertebra")
    with pytest.raises(ParameterError, match="--whole 'disc' is not one of cord, vertebra, canal"):
        area("disc")


def test_one_file_holds_both(tmp_path, image, cord, high):
    table = tmp_path / "mine.csv"
    table.write_text("value,role,level\n1,cord,L2\n2,high,L2\n")
    path = save(tmp_path / "both.nii", cord + high)
    options = MaskOptions(labels=(str(table),))
    rows = measured(image, options=options, masks=path).rhi
    # A label map has one value for each voxel: the high pixels are none of the cord's.
    assert [(r.slice, r.level) for r in rows] == [(2, "L2"), (3, "L2"), (4, "L2")]
    assert rows[1].rhi == pytest.approx(100 * 6 / 34, rel=1e-12)
    with pytest.raises(RoiError, match="holds one region alone"):
        measured(image, masks=save(tmp_path / "one.nii", cord))
    with pytest.raises(RoiError, match="sct has no high-intensity labels"):
        measured(image, options=MaskOptions(labels=("sct",)), masks=path)


def slicer(path: Path, segments: dict[str, np.ndarray]) -> Path:
    layers = np.stack([values != 0 for values in segments.values()]).astype(np.uint8)
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ AFFINE
    header = {
        "space": "left-posterior-superior",
        "space directions": np.vstack([np.full(3, np.nan), lps[:3, :3].T]),
        "space origin": lps[:3, 3],
        "kinds": ["list", "domain", "domain", "domain"],
    }
    for number, name in enumerate(segments):
        header |= {f"Segment{number}_Name": name, f"Segment{number}_LabelValue": "1",
                   f"Segment{number}_Layer": str(number)}  # fmt: skip
    nrrd.write(str(path), layers, header)
    return path


def test_segment_names_give_role_and_level(tmp_path, image, cord, high):
    upper, lower = cord.copy(), cord.copy()
    upper[:, 4:, :] = 0
    lower[:, :4, :] = 0
    path = slicer(
        tmp_path / "s.seg.nrrd",
        {"cord L2": upper, "cord LWK3": lower, "Lesion L2": high & upper, "Mets 2": high & lower},
    )
    found = measured(image, masks=path)
    assert [(r.slice, r.level) for r in found.rhi][2:4] == [(3, "L2"), (3, "L3")]
    assert [r.rhi for r in found.rhi][2:4] == [
        pytest.approx(100 * 3 / 16),
        pytest.approx(100 * 3 / 24),
    ]
    assert found.notes == ()
    only = measured(image, cord=path, high=save(tmp_path / "h.nii", high))
    assert [r.rhi for r in only.rhi] == [r.rhi for r in found.rhi]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("Segment_1", "Segment_2"), "'Segment_1', 'Segment_2' is named as cord or as high"),
        (("cord", "Segment_2"), "is named as high"),
        (("cord", "myelon"), "segments 'cord' and 'myelon' are both the cord; delete one or name"),
    ],
)  # fmt: skip
def test_segments_that_cannot_be_told_are_named(tmp_path, image, cord, high, names, message):
    path = slicer(tmp_path / "s.seg.nrrd", dict(zip(names, (cord, high), strict=True)))
    with pytest.raises(RoleError, match=r"s\.seg\.nrrd") as caught:
        measured(image, masks=path)
    assert message in str(caught.value)


def test_a_segment_that_is_alone_needs_no_name(tmp_path, image, cord, high):
    rows = measured(
        image,
        cord=slicer(tmp_path / "c.seg.nrrd", {"Segment_1": cord}),
        high=slicer(tmp_path / "h.seg.nrrd", {"Segment_1": high}),
    ).rhi
    assert rows[1].rhi == pytest.approx(15.0, rel=1e-12)


def test_a_segment_to_exclude_takes_pixels_away(tmp_path, image, cord, high):
    artefact = np.zeros(SHAPE, np.uint8)
    artefact[2:4, 2:7, 2] = 1
    segments = {"cord": cord, "high": high, "artefact": artefact}
    row = measured(image, masks=slicer(tmp_path / "s.seg.nrrd", segments)).rhi[1]
    assert row.rhi == pytest.approx(100 * 4 / 30, rel=1e-12)
    assert row.excluded_pixels == 10


def test_resampled_masks_say_so(tmp_path, image, cord, high):
    moved = AFFINE.copy()
    moved[1, 3] += 0.2
    paths = {"cord": save(tmp_path / "c.nii", cord), "high": save(tmp_path / "h.nii", high, moved)}
    with pytest.raises(RoiError, match=r"it lies 0.2 mm away"):
        measured(image, **paths)
    row = measured(image, options=MaskOptions(resample=True), **paths).rhi[1]
    assert row.how == "drawn; high mask: nearest voxel"
    assert row.rhi == pytest.approx(15.0, rel=1e-12)
