"""The search through all output for what identifies a patient."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from pyrhi.batch.identifiers import Identifiers
from pyrhi.deidentify.audit import Search
from pyrhi.io.rois import encode_mask, write_roiset

SECRET = "Musterfrau"


def search(*texts: str) -> Search:
    found = Identifiers()
    for text in texts:
        found.add(text, "PatientName")
    return Search(found)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "form", ["Müller-Lüdenscheidt", "MÜLLER-LÜDENSCHEIDT", "müller-lüdenscheidt"]
)
def test_audit_finds_a_name_however_it_is_written(encoding: str, form: str):
    noise = np.random.default_rng(1).integers(0, 256, 5000, np.uint8).tobytes()
    looking = search("Müller-Lüdenscheidt", "Another^Name")
    assert looking.kinds_in(noise) == set()
    assert looking.kinds_in(noise + form.encode(encoding) + noise) == {"PatientName"}


def test_audit_looks_into_packed_files(tmp_path: Path):
    write_roiset(tmp_path / "r.zip", [("cord", encode_mask(np.ones((5, 5), bool), name=SECRET))])
    assert SECRET.encode("utf-16-be") not in (tmp_path / "r.zip").read_bytes()
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(f"xx{SECRET}xx".encode()))
    for name in ("r.zip", "a.nii.gz"):
        (found,) = search(SECRET).file(tmp_path / name, name)
        assert (found.output, found.kind) == (name, "PatientName")
        assert SECRET not in str(found)


def test_audit_takes_short_names_as_words_and_numbers_whole():
    looking = search("Doe", "1234567", "19700101")
    assert looking.kinds_in_text("Doe, John") == {"PatientName"}
    assert looking.kinds_in_text("doer does it") == set()
    assert looking.kinds_in(b"2.25.9912345678") == set()
    assert looking.kinds_in(b"id 1234567 here") == {"PatientName"}
    assert looking.kinds_in_text("born 01.01.1970") == {"PatientName"}
