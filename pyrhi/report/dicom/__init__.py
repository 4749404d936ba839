"""Results as DICOM objects for a PACS: a Segmentation and a structured report (TID 1500)."""

from pyrhi.report.dicom.write import DicomResult, write_dicom

__all__ = ["DicomResult", "write_dicom"]
