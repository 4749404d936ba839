"""Two readers or visits side by side, in a real Chromium; Dice and agreement as pyrhi agree."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from rigs.chromium import chromium, complaints, until
from rigs.command_line import rows as read
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pyrhi.cli.main import run
from pyrhi.report.qc.compare import mask_of_path
from pyrhi.rhi.picture import svg_path
from pyrhi.sample import sample_folder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with chromium(tmp_path_factory.mktemp("downloads")) as driver:
        yield driver


@pytest.fixture(scope="module")
def readers(axial: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    second = sample_folder() / "second_reader"
    assert run(["measure", str(axial), "-o", str(folder / "anna"), "--jobs", "1"]) == 0
    line = ["measure", str(axial), "--rois", str(second), "-o", str(folder / "bela")]
    assert run([*line, "--jobs", "1"]) == 0
    assert run(["report", str(folder / "anna"), str(folder / "bela"), "--jobs", "1"]) == 0
    for name, rois in (("a", axial), ("b", second)):
        (folder / name).mkdir()
        for path in rois.glob("*.zip"):
            shutil.copy(path, folder / name)
    out = ["--images", str(axial), "-o", str(folder / "agree")]
    assert run(["agree", str(folder / "a"), str(folder / "b"), *out]) == 0
    return folder


def rows_of(page: webdriver.Chrome) -> list[dict]:
    return json.loads(page.execute_script("return document.getElementById('rows').textContent"))


def test_differences_and_dice_are_those_of_agree(browser: webdriver.Chrome, readers: Path):
    browser.get((readers / "anna/compare.html").as_uri())
    rows = rows_of(browser)
    first, second = (read(readers / f"{name}/rhi.csv") for name in ("anna", "bela"))
    assert [row["difference"] for row in rows] == [
        float(b["RHI"]) - float(a["RHI"]) for a, b in zip(first, second, strict=True)
    ]
    outlines = read(readers / "agree/outlines.csv")
    for region, key in (("cord", "cord"), ("high", "high")):
        dice = {o["Image"]: float(o["Dice"]) for o in outlines if o["Region"] == region}
        assert {row["image"]: row[key] for row in rows} == dice
    message = browser.find_element(By.ID, "agreement").text
    found = {(r["Quantity"], r["Statistic"]): r for r in read(readers / "agree/agreement.csv")}
    icc, bias = found["RHI", "ICC(2,1)"], found["RHI", "Bland-Altman bias"]
    assert message.startswith(f"RHI, ICC(2,1) (n = {icc['N']})\n{float(icc['Value']):.3g}")
    # agree says first minus second; the page's differences are all B minus A.
    n, mean = bias["N"], -float(bias["Value"])
    assert f"RHI, Bland-Altman bias, B minus A (n = {n})\n{mean:.3g} (" in message
    assert f"{mean:+.2f}" in browser.find_element(By.ID, "overview").text
    assert "nan" not in message
    assert complaints(browser) == []


def test_slices_are_linked_and_both_outlines_are_seen(browser: webdriver.Chrome, readers: Path):
    browser.get((readers / "anna/compare.html").as_uri())
    rows = rows_of(browser)
    largest = max(rows, key=lambda row: abs(row["difference"]))
    says = [e.text for e in browser.find_elements(By.CSS_SELECTOR, ".says")]
    assert all(largest["image"] in text for text in says)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.ARROW_LEFT)
    before = rows[rows.index(largest) - 1]["image"]
    until(lambda: all(before in e.text for e in browser.find_elements(By.CSS_SELECTOR, ".says")))
    paths = browser.execute_script(
        "return [...document.querySelectorAll('.side')].map(s => [...s.querySelectorAll('path')]"
        ".map(p => p.getAttribute('d')))"
    )
    # Each side has its own outlines and, dashed, those of the other.
    assert paths[0][:2] == paths[1][2:]
    assert paths[1][:2] == paths[0][2:]
    browser.find_element(By.ID, "others").click()
    hidden = "return getComputedStyle(document.querySelector('.other')).display"
    assert browser.execute_script(hidden) == "none"
    heading = browser.find_element(By.CSS_SELECTOR, "#pairs th[data-key=difference] button")
    heading.click()
    order = browser.execute_script(
        "return [...document.querySelectorAll('#pairs tbody tr')].map(r => +r.dataset.index)"
    )
    seen = [rows[i]["difference"] for i in order]
    assert seen == sorted(seen)
    assert complaints(browser) == []


def test_two_visits_of_other_images(browser: webdriver.Chrome, axial: Path, tmp_path: Path):
    for visit, number in (("month_0", 18), ("month_6", 22)):
        folder = tmp_path / visit / "P1"
        folder.mkdir(parents=True)
        for suffix in (".tif", ".zip"):
            shutil.copy(axial / f"t2_axial_{number:03}{suffix}", folder / f"{visit}{suffix}")
        out = tmp_path / f"out_{visit}"
        assert run(["measure", str(folder.parent), "-o", str(out), "--jobs", "1"]) == 0
    page = tmp_path / "visits.html"
    line = ["report", str(tmp_path / "out_month_0"), str(tmp_path / "out_month_6")]
    assert run([*line, "-o", str(page), "--jobs", "1"]) == 0
    browser.get(page.as_uri())
    (row,) = rows_of(browser)
    # The demo's table: 14.77 and 28.41 %.
    assert (round(row["first"], 2), round(row["second"], 2)) == (14.77, 28.41)
    assert row["what"] == "highest RHI of each"
    assert row["cord"] is None
    assert "not the same image" in browser.find_element(By.ID, "difference").text
    paths = browser.find_elements(By.CSS_SELECTOR, ".other")
    assert [p.get_attribute("d") for p in paths] == [""] * 4
    scroll = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    browser.set_window_size(500, 900)
    assert browser.execute_script(scroll) <= 0
    # The slices fit anew.
    fit = (
        "return [...document.querySelectorAll('.box')].every("
        "b => b.scrollHeight <= b.clientHeight && b.scrollWidth <= b.clientWidth)"
    )
    until(lambda: browser.execute_script(fit))
    assert complaints(browser) == []


@settings(deadline=None, max_examples=60)
@given(arrays(bool, (6, 7)))
def test_outlines_come_back_as_pixels(mask: np.ndarray):
    assert (mask_of_path(svg_path(mask), {"width": 7, "height": 6}) == mask).all()
