"""Encodings of tables: what Python's own codecs wrote comes back, and what is in doubt does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrhi.errors import TableError
from pyrhi.io.encoding import decode_table

GERMAN = "Patient;RHI;Bemerkung\nMüller;20,5;größer als früher, Ödem\nGroß;3;Füße, Maße\n"
FRENCH = "Patient;RHI;Remarque\nRené;20,5;âge inconnu, déjà vu\n"
FRENCH_PLAIN = "Patient;RHI;Remarque\nRené;20,5;âge inconnu, région dorsale\n"
CHINESE = "患者,年龄,备注\n李明,45,腰椎转移\n王芳,52,无\n"
PATH = Path("table.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", [GERMAN, FRENCH, CHINESE])
def test_names_with_accents_are_read_from_every_unicode(text: str, encoding: str):
    assert decode_table(text.encode(encoding), PATH) == text


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_utf_16_of_both_orders(mark: bytes):
    name = "utf-16-le" if mark[0] == 0xFF else "utf-16-be"
    assert decode_table(mark + GERMAN.encode(name), PATH) == GERMAN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(GERMAN, "cp1252"), (FRENCH_PLAIN, "cp1252"), (CHINESE, "gb18030"), (CHINESE, "gbk")],
)
def test_what_excel_saves_in_germany_france_and_china_reads(text: str, encoding: str):
    assert decode_table(text.encode(encoding), PATH) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        # à is ŕ in Central Europe, and č is è in the West.
        (FRENCH, "cp1252"),
        ("Pacient;RHI\nVáclav Dvořáček;3\n", "cp1250"),
        ("Пациент;RHI\nИванова;20\nПетров;3\n", "cp1251"),
        ("Пациент;RHI\nИванова;20\nПетров;3\n", "koi8-r"),
        ("Patient;RHI\nИВАНОВ;20\n", "cp1251"),
        ("Patient;RHI\nИванов;20\nПетров;3\n", "koi8-r"),
        ("Patient;RHI\nΠΑΠΑΔΟΠΟΥΛΟΣ;3\n", "cp1253"),
        ("患者,年齢\n山田,45\n", "shift_jis"),
        ("患者,カルテ\nヤマダ,45\n", "euc_jp"),
        ("환자,나이\n김철수,45\n", "cp949"),
        ("病患,年齡\n陳大文,45\n", "big5"),
        (GERMAN, "cp850"),
        (GERMAN, "mac_roman"),
        ("Ασθενής;RHI\nΠαπαδόπουλος;3\n", "cp1253"),
        ("Hasta;RHI\nYılmaz Şahin;3\n", "cp1254"),
    ],
)
def test_what_may_be_several_things_is_refused_with_what_to_do(text: str, encoding: str):
    with pytest.raises(TableError, match=r"table\.csv: is not UTF-8 text.*save it as 'CSV UTF-8"):
        decode_table(text.encode(encoding), PATH)


def test_broken_unicode_and_binary_files_are_named():
    with pytest.raises(TableError, match="starts as UTF-16 and is none"):
        decode_table(b"\xff\xfea", PATH)
    with pytest.raises(TableError, match="is not a text table"):
        decode_table("Patient;RHI\n".encode("utf-16-le"), PATH)
