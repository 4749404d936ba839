"""Where the tests find their data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"

FIJI_VARIABLE = "PYRHI_TEST_FIJI"
"""Names the folder of a real Fiji, which cannot be had in CI: tests of it are run by hand."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests that need a Fiji where none is named: deselected, so never skipped."""
    if os.environ.get(FIJI_VARIABLE):
        return
    of_fiji = [item for item in items if item.get_closest_marker("fiji")]
    if of_fiji:
        config.hook.pytest_deselected(items=of_fiji)
        items[:] = [item for item in items if item not in of_fiji]


@pytest.fixture(scope="session")
def fiji_folder() -> Path:
    return Path(os.environ[FIJI_VARIABLE])


@pytest.fixture(scope="session")
def data() -> Path:
    return DATA


@pytest.fixture(scope="session")
def sample() -> Path:
    return DATA / "sample"


@pytest.fixture(scope="session")
def axial(sample: Path) -> Path:
    return sample / "axial_slices"


@pytest.fixture(scope="session")
def sagittal(sample: Path) -> Path:
    return sample / "sagittal_stack"


IDENTIFYING = {
    "PatientName": "Musterfrau^Erika^Anna",
    "PatientID": "ID-4711-XYZ",
    "PatientBirthDate": "19700101",
    "PatientSex": "F",
    "PatientAge": "054Y",
    "InstitutionName": "Klinik am Berg",
    "ReferringPhysicianName": "Doktorius^Wera",
    "AccessionNumber": "ACC998877",
    "StudyID": "STU5544",
    "StudyDate": "20240229",
    "SeriesDate": "20240229",
    "AcquisitionDate": "20240229",
    "StudyTime": "101112",
    "OtherPatientIDs": "OTHER5566",
    "StationName": "SCANNER7788",
    "DeviceSerialNumber": "SER991122",
}
"""Header of a patient who does not exist."""


@pytest.fixture(scope="session")
def series_of():
    """Return a function that writes an ImageJ stack as a DICOM MR series, as a scanner would."""
    import pydicom
    import tifffile
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

    def write(
        tiff: Path, folder: Path, *, spacing: float = 0.8, numbers: range | None = None, **header
    ) -> list[pydicom.FileDataset]:
        folder.mkdir(parents=True)
        planes = tifffile.imread(tiff)
        planes = planes if planes.ndim == 3 else planes[None]
        uids = {name: generate_uid() for name in ("StudyInstanceUID", "SeriesInstanceUID")}
        uids["FrameOfReferenceUID"] = generate_uid()
        written = []
        for i in numbers or range(len(planes)):
            meta = FileMetaDataset()
            meta.MediaStorageSOPClassUID = MRImageStorage
            meta.MediaStorageSOPInstanceUID = generate_uid()
            meta.TransferSyntaxUID = ExplicitVRLittleEndian
            ds = FileDataset("x", {}, file_meta=meta, preamble=b"\0" * 128)
            ds.SpecificCharacterSet = "ISO_IR 100"
            ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
            ds.SOPClassUID, ds.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
            for name, value in {**IDENTIFYING, **uids, **header}.items():
                setattr(ds, name, value)
            ds.Modality, ds.Manufacturer, ds.PatientPosition = "MR", "Maker", "HFS"
            ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "SE", "NONE", ""
            ds.MRAcquisitionType, ds.EchoTime, ds.EchoTrainLength = "2D", "100", "8"
            ds.RepetitionTime, ds.BodyPartExamined = "3000", "SPINE"
            ds.SeriesNumber, ds.InstanceNumber = 3, i + 1
            ds.PositionReferenceIndicator = ""
            ds.Rows, ds.Columns = planes[i].shape
            ds.BitsAllocated = ds.BitsStored = 16
            ds.HighBit, ds.PixelRepresentation, ds.SamplesPerPixel = 15, 0, 1
            ds.PhotometricInterpretation = "MONOCHROME2"
            ds.PixelSpacing, ds.SliceThickness = [spacing, spacing], "3"
            ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
            ds.ImagePositionPatient = [0, 0, 3.0 * i]
            ds.PixelData = planes[i].astype("<u2").tobytes()
            ds.save_as(folder / f"IM{i + 1:04d}.dcm", enforce_file_format=True)
            written.append(ds)
        return written

    return write
