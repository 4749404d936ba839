"""The codes that pyrhi's DICOM objects speak: SNOMED CT and UCUM where they have one, else 99PYRHI.

SNOMED CT codes are those of DICOM's context groups (PS3.16: CID 7150 and 7151 for segments,
CID 7469 for the area). 99PYRHI is a private scheme: DICOM reserves names that begin with 99 for
such ones (PS3.3, 8.2).
"""

from __future__ import annotations

from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

SCHEME = "99PYRHI"

SPINAL_CORD = codes.SCT.SpinalCord
ANATOMICAL_STRUCTURE = codes.SCT.AnatomicalStructure
ABNORMAL_STRUCTURE = codes.SCT.MorphologicallyAbnormalStructure
LESION = codes.SCT.Lesion
"""Type of the high-intensity segment: where the signal is high, not what is the matter there."""

AREA = codes.SCT.Area
SQUARE_MM = codes.UCUM.SquareMillimeter
PERCENT = codes.UCUM.Percent
COMMENT = codes.DCM.Comment
DEVICE = codes.DCM.Device
MRI = codes.cid100.MRIUnspecifiedBodyRegion
IMAGING = codes.cid100.ImagingProcedure
MANUAL = codes.cid7162.ManualProcessing
HISTOGRAM = codes.cid7162.HistogramAnalysis

HIGH_AREA = Code("HIGHAREA", SCHEME, "High-intensity area")
RHI = Code("RHI", SCHEME, "Ratio of high-intensity area")
PIXEL_COUNT = Code("PIXELCOUNT", SCHEME, "Pixels that ImageJ counts times pixel size")
AREA_RATIO = Code("AREARATIO", SCHEME, "100 * high-intensity area / whole cord area")


def vertebrae(level: str, /) -> list[Code]:
    """Return the SNOMED CT codes of the vertebrae of a level; none for sacral ones.

    Parameters
    ----------
    level
        As `pyrhi.rhi.roles.level_of` gives it, such as ``"T12-L1"``, or an empty text.

    Examples
    --------
    >>> [code.value for code in vertebrae("T12-L1")], vertebrae("")
    (['23215003', '66794005'], [])
    """
    names = [name for name in level.split("-") if name]
    found = [getattr(codes.SCT, f"{name}Vertebra", None) for name in names]
    return [code for code in found if code is not None]
