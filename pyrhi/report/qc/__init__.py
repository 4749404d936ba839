"""The QC report: one HTML page with every slice, its outlines and numbers, and a rating."""

from pyrhi.report.qc.write import Written, size_text, write_report

__all__ = ["Written", "size_text", "write_report"]
