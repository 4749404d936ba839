"""Numbers, names and words come out of Fiji's Jython as they come out of Python 3."""

from __future__ import annotations

import json
import math
import random
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.io.images.folder import natural
from pyrhi.io.tables import number_cell, text_cell
from pyrhi.pain.ordinal import SEED
from pyrhi.rhi.high import parse_high
from pyrhi.rhi.roles import RolePatterns, level_of, role_of

if TYPE_CHECKING:
    from rigs.scijava import ScriptContext

SCRIPT = Path(__file__).parent / "jython" / "texts.py"
NUMBERS = 40_000
NAMES = (
    "cord", "Größe 'x'", "a\"b", "'a\"b'", "tab\there", "line\nend", "back\\slash", "\x00\x7f\x85",
    "µ²½", "\u00a0\u2028\u200b", "脊髓 L2", "e\u0301", "😀 L3", "\ue000\ufffe", "=1", "+1", "-1",
    "@a", "\t", "\r", "a,b", "",
)  # fmt: skip
LEVELS = (
    "high-l2-1", "cord T12 L1", "cord-014", "L2", "xL2", "L22", "T1T2", "T12", "T13", "C7/T1",
    "Ł2", "L2_C3", "s5 S1", "L1L2-L3", "éL2", "L2é", "²L2", "L2²",
)  # fmt: skip
WORDS = ("Cord_1", "high-L2-1", "highL2", "cord²x", "Ⅷcord", "naïve cord", "HYPER3ref", "e\u0301t")
FILES = ("slice 9.tif", "slice 10.tif", "a", "B", "007", "7", "07", "a1b2", "a1b10", "é", "Z", "脊")
MODES = ("otsu", " Auto ", "1200", "1_000", "-3.50", ".5", "1e3", "ref+3SD", "REF+2.5mad")


def doubles() -> list[float]:
    """Return tens of thousands of doubles: ends, neighbours of powers, random bits, quotients."""
    rng = random.Random(SEED)
    found = [0.0, -0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e16, 1e22, 1e23]
    found += [
        float("nan"),
        float("inf"),
        float("-inf"),
        2e-3,
        9007199254740993.0,
        123456789012345680.0,
    ]
    for power in range(-300, 301, 3):
        for base in (2.0, 10.0):
            value = base**power
            found += [value, math.nextafter(value, 0), math.nextafter(value, math.inf)]
    while len(found) < NUMBERS // 2:
        found.append(struct.unpack("<d", rng.randbytes(8))[0])
    while len(found) < NUMBERS:
        found.append(100.0 * rng.randrange(1, 5000) / rng.randrange(1, 90000))
    return found


def answers(scripts: ScriptContext, folder: Path, asked: list[tuple[str, str]]) -> list[str]:
    given, answered = folder / "given.txt", folder / "answers.txt"
    lines = "".join(f"{kind}\t{value}\n" for kind, value in asked)
    given.write_text(lines, encoding="utf-8", newline="\n")
    scripts.run(str(SCRIPT), given=given, answers=answered)
    return [json.loads(line) for line in answered.read_text(encoding="utf-8").split("\n")]


def test_numbers_are_those_of_pyrhi_to_the_last_digit(scripts: ScriptContext, tmp_path: Path):
    values = doubles()
    assert len(values) == NUMBERS
    found = answers(scripts, tmp_path, [("number", v.hex()) for v in values])
    assert found == [number_cell(v) for v in values]


def test_formats_round_as_in_python(scripts: ScriptContext, tmp_path: Path):
    values = [v for v in doubles()[:: NUMBERS // 4000] if math.isfinite(v) and abs(v) < 1e15]
    values += [0.125, 0.375, 2.5, 0.5, 1.5, 100.05, 99.995, 1 / 3, 1e5, 999999.5, 1234567.0]
    templates = ("%g", "%.1f", "%.2f", "%.0f")
    asked = [("format", json.dumps([t, v.hex()])) for t in templates for v in values]
    assert answers(scripts, tmp_path, asked) == [t % v for t in templates for v in values]


def test_names_cells_levels_and_words(scripts: ScriptContext, tmp_path: Path):
    asked = [("quoted", json.dumps(name)) for name in NAMES]
    asked += [("cell", json.dumps(name)) for name in NAMES]
    asked += [("level", json.dumps(name)) for name in LEVELS]
    expected = [repr(name) for name in NAMES] + [text_cell(name) for name in NAMES]
    expected += [level_of(name) for name in LEVELS]
    assert answers(scripts, tmp_path, asked) == expected


def test_words_of_names_give_the_same_roles(scripts: ScriptContext, tmp_path: Path):
    found = answers(scripts, tmp_path, [("words", json.dumps(name)) for name in WORDS])
    for name, words in zip(WORDS, found, strict=True):
        for word in words.split():
            patterns = RolePatterns(cord=(word,), high=("zzz",), reference=("yyy",))
            assert role_of(Roi(name, RoiType.RECT, 0, 0, 5, 5), patterns).value == "cord"
    assert found[:3] == ["cord", "high l", "highl"]


def test_files_are_sorted_and_modes_read_alike(scripts: ScriptContext, tmp_path: Path):
    shuffled = random.Random(SEED).sample(FILES, len(FILES))
    asked = [("sort", json.dumps(shuffled))] + [("mode", json.dumps(mode)) for mode in MODES]
    found = answers(scripts, tmp_path, asked)
    assert json.loads(found[0]) == sorted(FILES, key=natural)
    modes = [parse_high(mode) for mode in MODES]
    assert found[1:] == [f"{m.text} {m.spreads} {m.robust}" for m in modes]


def test_sums_and_draws_are_those_of_numpy(scripts: ScriptContext, tmp_path: Path):
    rng = np.random.default_rng(SEED)
    arrays = [rng.random(n) * 1000 for n in (1, 7, 8, 9, 127, 128, 129, 1000, 4097)]
    asked = [("sum", " ".join(v.hex() for v in a.tolist())) for a in arrays]
    count = 20_000
    asked += [("normal", "")] * count
    found = answers(scripts, tmp_path, asked)
    assert [float.fromhex(v) for v in found[: len(arrays)]] == [float(a.sum()) for a in arrays]
    drawn = np.array([float(v) for v in found[len(arrays) :]])
    expected = np.random.default_rng(SEED).standard_normal(count)
    np.testing.assert_allclose(drawn, expected, rtol=1e-9)
