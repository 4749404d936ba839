"""DICOM files as hospitals write them: whole ones, and ones with an element that is broken."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

AXIAL, SAGITTAL, CORONAL = [1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1]
OBLIQUE = [0.7071067811865476, 0.7071067811865476, 0, 0, 0, -1]
PERSON = {"PatientName": "Doe^Jane", "PatientID": "ID-4711", "PatientBirthDate": "19501112"}

PLACEHOLDERS = {"IS": "1", "DS": "1", "DA": "20200101", "TM": "101010", "CS": "ISO_IR 100"}


def mr_image(path: Path, pixels: np.ndarray, /) -> FileDataset:
    """Return what every MR image of the tests has: classes, series and pixels."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MRImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID = MRImageStorage
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    ds.SeriesInstanceUID, ds.SeriesNumber = "1.2.3", 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.BitsAllocated = ds.BitsStored = pixels.dtype.itemsize * 8
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.PixelData = pixels.tobytes()
    ds["PixelData"].VR = "OW"
    return ds


def write_dicom(
    path: Path,
    pixels: np.ndarray,
    /,
    *,
    compress: str | None = None,
    broken: dict[str, bytes] | None = None,
    **elements: object,
) -> Path:
    """Write one MR image; `broken` elements are written with the bytes as they are given."""
    ds = mr_image(path, pixels)
    ds.Modality, ds.InstanceNumber = "MR", 1
    ds.PixelSpacing = ["0.5", "0.25"]
    for key, value in {**PERSON, **elements}.items():
        setattr(ds, key, value)
    if pixels.ndim == 3:
        ds.NumberOfFrames = len(pixels)
    if compress is not None:
        ds.compress(compress)
    for key in broken or {}:
        if key not in ds:
            vr = dictionary_VR(tag_for_keyword(key))
            setattr(ds, key, PLACEHOLDERS.get(vr, "X"))
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
    data = path.read_bytes()
    for key, value in (broken or {}).items():
        data = _with_value(data, key, value)
    path.write_bytes(data)
    return path


def _with_value(data: bytes, keyword: str, value: bytes) -> bytes:
    """Put other bytes in the place of an element's value, which no DICOM library would write."""
    tag = Tag(tag_for_keyword(keyword))
    head = struct.pack("<HH", tag.group, tag.element) + dictionary_VR(tag).encode()
    at = data.index(head)
    length = int.from_bytes(data[at + 6 : at + 8], "little")
    return data[: at + 6] + struct.pack("<H", len(value)) + value + data[at + 8 + length :]


def write_series(
    folder: Path, slices: int, /, *, directions: list[float] = AXIAL, step: float = 3.0, **elements
) -> Path:
    """Write a series of slices along the normal of `directions`, the last one first by name."""
    across = np.cross(directions[:3], directions[3:])
    for i in range(slices):
        write_dicom(
            folder / f"IM{slices - i:04d}",
            np.full((32, 40), 100 * (i + 1), np.uint16),
            ImageOrientationPatient=list(directions),
            ImagePositionPatient=[float(v) for v in np.round(i * step * across, 6)],
            InstanceNumber=i + 1,
            **elements,
        )
    return folder


def pacs_export(folder: Path) -> Path:
    """PATIENT/STUDY/SERIES: a localizer in three planes, T2, T1 and two series in one folder."""
    study = folder / "export" / "DOE_JANE_19501112" / "ST000000"
    for i, directions in enumerate((AXIAL, SAGITTAL, CORONAL)):
        write_dicom(
            study / "SE000000" / f"IM{i}",
            np.zeros((256, 192), np.uint16),
            ImageOrientationPatient=directions,
            ImagePositionPatient=[0, 0, 0],
            SeriesInstanceUID="1.2.826.0.1.3680043.1",
            SeriesNumber=1,
            ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
        )
    told = {"StudyDescription": "SPINE Doe", "SeriesDescription": "T2 of Jane"}
    write_series(
        study / "SE000001",
        5,
        directions=SAGITTAL,
        step=3.3,
        SeriesInstanceUID="1.2.826.0.1.3680043.2",
        SeriesNumber=4,
        RepetitionTime="3500",
        EchoTime="102",
        **told,
    )
    mixed = study / "SE000002"
    for uid, number, directions in (("3", 7, OBLIQUE), ("4", 7, AXIAL), ("5", None, CORONAL)):
        part = write_series(
            folder / uid,
            2,
            directions=directions,
            SeriesInstanceUID=f"1.2.826.0.1.3680043.{uid}",
            SeriesNumber=number,
        )
        mixed.mkdir(exist_ok=True)
        for file in part.iterdir():
            file.rename(mixed / f"{uid}{file.name}")
    write_dicom(mixed / "broken", np.zeros((4, 4), np.uint16), broken={"Rows": b"\1"})
    return folder / "export"
