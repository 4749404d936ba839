"""The quick way gives the record of the general one, or passes the image on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import roifile
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pyrhi
from pyrhi.batch import quick
from pyrhi.batch.inputs import inputs_of
from pyrhi.batch.journal import json_of_record
from pyrhi.batch.measure import measure_task
from pyrhi.batch.options import WorkOptions
from pyrhi.batch.plan import Item, Task
from pyrhi.batch.quick import QuickWay
from pyrhi.io.rois import write_roiset
from pyrhi.rhi.high import parse_high
from pyrhi.rhi.measure import RhiParameters

SAMPLE = Path(pyrhi.__file__).parent / "sample"
DATA = Path(__file__).parents[1] / "data"
IMAGES = sorted(
    image
    for folder in (SAMPLE, DATA / "golden", DATA / "oracle")
    for image in folder.rglob("*.tif")
)
CORD = [(20, 10), (40, 12), (44, 30), (30, 44), (15, 30)]
HIGH = [(25, 20), (32, 20), (32, 28), (25, 28)]
FAR = [(34, 22), (39, 22), (38, 33)]


def agree(task: Task, way: QuickWay, options: WorkOptions) -> bool:
    """Say whether the quick way measured; then its record is that of the general one."""
    found = way(task)
    if found is None:
        return False
    expected = measure_task(options, Item(task))
    # As text, in which NaN is as NaN.
    assert repr(json_of_record(found[1])) == repr(json_of_record(expected))  # type: ignore[arg-type]
    assert found[0] == inputs_of(task)
    return True


def test_both_ways_give_the_same_records_of_every_image_of_the_tests():
    options = WorkOptions()
    way = QuickWay(options)
    tasks = [Task(str(image), image.name) for image in IMAGES]
    quickly = sum(agree(task, way, options) for task in tasks for _ in range(2))
    assert len(tasks) > 20
    assert quickly >= 2 * len(list((SAMPLE / "axial_slices").rglob("*.tif")))


def write(
    folder: Path,
    rois: list[tuple[str, list[tuple[float, float]]]],
    *,
    dtype: str = "<u2",
    name: str = "t2_014",
    resolution: tuple[float, float] = (2.0, 2.0),
    change: Callable[[roifile.ImagejRoi], object] = lambda _: None,
    **more: object,
) -> Task:
    """Write an image with a ROI set; returns its task."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.tif"
    pixels = (np.arange(50 * 60).reshape(50, 60) % 251).astype(dtype)
    tifffile.imwrite(
        path, pixels, byteorder=np.dtype(dtype).newbyteorder("=").byteorder.replace("=", "<")
        if dtype[0] == "<" else ">",
        resolution=resolution, description="ImageJ=1.54p\nunit=mm\n", metadata=None,
        resolutionunit="NONE", **more,
    )  # fmt: skip
    entries = []
    for label, points in rois:
        roi = roifile.ImagejRoi.frompoints(np.array(points), name=label)
        roi.roitype = roifile.ROI_TYPE.FREEHAND
        change(roi)
        entries.append((label, roi.tobytes()))
    write_roiset(folder / f"{name}.zip", entries)
    return Task(str(path), path.name)


PAIR = [("cord", CORD), ("high-1", HIGH), ("high-2", FAR)]
LEVELS = [("cord L2", CORD), ("high L2", HIGH), ("cord L3", FAR), ("reference", HIGH)]


@pytest.mark.parametrize("dtype", ["<u1", "<u2", ">u2", "<i2", ">i2", "<f4", ">f4"])
@pytest.mark.parametrize("rois", [PAIR, PAIR[:1], LEVELS, [PAIR[0], PAIR[2]]])
def test_pixels_of_every_plain_type_go_the_quick_way(tmp_path: Path, dtype: str, rois: list):
    options = WorkOptions()
    assert agree(write(tmp_path, rois, dtype=dtype), QuickWay(options), options)


def test_a_calibration_function_and_a_micron_are_told_alike(tmp_path: Path):
    options = WorkOptions()
    way = QuickWay(options)
    text = "ImageJ=1.54p\nunit=micron\ncf=1\nc0=3\nc1=2.5\nc2=0.01\nvunit=x\n"
    for number, dtype in enumerate(("<u1", "<u2", "<f4")):
        task = write(tmp_path, PAIR, dtype=dtype, name=f"s{number}")
        pixels = tifffile.imread(task.image)
        tifffile.imwrite(task.image, pixels, description=text, metadata=None, resolution=(2, 3))
        assert agree(task, way, options)


def test_a_file_that_begins_otherwise_has_its_own_header(tmp_path: Path):
    options = WorkOptions()
    way = QuickWay(options)
    for number in range(20):
        size = (1.0 + number, 2.0)
        task = write(tmp_path, PAIR, name=f"s{number}", resolution=size)
        assert agree(task, way, options)
        found = way(task)
        assert found is not None
        pixels = found[1].rois.numbers[0, 0] * size[0] * size[1]
        assert pixels == pytest.approx(round(pixels), abs=1e-9)


@pytest.mark.parametrize(
    "rois",
    [
        PAIR[1:],  # no cord
        [*PAIR, ("cord-2", CORD)],  # two cords
        [*PAIR, ("0123-0456", HIGH)],  # no role
        [*PAIR, ("exclude", HIGH)],
        [("cord L2", CORD), ("high L3", HIGH)],
        [("cord high", CORD)],
        [("cord", [(-5, 3), (20, 3), (20, 30)])],  # reaches outside
    ],
    ids=["no cord", "two", "no role", "exclude", "level", "both", "outside"],
)
def test_what_needs_words_goes_the_general_way(tmp_path: Path, rois: list):
    assert QuickWay(WorkOptions())(write(tmp_path, rois)) is None


def test_other_files_and_options_go_the_general_way(tmp_path: Path):
    task = write(tmp_path / "a", PAIR)
    way = QuickWay(WorkOptions())
    assert way(task) is not None
    packed = write(tmp_path / "b", PAIR, compression="lzw")
    moved = write(tmp_path / "c", PAIR, change=lambda roi: setattr(roi, "position", 7))
    beside = write(tmp_path / "d", PAIR)
    shutil.copy(tmp_path / "d" / "t2_014.zip", tmp_path / "d" / "RoiSet.zip")
    two = write(tmp_path / "e", PAIR)
    shutil.copy(tmp_path / "e" / "t2_014.zip", tmp_path / "e" / "t2_014_ROIs.zip")
    none = write(tmp_path / "f", PAIR)
    os.remove(tmp_path / "f" / "t2_014.zip")
    missing = Task(str(tmp_path / "none.tif"), "none.tif")
    masked = Task(task.image, task.name, cord_mask=packed.image)
    for other in (packed, moved, beside, two, none, missing, masked):
        assert way(other) is None
    high = RhiParameters(high=parse_high("Otsu"))
    clip = RhiParameters(clip=True)
    for parameters in (high, clip, RhiParameters.of(roles="larger=cord")):
        assert QuickWay(WorkOptions(parameters=parameters))(task) is None


def write_stack(
    folder: Path,
    rois: list[tuple[str, list[tuple[float, float]], int]],
    *,
    slices: int = 4,
    dtype: str = "<u2",
    by: str = "position",
    axes: str = "ZYX",
    **more: object,
) -> Task:
    """Write an ImageJ stack with a ROI set: name, outline and slice of each; returns its task."""
    folder.mkdir(exist_ok=True)
    path = folder / "series.tif"
    kind = np.dtype(dtype)
    pixels = (np.arange(slices * 50 * 60).reshape(slices, 50, 60) % 241).astype(kind)
    # ImageJ's own stacks have the most significant byte first.
    order = "<" if dtype[0] == "<" else ">"
    tifffile.imwrite(
        path, pixels, imagej=True, byteorder=order, resolution=(2.0, 3.0),
        metadata={"axes": axes, "unit": "mm", "spacing": 3.0}, **more,
    )  # fmt: skip
    entries = []
    for label, points, number in rois:
        roi = roifile.ImagejRoi.frompoints(np.array(points), name=label)
        roi.roitype = roifile.ROI_TYPE.FREEHAND
        if by == "position":
            roi.position = number
        else:
            roi.z_position, roi.t_position = number, 1
        entries.append((label, roi.tobytes()))
    write_roiset(folder / "series.zip", entries)
    return Task(str(path), path.name)


STACK = [
    ("0003-high", HIGH, 3), ("0003-cord", CORD, 3), ("0001-cord L2", CORD, 1),
    ("0001-high L2", FAR, 1), ("0004-cord", CORD, 4), ("0003-high-2", FAR, 3),
]  # fmt: skip
"""Not in the order of the slices, and none on the second."""


@pytest.mark.parametrize("dtype", ["<u1", "<u2", ">u2", "<f4", ">f4"])
@pytest.mark.parametrize("by", ["position", "slice"])
def test_a_stack_whose_rois_say_their_slice_goes_the_quick_way(tmp_path: Path, dtype: str, by: str):
    options = WorkOptions()
    assert agree(write_stack(tmp_path, STACK, dtype=dtype, by=by), QuickWay(options), options)


def test_a_long_stack_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(quick, "SLICES_AT_ONCE", 7)
    monkeypatch.setattr(quick, "BYTES_AT_ONCE", 10_000)
    rois = [(f"{i:04d}-cord", CORD, i) for i in range(1, 41)]
    rois += [(f"{i:04d}-high", HIGH, i) for i in range(1, 41, 3)]
    options = WorkOptions()
    way = QuickWay(options)
    task = write_stack(tmp_path, rois, slices=40)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert agree(task, way, options)
    assert agree(task, way, options)
    if before:
        assert len(os.listdir("/proc/self/fd")) == before


def test_other_stacks_go_the_general_way(tmp_path: Path):
    way = QuickWay(WorkOptions())
    assert way(write_stack(tmp_path / "a", STACK)) is not None
    everywhere = write_stack(tmp_path / "b", [*STACK, ("reference", FAR, 0)])
    beyond = write_stack(tmp_path / "c", [*STACK, ("reference", FAR, 5)])
    hyper = write_stack(tmp_path / "d", STACK, axes="CYX")
    in_time = write_stack(tmp_path / "e", STACK, axes="TYX")
    packed = write_stack(tmp_path / "f", STACK, compression="zlib")
    no_cord = write_stack(tmp_path / "g", [*STACK, ("high", FAR, 2)])
    no_role = write_stack(tmp_path / "h", [*STACK, ("0002-0100-0200", FAR, 2)])
    short = write_stack(tmp_path / "i", STACK)
    data = Path(short.image).read_bytes()
    Path(short.image).write_bytes(data[:-2000])
    for other in (everywhere, beyond, hyper, in_time, packed, no_cord, no_role, short):
        assert way(other) is None


def damage(task: Task, image: bool, at: int, value: int, cut: bool) -> None:
    """Change a byte of the image's header or of its ROI set, or cut the file there."""
    path = Path(task.image) if image else Path(task.image).with_suffix(".zip")
    data = bytearray(path.read_bytes())
    at %= min(len(data), 400) if image else len(data)
    data[at] = value
    path.write_bytes(data[:-at] if cut and at else data)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.booleans(), st.integers(0, 3000), st.integers(0, 255), st.booleans())
@pytest.mark.parametrize("stack", [False, True])
def test_damaged_files_give_the_same_record_or_go_the_general_way(
    tmp_path_factory: pytest.TempPathFactory,
    stack: bool,
    image: bool,
    at: int,
    value: int,
    cut: bool,
):
    folder = tmp_path_factory.mktemp("damaged")
    task = write_stack(folder, STACK) if stack else write(folder, PAIR)
    damage(task, image, at, value, cut)
    options = WorkOptions()
    agree(task, QuickWay(options), options)


def test_a_file_that_changed_is_measured_as_it_is_now(tmp_path: Path):
    options = WorkOptions()
    way = QuickWay(options)
    task = write(tmp_path, PAIR)
    assert agree(task, way, options)
    assert agree(write(tmp_path, PAIR[:1], resolution=(3.0, 4.0)), way, options)


def test_a_path_with_a_zero_byte_is_no_path(tmp_path: Path):
    task = write(tmp_path, PAIR)
    rois = str(Path(task.image).with_suffix(".zip"))
    way = QuickWay(WorkOptions())
    assert way(Task(task.image, task.name, rois=rois)) is not None
    assert way(Task(f"{task.image}\0.tif", task.name, rois=rois)) is None
    assert way(Task(task.image, task.name, rois=f"{rois}\0")) is None


def test_a_batch_measures_each_image_as_by_itself(tmp_path: Path):
    tasks = [write(tmp_path, PAIR[: 1 + i % 3], name=f"s{i}") for i in range(9)]
    tasks.insert(3, Task(str(tmp_path / "none.tif"), "none.tif"))
    tasks.insert(5, write(tmp_path, PAIR[1:], name="no cord"))
    way = QuickWay(WorkOptions())
    singly = [way(task) for task in tasks]
    batch = way.batch(tasks)
    for step in batch.steps:
        step()
    assert [found is None for found in singly] == [i in (3, 5) for i in range(len(tasks))]
    for found, other in zip(batch.results, singly, strict=True):
        if found is not None and other is not None:
            assert found[0] == other[0]
            assert repr(json_of_record(found[1])) == repr(json_of_record(other[1]))  # type: ignore[arg-type]


@pytest.mark.parametrize("folder", ["", ".", "..", "../a"])
def test_a_patient_is_called_as_on_the_general_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
):
    """Whatever a person writes for the folder."""
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    write(tmp_path / "a", PAIR)
    write(tmp_path, PAIR)
    options = WorkOptions()
    assert agree(Task(os.path.join(folder, "t2_014.tif"), "t2_014.tif"), QuickWay(options), options)
