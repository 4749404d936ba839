"""Where the tests find their data."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent
DATA = ROOT / "data"

FIJI_VARIABLE = "PYRHI_TEST_FIJI"
"""Names the folder of a real Fiji, which cannot be had in CI: tests of it are run by hand."""

SLOW_FOLDERS = ("engines", "fiji_scripts", "fuzz", "macros", "ways")
"""Java, windows and fuzzing: not even imported by `make test-quick`."""

LONGEST = ("macros", "fiji_scripts", "ways", "engines", "fuzz")
"""The folders of tests that take longest, the longest first."""

SCRATCH_VARIABLE = "PYRHI_TEST_SCRATCH"
OURS = ("pytest-of-", ".")
"""What pytest itself keeps in the temporary folder, for a look at a test that failed."""


def pytest_configure(config: pytest.Config) -> None:
    """Give the session a temporary folder of its own, which every process of it inherits."""
    if SCRATCH_VARIABLE in os.environ:  # a worker of pytest-xdist
        return
    scratch = tempfile.mkdtemp(prefix="pyrhi-tests-")
    # Some tests look as a user who owns nothing.
    Path(scratch).chmod(0o755)
    os.environ[SCRATCH_VARIABLE] = os.environ["TMPDIR"] = tempfile.tempdir = scratch
    config.add_cleanup(lambda: os.environ.pop(SCRATCH_VARIABLE))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the folders of slow tests where slow tests are not wanted."""
    if config.option.markexpr != "not slow":
        return None
    here = collection_path.relative_to(ROOT).parts if collection_path.is_relative_to(ROOT) else ()
    return True if here[:1] and here[0] in SLOW_FOLDERS else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Begin with the long files where whole files are given to workers."""
    if config.getvalue("dist") != "loadfile":
        return None
    from rigs.schedule import LongFirst

    config.option.loadscopereorder = False  # by number of tests: the longest have few
    return LongFirst(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the long files first, and leave out tests of a Fiji where none is named."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(ROOT).parts[0] if item.path.is_relative_to(ROOT) else ""
        return (
            LONGEST.index(folder) if folder in LONGEST else len(LONGEST) + (item.path not in slow)
        )

    items.sort(key=rank)
    if os.environ.get(FIJI_VARIABLE):
        return
    # Deselected, so never skipped.
    of_fiji = [item for item in items if item.get_closest_marker("fiji")]
    if of_fiji:
        config.hook.pytest_deselected(items=of_fiji)
        items[:] = [item for item in items if item not in of_fiji]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session that leaves anything in the temporary folder, and take the folder away."""
    if hasattr(session.config, "workerinput"):
        return
    scratch = Path(os.environ[SCRATCH_VARIABLE])
    left = sorted(path.name for path in scratch.iterdir() if not path.name.startswith(OURS))
    if left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.get_terminal_writer().line(
            f"\nleft in {scratch}: {', '.join(left)}", red=True
        )
    elif session.exitstatus == pytest.ExitCode.OK:
        shutil.rmtree(scratch, ignore_errors=True)


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
