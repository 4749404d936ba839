"""DICOM from end to end: a series is measured, and nothing that identifies a patient gets out."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from pyrhi.batch.options import RunOptions, WorkOptions
from pyrhi.batch.plan import find_tasks
from pyrhi.batch.run import run
from pyrhi.batch.write import RHI_HEADINGS, rhi_rows
from pyrhi.io.rois import encode_mask, write_roiset
from pyrhi.io.tables import csv_line

IDENTIFIERS = {
    "PatientName": "Muster^Erika",
    "PatientID": "ID-4711-XYZ",
    "PatientBirthDate": "19700101",
    "InstitutionName": "Klinik am Berg",
    "ReferringPhysicianName": "Doktor^Wer",
    "AccessionNumber": "ACC998877",
    "StudyDate": "20240229",
    "OtherPatientIDs": "OTHER5566",
}


def write_series(folder: Path, slices: int = 3) -> None:
    folder.mkdir(parents=True)
    series, study = generate_uid(), generate_uid()
    for i in range(slices):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = MRImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds = FileDataset("x", {}, file_meta=meta, preamble=b"\0" * 128)
        for name, value in IDENTIFIERS.items():
            setattr(ds, name, value)
        ds.SOPClassUID = MRImageStorage
        ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
        ds.SeriesInstanceUID, ds.StudyInstanceUID = series, study
        ds.Modality = "MR"
        ds.SeriesNumber, ds.InstanceNumber = 1, i + 1
        ds.Rows, ds.Columns = 32, 40
        ds.BitsAllocated = ds.BitsStored = 16
        ds.HighBit, ds.PixelRepresentation, ds.SamplesPerPixel = 15, 0, 1
        ds.PhotometricInterpretation = "MONOCHROME2"
        ds.PixelSpacing = [0.5, 0.25]
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.ImagePositionPatient = [0, 0, 3.0 * i]
        ds.PixelData = np.full((32, 40), 100 * (i + 1), np.uint16).tobytes()
        # Written last slice first: the order must come from the positions.
        ds.save_as(folder / f"f{slices - i}.dcm", enforce_file_format=True)


def rois() -> list[tuple[str, bytes]]:
    cord, high = np.zeros((32, 40), bool), np.zeros((32, 40), bool)
    cord[4:24, 4:24] = True
    high[4:8, 4:14] = True
    return [
        ("cord", encode_mask(cord, name="cord")),
        ("high", encode_mask(high, name="high", position=2)),
    ]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    write_series(tmp_path / "in" / "series")
    write_roiset(tmp_path / "in" / "series.zip", rois())
    return tmp_path


def rows(result) -> list[dict[str, str]]:
    return list(csv.DictReader(map(csv_line, rhi_rows(result.kept)), RHI_HEADINGS))


def measured(study: Path, **work):
    options = RunOptions(WorkOptions(key_path=str(study / "key"), **work), jobs=1)
    return run(find_tasks(study / "in"), options, output=study / "out", keep=True)


def test_series_is_measured_in_the_order_of_its_positions(study: Path):
    got = rows(measured(study))
    assert [r["Slice"] for r in got] == ["1", "2", "3"]
    assert [r["CordMean"] for r in got] == ["100", "200", "300"]
    assert [r["RHI"] for r in got] == ["0", "10", "0"]
    assert {r["CordArea"] for r in got} == {"50"}
    assert {r["Unit"] for r in got} == {"mm^2"}


def test_patient_is_a_pseudonym(study: Path):
    (name,) = {r["Patient"] for r in rows(measured(study))}
    assert name.startswith("P")
    assert IDENTIFIERS["PatientID"] not in name
    assert {r["Patient"] for r in rows(measured(study))} == {name}
    (study / "key").unlink()
    assert {r["Patient"] for r in rows(measured(study))} != {name}


def test_identifier_only_when_asked_for(study: Path):
    asked = measured(study, patient_id=True)
    assert {r["Patient"] for r in rows(asked)} == {IDENTIFIERS["PatientID"]}


def test_no_identifier_reaches_any_output(study: Path):
    measured(study)
    uids = {
        str(value)
        for path in (study / "in/series").iterdir()
        for ds in [pydicom.dcmread(path)]
        for value in (ds.SOPInstanceUID, ds.SeriesInstanceUID, ds.StudyInstanceUID)
    }
    secrets = {*IDENTIFIERS.values(), "Muster", "Erika", *uids}
    files = [path for path in (study / "out").rglob("*") if path.is_file()]
    assert len(files) >= 6
    for path in files:
        text = path.read_bytes().decode("utf-8", "replace")
        assert not [s for s in secrets if s in text], path.name


def test_two_series_are_refused_unless_one_is_chosen(study: Path):
    write_series(study / "more")
    for i, path in enumerate(sorted((study / "more").iterdir())):
        ds = pydicom.dcmread(path)
        ds.SeriesNumber = 2
        ds.save_as(study / "in/series" / f"second{i}.dcm")
    refused = measured(study)
    assert len(refused.failures) == 1
    assert "series" in refused.failures[0][1]
    assert "--series" in refused.failures[0][1]
    assert [r["RHI"] for r in rows(measured(study, series="2"))] == ["0", "10", "0"]


def test_single_file_has_a_pseudonym_too(study: Path):
    one = next((study / "in/series").iterdir())
    write_roiset(one.with_suffix(".zip"), rois()[:1])
    options = RunOptions(WorkOptions(key_path=str(study / "key")), jobs=1)
    (row,) = rows(run(find_tasks(one), options, keep=True))
    assert {row["Patient"]} == {r["Patient"] for r in rows(measured(study))}


def test_a_roiset_is_not_shared_by_two_series_folders(study: Path):
    (study / "in/series.zip").rename(study / "in/RoiSet.zip")
    assert not measured(study).failures
    write_series(study / "in" / "other")
    assert len(measured(study).failures) == 2
    (study / "in/RoiSet.zip").rename(study / "in/series/RoiSet.zip")
    assert len(measured(study).failures) == 1
