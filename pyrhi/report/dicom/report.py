"""A structured report of the measurements (TID 1500 Measurement Report), by highdicom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyrhi import __version__
from pyrhi.extras import need
from pyrhi.notice import RESEARCH_USE
from pyrhi.report.dicom import codes
from pyrhi.report.dicom.segmentation import label_of, segments_of
from pyrhi.report.dicom.uids import MANUFACTURER, MODEL, instance, uid_of
from pyrhi.rhi.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.rhi.measure import RhiRow

REPORT_SERIES = 9002
DESCRIPTION = "RHI report - research use only"


def report(headers: Sequence[Any], rows: Sequence[RhiRow], regions: Any, key: str, /) -> Any:
    """Build the report.

    Parameters
    ----------
    headers
        As `pyrhi.io.images.dicom.read_headers` returns them.
    rows
        What was measured.
    regions
        The Segmentation of the same rows.
    key
        What the object's UIDs depend on.

    Returns
    -------
    report : highdicom.sr.ComprehensiveSR
        For each slice and level a group of the cord (area, high-intensity area, RHI), and one of
        the high-intensity area where it has pixels (area), each with its segment's frame.

    Notes
    -----
    Numbers stand twice: as decimal text of 16 characters (Numeric Value) and as the float that
    was measured (Floating Point Value), bit for bit.
    """
    hd: Any = need("highdicom", "dicom")
    frames = _frames(regions)
    series = str(headers[0].SeriesInstanceUID)
    numbered = {part: number for number, part in enumerate(segments_of(rows), start=1)}
    groups: list[Any] = []
    for row in rows:
        header = headers[row.slice - 1] if len(headers) > 1 else headers[0]
        place = (str(header.SOPInstanceUID), row.slice if len(headers) == 1 else 1)
        area = _measurement(hd, codes.AREA, row.cord_area, codes.SQUARE_MM, codes.PIXEL_COUNT)
        high = _measurement(hd, codes.AREA, row.high_area, codes.SQUARE_MM, codes.PIXEL_COUNT)
        measured = {
            Role.CORD: [
                area,
                _measurement(
                    hd, codes.HIGH_AREA, row.high_area, codes.SQUARE_MM, codes.PIXEL_COUNT
                ),
                _measurement(hd, codes.RHI, row.rhi, codes.PERCENT, codes.AREA_RATIO),
            ],
            Role.HIGH: [high],
        }
        for role, measurements in measured.items():
            number = numbered.get((role, row.level))
            frame = frames.get((number, *place))
            if frame is not None:
                reference = _reference(hd, regions, frame, header, row.slice)
                groups.append(_group(hd, row, role, series, reference, measurements))
    content = hd.sr.MeasurementReport(
        observation_context=_observer(hd),
        procedure_reported=codes.MRI if headers[0].get("Modality") == "MR" else codes.IMAGING,
        imaging_measurements=groups,
    )
    used = (
        headers if len(headers) == 1 else [headers[n - 1] for n in sorted({r.slice for r in rows})]
    )
    document = hd.sr.ComprehensiveSR(
        evidence=[*used, regions],
        content=content[0],
        is_complete=True,
        is_final=False,
        is_verified=False,
        **instance("report", key, series_number=REPORT_SERIES, description=DESCRIPTION),
    )
    document.CodingSchemeIdentificationSequence = [_scheme()]
    return document


def _scheme() -> Any:
    """Say whose the private codes are."""
    from pydicom import Dataset

    scheme = Dataset()
    scheme.CodingSchemeDesignator = codes.SCHEME
    scheme.CodingSchemeName = MODEL
    scheme.CodingSchemeResponsibleOrganization = MANUFACTURER
    return scheme


def _frames(regions: Any) -> dict[tuple[int | None, str, int], int]:
    """Return the frame of each segment and source frame, both from 1."""
    found: dict[tuple[int | None, str, int], int] = {}
    for number, groups in enumerate(regions.PerFrameFunctionalGroupsSequence, start=1):
        segment = int(groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        source = groups.DerivationImageSequence[0].SourceImageSequence[0]
        frame = int(source.get("ReferencedFrameNumber", 1) or 1)
        found[(segment, str(source.ReferencedSOPInstanceUID), frame)] = number
    return found


def _reference(hd: Any, regions: Any, frame: int, header: Any, number: int) -> Any:
    """Name a frame of the Segmentation and the image it was drawn on."""
    multi_frame = int(header.get("NumberOfFrames", 1) or 1) > 1
    reference = hd.sr.ReferencedSegmentationFrame(
        sop_class_uid=regions.SOPClassUID,
        sop_instance_uid=regions.SOPInstanceUID,
        frame_number=frame,
        segment_number=1,
        source_image=hd.sr.SourceImageForSegmentation(
            header.SOPClassUID,
            header.SOPInstanceUID,
            referenced_frame_numbers=[number] if multi_frame else None,
        ),
    )
    # The frame tells the segment, and where there is a frame no segment may be named
    # (PS3.3, table 10-3); highdicom names both.
    del reference[0].ReferencedSOPSequence[0].ReferencedSegmentNumber
    return reference


def _measurement(hd: Any, name: Any, value: float, unit: Any, method: Any) -> Any:
    # A float, not an integer, is what highdicom keeps to the last bit.
    return hd.sr.Measurement(name=name, value=float(value), unit=unit, method=method)


def _group(
    hd: Any, row: RhiRow, role: Role, series: str, reference: Any, measurements: list[Any]
) -> Any:
    label = label_of(role, row.level)
    sites = [*([] if role is Role.CORD else [codes.SPINAL_CORD]), *codes.vertebrae(row.level)]
    group = hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(
            uid=uid_of("region", series, label, str(row.slice)),
            identifier=f"{label} slice {row.slice}",
        ),
        referenced_segment=reference,
        finding_category=(
            codes.ANATOMICAL_STRUCTURE if role is Role.CORD else codes.ABNORMAL_STRUCTURE
        ),
        finding_type=codes.SPINAL_CORD if role is Role.CORD else codes.LESION,
        finding_sites=[hd.sr.FindingSite(anatomic_location=site) for site in sites] or None,
        algorithm_id=hd.sr.AlgorithmIdentification(
            name=MODEL,
            version=__version__,
            manufacturer=MANUFACTURER,
            parameters=[f"high: {row.method}", RESEARCH_USE],
        ),
        measurements=measurements,
    )
    for text in (RESEARCH_USE, *row.warnings):
        group[0].ContentSequence.append(
            hd.sr.TextContentItem(name=codes.COMMENT, value=text, relationship_type="CONTAINS")
        )
    return group


def _observer(hd: Any) -> Any:
    return hd.sr.ObservationContext(
        observer_device_context=hd.sr.ObserverContext(
            observer_type=codes.DEVICE,
            observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
                uid=uid_of("device", __version__),
                name=MODEL,
                manufacturer_name=MANUFACTURER,
                model_name=f"{MODEL} {__version__}",
            ),
        )
    )
