"""De-identification: images, ROIs and names without the patient, and an audit that looks again."""

from pyrhi.deidentify.run import Deidentified, deidentify

__all__ = ["Deidentified", "deidentify"]
