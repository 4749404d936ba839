"""DICOM by PS3.15's Basic Profile: against GDCM's list of the profile, and pydicom's own files."""

from __future__ import annotations

import io
import subprocess
from datetime import date
from pathlib import Path

import gdcm
import numpy as np
import pydicom
import pytest
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset

from pyrhi.batch.identifiers import Identifiers
from pyrhi.batch.pseudonym import pseudonym
from pyrhi.deidentify import dicom
from pyrhi.deidentify.audit import Search
from pyrhi.errors import ImageError
from pyrhi.io.images import read_image

KEY = b"k" * 32
MARKS = {
    "DA": "19630417",
    "DT": "19630417101112",
    "TM": "171819",
    "UI": "1.2.3.4.777",
    "AS": "061Y",
    "DS": "7.4711",
}
MARK = "SECRET4711"


def clean(ds: Dataset, key: bytes = KEY) -> pydicom.FileDataset:
    own = Identifiers()
    own.add_dicom(ds)
    return pydicom.dcmread(io.BytesIO(dicom.clean(ds, key, own, fallback="folder").data))


@pytest.fixture
def mr(series_of, axial: Path, tmp_path: Path) -> pydicom.FileDataset:
    series_of(next(axial.glob("*.tif")), tmp_path / "one")
    return dicom.read(tmp_path / "one" / "IM0001.dcm")


def profile_tags() -> list[int]:
    """The attributes of the profile as GDCM, another implementation, has them."""
    tags = gdcm.Anonymizer.GetBasicApplicationLevelConfidentialityProfileAttributes()
    return [(t.GetGroup() << 16) | t.GetElement() for t in tags]


@pytest.mark.parametrize("nested", [False, True])
def test_every_attribute_of_gdcms_profile_is_gone_or_replaced(mr, nested: bool):
    place = Dataset() if nested else mr
    put = []
    for tag in profile_tags():
        vr = dictionary_VR(tag)
        if vr == "SQ":
            inner = Dataset()
            inner.CodeMeaning = MARK
            place.add_new(tag, vr, [inner])
        else:
            place.add_new(tag, vr, MARKS.get(vr, MARK))
        put.append(tag)
    assert len(put) > 40
    if nested:
        mr.ReferencedImageSequence = [Dataset()]
        mr.ReferencedImageSequence[0].PurposeOfReferenceCodeSequence = [place]
    out = clean(mr)
    shown = [str(e.value) for e in out.iterall() if e.VR != "SQ" and e.tag != 0x7FE00010]
    for mark in (MARK, *MARKS.values()):
        assert [s for s in shown if mark in s] == []
    if nested:
        left = out.ReferencedImageSequence[0].PurposeOfReferenceCodeSequence[0]
        uids = {keyword_for_tag(e.tag): e.value for e in left if e.VR == "UI"}
        assert uids
        assert set(uids.values()) == {dicom.new_uid(MARKS["UI"], KEY)}


def test_profile_is_said_in_the_file(mr):
    out = clean(mr)
    assert out.PatientIdentityRemoved == "YES"
    assert out.BurnedInAnnotation == "NO"
    assert out.LongitudinalTemporalInformationModified == "MODIFIED"
    codes = [c.CodeValue for c in out.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113107"]
    assert out.DeidentificationMethod.startswith("pyrhi ")
    assert out.PatientID == out.PatientName == pseudonym("ID-4711-XYZ", KEY)
    assert "PatientAge" not in out
    assert out.PatientBirthDate == ""
    assert out.file_meta.MediaStorageSOPInstanceUID == out.SOPInstanceUID


def test_intervals_between_dates_are_kept_and_times_are_not(mr):
    second = pydicom.dcmread(mr.filename)
    second.StudyDate, second.AcquisitionDateTime = "20240901", "20240901111213.5"
    first, second = clean(mr), clean(second)
    days = [date.fromisoformat(ds.StudyDate) for ds in (first, second)]
    assert (days[1] - days[0]).days == (date(2024, 9, 1) - date(2024, 2, 29)).days
    assert date(2024, 2, 29) - days[0] == days_of("ID-4711-XYZ")
    assert second.AcquisitionDateTime == second.StudyDate
    assert second.StudyTime == "000000.00"
    assert days_of("ID-4711-XYZ") != days_of("another")


def days_of(patient: str):
    from datetime import timedelta

    days = dicom.shift_days(patient, KEY)
    assert 366 <= days <= 3653
    return timedelta(days=days)


def test_uids_are_the_same_in_every_run_and_point_to_each_other(mr, tmp_path: Path):
    other = pydicom.dcmread(mr.filename)
    other.SOPInstanceUID = "1.2.3.9"
    other.ReferencedImageSequence = [Dataset()]
    other.ReferencedImageSequence[0].ReferencedSOPInstanceUID = mr.SOPInstanceUID
    other.ReferencedImageSequence[0].ReferencedSOPClassUID = mr.SOPClassUID
    first, second = clean(mr), clean(other)
    assert second.ReferencedImageSequence[0].ReferencedSOPInstanceUID == first.SOPInstanceUID
    assert second.ReferencedImageSequence[0].ReferencedSOPClassUID == first.SOPClassUID
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert (
        first.StudyInstanceUID != clean(dicom.read(Path(mr.filename)), b"j" * 32).StudyInstanceUID
    )


def test_private_curves_overlays_padding_and_unknown_elements_go(mr):
    block = mr.private_block(0x0019, "MAKER", create=True)
    block.add_new(0x10, "LO", MARK)
    mr.add_new(0x60003000, "OW", b"\1" * 8)
    mr.add_new(0x60004000, "LT", MARK)
    mr.add_new(0x60000022, "LO", MARK)
    mr.add_new(0x50003000, "OW", b"\1" * 8)
    mr.add_new(0x00080003, "LO", MARK)
    mr.add_new(0xFFFCFFFC, "OB", MARK.encode())
    inner = Dataset()
    inner.private_block(0x0021, "MAKER", create=True).add_new(1, "LO", MARK)
    inner.CodeValue = "1"
    mr.ReferencedImageSequence = [inner]
    out = clean(mr)
    assert not [e for e in out.iterall() if e.tag.is_private]
    groups = {e.tag.group for e in out}
    assert not groups & {0x6000, 0x5000, 0xFFFC}
    buffer = io.BytesIO()
    out.save_as(buffer)
    assert MARK.encode() not in buffer.getvalue()


def test_a_name_in_an_attribute_of_no_profile_is_emptied(mr):
    mr.SequenceName = "MUSTERFRAU scan"
    mr.ManufacturerModelName = "Model 7"
    out = clean(mr)
    assert out.SequenceName == ""
    assert out.ManufacturerModelName == "Model 7"


@pytest.mark.parametrize(
    ("burned_in", "declared", "fine"),
    [("NO", False, True), ("", False, False), ("", True, True), ("YES", True, False)],
)
def test_a_name_burned_into_pixels_is_refused_unless_declared_clean(
    mr, burned_in: str, declared: bool, fine: bool
):
    mr.BurnedInAnnotation = burned_in
    if fine:
        dicom.check_burned_in(Path("x"), mr, declared)
        return
    with pytest.raises(ImageError) as error:
        dicom.check_burned_in(Path("x"), mr, declared)
    assert "\n" not in str(error.value)
    assert ("--declare-clean" in str(error.value)) is not declared


def test_overlay_inside_the_pixels_has_to_be_declared(mr):
    mr.BurnedInAnnotation = "NO"
    mr.add_new(0x60000102, "US", 12)
    with pytest.raises(ImageError, match="overlay inside"):
        dicom.check_burned_in(Path("x"), mr, False)


def images_of_pydicom() -> list[str]:
    root = Path(pydicom.__file__).parent / "data" / "test_files"
    return sorted(str(path) for path in root.glob("*.dcm"))


def test_every_image_of_pydicom_keeps_its_pixels_and_names_nobody(tmp_path: Path):
    """Every image that pydicom ships: same pixels, nobody in it, and it opens again."""
    cleaned = 0
    for name in images_of_pydicom():
        try:
            ds = dicom.read(Path(name))
        except ImageError:
            continue
        own = Identifiers()
        own.add_dicom(ds)
        before = {
            k: ds[k].value for k in ("PixelData", "Rows", "Columns", "PixelSpacing") if k in ds
        }
        done = dicom.clean(ds, KEY, own, fallback="folder")
        path = tmp_path / "a.dcm"
        path.write_bytes(done.data)
        assert Search(own, done.dates).file(path, "a.dcm") == [], name
        out = pydicom.dcmread(path)
        assert {k: out[k].value for k in before} == before, name
        assert out.PatientIdentityRemoved == "YES"
        assert not [e for e in out.iterall() if e.tag.is_private], name
        cleaned += 1
    assert cleaned > 40


def problems(path: Path) -> set[str]:
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    return {line for line in lines if line.startswith("Error")}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MR_small.dcm", "CT_small.dcm", "JPEG2000.dcm"])
def test_no_error_that_was_not_there_before(name: str, tmp_path: Path):
    source = Path(pydicom.__file__).parent / "data" / "test_files" / name
    (tmp_path / "a.dcm").write_bytes(source.read_bytes())
    clean(dicom.read(tmp_path / "a.dcm")).save_as(tmp_path / "b.dcm")
    assert problems(tmp_path / "b.dcm") - problems(tmp_path / "a.dcm") == set()


@pytest.mark.parametrize(
    "name", ["dicom_i16_slope.dcm", "dicom_frames.dcm", "dicom_u16_be.dcm", "dicom_mono1.dcm"]
)
def test_a_clean_file_measures_as_before(data: Path, name: str, tmp_path: Path):
    source = data / "images" / name
    ds = dicom.read(source)
    clean(ds).save_as(tmp_path / "a.dcm")
    with read_image(source) as a, read_image(tmp_path / "a.dcm") as b:
        assert (a.kind, a.calibration, a.dimensions) == (b.kind, b.calibration, b.dimensions)
        assert a.display_range == b.display_range
        for n in range(1, a.n_slices + 1):
            assert np.array_equal(a.plane(n), b.plane(n))


def test_damaged_and_imageless_files_are_refused(tmp_path: Path):
    (tmp_path / "a.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\x08\x00\xff" * 50)
    root = Path(pydicom.__file__).parent / "data" / "test_files"
    for path in (tmp_path / "a.dcm", root / "test-SR.dcm", root / "rtplan.dcm"):
        with pytest.raises(ImageError) as error:
            dicom.read(path)
        assert "\n" not in str(error.value)
