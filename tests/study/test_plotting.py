"""Figures of a study: marked, the same bytes again, and names that are no formulas."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pyrhi.study.plotting import DPI, new_figure, save_figure, templates

NAME = "$x_{1}$ Müller & <b>"


def drawn(stem: Path, **more) -> tuple[Path, Path]:
    figure, axes = new_figure(3.0, 2.0)
    axes.plot([0, 1], [1, 0])
    axes.set_title(NAME)
    return save_figure(figure, stem, **more)


@pytest.mark.parametrize("synthetic", [False, True])
def test_a_figure_says_what_it_is_made_of_and_for(tmp_path: Path, synthetic: bool):
    _, svg = drawn(tmp_path / "f", synthetic=synthetic, notes=("n = 3",))
    text = "".join(ET.parse(svg).getroot().itertext())
    assert "Research use only; not a medical device." in text
    assert ("SYNTHETIC DATA." in text) == synthetic
    assert "n = 3" in text


def test_a_name_with_a_dollar_sign_is_shown_as_it_is(tmp_path: Path):
    _, svg = drawn(tmp_path / "f")
    assert NAME in "".join(ET.parse(svg).getroot().itertext())


def test_the_same_figure_has_the_same_bytes_and_no_date(tmp_path: Path):
    first, second = drawn(tmp_path / "a"), drawn(tmp_path / "b")
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
    width, height = (int.from_bytes(first[0].read_bytes()[at : at + 4]) for at in (16, 20))
    assert (width, height) == (3 * DPI, 2 * DPI)


def test_a_patients_name_is_no_tag_on_a_page():
    page = templates(html=True).from_string("<p>{{ name }}</p>").render(name="<script>")
    assert page == "<p>&lt;script&gt;</p>"
