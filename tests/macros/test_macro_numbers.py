"""Numbers in the macros' tables are the text that Python writes."""

from __future__ import annotations

import math
import random
import struct
from typing import TYPE_CHECKING

import pytest
from rigs.imagej_window import MACROS, MEASURE

from pyrhi.io.tables import number_cell

if TYPE_CHECKING:
    from rigs.imagej_window import ImageJWindow

SECTION = "// ---------------------------------------------------------------- numbers"
DRIVER = """
var digits, exponent, scaledHigh, scaledLow;
asked = split(getArgument(), ",");
out = "";
for (i = 0; i < asked.length; i++) out = out + {function}(parseFloat(asked[i])) + "\\n";
return out;
"""


def texts(imagej: ImageJWindow, numbers: list[float], function: str) -> list[str]:
    """Write numbers by a function of the macro; Java reads them exactly."""
    source = (MACROS / MEASURE).read_text(encoding="ascii")
    code = DRIVER.format(function=function) + source[source.index(SECTION) :]
    asked = ",".join(map(repr, numbers)).replace("nan", "NaN").replace("inf", "Infinity")
    return imagej.run(code, asked).splitlines()


def of_all_magnitudes() -> list[float]:
    numbers = random.Random(7)
    return [struct.unpack(">d", numbers.randbytes(8))[0] for _ in range(4000)]


def of_everyday() -> list[float]:
    numbers = random.Random(8)
    return [
        *(numbers.uniform(0, 1) * 10 ** numbers.randint(-8, 12) for _ in range(4000)),
        *(100 * numbers.randint(1, 5000) / numbers.randint(1, 5000) for _ in range(1000)),
        *(round(numbers.uniform(0, 1000), numbers.randint(0, 6)) for _ in range(1000)),
    ]


def of_the_edges() -> list[float]:
    return [
        *(float(i) for i in range(-100, 1000)),
        *(2.0**k for k in range(-1074, 1023)),
        *(math.nextafter(2.0**k, 0) for k in range(-60, 60)),
        *(10.0**k for k in range(-320, 308)),
        *(10.0**k / 3 for k in range(-30, 30)),
        *(k / 2 for k in range(2**53 - 9, 2**53 + 9)),
        *(float(k) for k in range(10**15 - 5, 10**15 + 5)),
        *(float(k) for k in range(10**16 - 20, 10**16 + 20, 2)),
        *(0.1 + 0.2, 56.32000000000001, 1e-4, 9.999e-5, 5e-324, 2.2250738585072014e-308),
        *(math.nan, math.inf, -math.inf, 0.0, -0.0),
    ]


@pytest.mark.parametrize("numbers", [of_all_magnitudes, of_everyday, of_the_edges])
def test_numbers_are_as_python_writes_them(imagej: ImageJWindow, numbers) -> None:  # type: ignore[no-untyped-def]
    wanted = numbers()
    got = texts(imagej, wanted, "num")
    assert len(got) == len(wanted)
    differing = [(x, text) for x, text in zip(wanted, got, strict=True) if text != number_cell(x)]
    assert differing == []


def test_six_digits_are_as_python_formats_them(imagej: ImageJWindow) -> None:
    numbers = [x for x in of_everyday() + of_the_edges() if math.isfinite(x) and x != 0]
    numbers += [0.5, 2.5, 1234565.0, 123456.5, 1200.0, 0.1234565, 999999.5, 0.0]
    got = texts(imagej, numbers, "general")
    differing = [(x, text) for x, text in zip(numbers, got, strict=True) if text != f"{x:g}"]
    assert differing == []
