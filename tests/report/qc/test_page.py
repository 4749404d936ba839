"""The QC report as a person meets it: a real Chromium opens the file from disk."""

from __future__ import annotations

import base64
import csv
import io
import itertools
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import axe_core_python
import nibabel
import numpy as np
import pypdf
import pytest
import tifffile
from PIL import Image as Picture
from rigs.chromium import chromium, complaints, media, printed, requested, until
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

import pyrhi
from pyrhi.cli.main import run
from pyrhi.report.qc import write_report

pytestmark = pytest.mark.slow

NOTICE = "Research use only; not a medical device."
HOSTILE_PATIENT = "</script><script>window.harmed = 1</script>"
HOSTILE_NAME = "<img src=x onerror='window.harmed = 2'>\"&{{ 7*7 }}.tif"
FORMULA_PATIENT = "=HYPERLINK(1)"
SLICES = 2000
AXE = Path(axe_core_python.__file__).parent / "axe.min.js"


@dataclass(frozen=True)
class Report:
    """A report and what it was made of."""

    study: Path
    manifest: Path
    results: Path

    @property
    def uri(self) -> str:
        return (self.results / "report.html").as_uri()

    def rows(self, table: str = "rhi.csv") -> list[dict[str, str]]:
        with (self.results / table).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))


def make_study(folder: Path, sample: Path) -> tuple[Path, Path]:
    study = folder / "study"
    study.mkdir(parents=True)
    lines = [["patient", "image", "rois"]]
    for number in (14, 16, 18, 20, 22, 24):
        name = f"t2_axial_{number:03}"
        for suffix in (".tif", ".zip"):
            shutil.copy(sample / "axial_slices" / f"{name}{suffix}", study)
        lines.append(["P1" if number < 20 else FORMULA_PATIENT, f"{name}.tif", f"{name}.zip"])
    shutil.copy(sample / "axial_slices" / "t2_axial_023.tif", study / HOSTILE_NAME)
    lines.append([HOSTILE_PATIENT, HOSTILE_NAME, "t2_axial_022.zip"])
    for name in ("t2_sagittal.tif", "t2_sagittal.RoiSet.zip"):
        shutil.copy(sample / "sagittal_stack" / name, study)
    lines.append(["P3", "t2_sagittal.tif", "t2_sagittal.RoiSet.zip"])
    (study / "broken.tif").write_bytes(b"no image")
    lines.append(["P4", "broken.tif", "t2_axial_014.zip"])
    manifest = study / "manifest.csv"
    with manifest.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(lines)
    return study, manifest


@pytest.fixture(scope="module")
def report(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("report")
    study, manifest = make_study(folder, sample)
    # The broken image is one failure: the report is written all the same.
    arguments = ["measure", "--manifest", str(manifest), "-o", str(folder / "out"), "--report"]
    assert run([*arguments, "--jobs", "1"]) == 1
    return Report(study, manifest, folder / "out")


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads: Path) -> Iterator[webdriver.Chrome]:
    with chromium(downloads) as driver:
        yield driver


@pytest.fixture
def page(browser: webdriver.Chrome, report: Report) -> Iterator[webdriver.Chrome]:
    """The report as on the first day: nothing rated."""
    browser.set_window_size(1440, 1000)
    media(browser)
    browser.get(report.uri)
    browser.execute_script("localStorage.clear()")
    browser.get(report.uri)
    wait_for_picture(browser)
    yield browser
    assert complaints(browser) == []


def wait_for_picture(page: webdriver.Chrome) -> None:
    until(lambda: page.find_element(By.ID, "grey").text.startswith("Grey values"))


def shown_rows(page: webdriver.Chrome) -> list[int]:
    script = (
        "return [...document.querySelectorAll('#slices tbody tr')]"
        ".filter(r => !r.hidden).map(r => +r.dataset.index)"
    )
    return page.execute_script(script)


def pick(page: webdriver.Chrome, index: int) -> None:
    before = page.find_element(By.ID, "shown").text
    row = page.find_element(By.CSS_SELECTOR, f"#slices tr[data-index='{index}'] button")
    page.execute_script("arguments[0].click()", row)
    until(lambda: page.find_element(By.ID, "shown").text != before or index == 0)
    wait_for_picture(page)


def item(page: webdriver.Chrome, index: int) -> dict:
    script = "return document.getElementById('slice-' + arguments[0]).textContent"
    return json.loads(page.execute_script(script, index))


def press(page: webdriver.Chrome, *keys: str) -> None:
    ActionChains(page).send_keys(*keys).perform()


def measured_again(report: Report, row: dict[str, str]):
    """Return the calibrated plane of a row and its measured slice, by the library itself."""
    name = row["Image"]
    with report.manifest.open(newline="", encoding="utf-8") as stream:
        rois = next(r["rois"] for r in csv.DictReader(stream) if r["image"] == name)
    with pyrhi.read_image(report.study / name) as image:
        plane = image.plane(int(row["Slice"])).astype(float)
        done = pyrhi.measure(image, pyrhi.read_rois(report.study / rois))
    return plane, next(s for s in done.slices if s.slice == int(row["Slice"]))


def decoded(picture: dict) -> np.ndarray:
    with Picture.open(io.BytesIO(base64.b64decode(picture["png"]))) as png:
        pixels = np.asarray(png).astype(np.int64)
    stored = pixels if pixels.ndim == 2 else 256 * pixels[..., 0] + pixels[..., 1]
    return picture["offset"] + picture["step"] * stored


def canvas(page: webdriver.Chrome) -> np.ndarray:
    script = """
      const c = document.getElementById('pixels');
      return [c.width, c.height, [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]]
    """
    width, height, data = page.execute_script(script)
    return np.array(data).reshape(height, width, 4)


def test_opens_from_disk_with_no_network_and_no_complaint(page: webdriver.Chrome, report: Report):
    requested(page)
    page.get(report.uri)
    wait_for_picture(page)
    asked = requested(page)
    assert report.uri in asked
    assert {a.partition(":")[0] for a in asked} <= {"file", "data", "blob"}
    assert [a for a in asked if a.startswith("file:")] == [report.uri]
    assert complaints(page) == []


def test_failures_warnings_and_use_come_first(page: webdriver.Chrome, report: Report):
    main = page.find_element(By.TAG_NAME, "main").text
    assert main.index("Images that failed") < main.index("broken.tif") < main.index("Summary")
    counts = page.find_element(By.CSS_SELECTOR, "#overview .counts").text.splitlines()
    shown = dict(zip(counts[::2], counts[1::2], strict=True))
    assert shown["Patients"] == str(len(report.rows("patients.csv")))
    assert shown["Images that failed"] == "1 of 9"
    highest = max(float(row["RHI"]) for row in report.rows())
    assert shown["Highest RHI"] == f"{highest:.2f} %"
    assert page.execute_script("return scrollY") == 0
    assert NOTICE in page.find_element(By.TAG_NAME, "header").text
    for text in ("published rhi", "was seen and nothing was validated", "no lesion is not no pain"):
        assert text in main
    assert len(page.find_elements(By.CSS_SELECTOR, "#patients tbody tr")) == len(
        report.rows("patients.csv")
    )
    size = (report.results / "report.html").stat().st_size
    assert f"{size / 2**20:.1f} MB" in page.find_element(By.TAG_NAME, "body").text


def test_names_are_text_whatever_they_say(page: webdriver.Chrome):
    body = page.find_element(By.TAG_NAME, "body").text
    assert HOSTILE_NAME in body
    assert HOSTILE_PATIENT in body
    assert page.execute_script("return window.harmed === undefined")
    assert page.find_elements(By.TAG_NAME, "img") == []


def test_the_worst_slices_come_first(page: webdriver.Chrome, report: Report):
    rows = report.rows()
    buttons = page.find_elements(By.CSS_SELECTOR, "#worst button")
    seen = [int(button.get_attribute("data-index")) for button in buttons]
    ordered = sorted(range(len(rows)), key=lambda i: -float(rows[i]["RHI"]))
    assert seen == ordered[:8]
    # Each has a picture: its canvas is not empty.
    drawn = (
        "return [...document.querySelectorAll('#worst canvas')].every(c => c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data.some((v, k) => k % 4 < 3 && v > 0))"
    )
    until(lambda: page.execute_script(drawn))
    page.execute_script("arguments[0].click()", buttons[2])
    until(lambda: rows[seen[2]]["Image"] in page.find_element(By.ID, "shown").text)


def test_scores_stand_beside_ratings_and_sort(page: webdriver.Chrome, downloads: Path):
    for index, score in ((0, "4"), (1, "2")):
        pick(page, index)
        press(page, score)
        if index == 0:
            page.find_element(By.CSS_SELECTOR, "input[name=rating][value=accept]").click()
    heading = page.find_element(By.CSS_SELECTOR, "#slices th[data-key=Score] button")
    heading.click()
    heading.click()
    assert shown_rows(page)[:2] == [0, 1]
    page.find_element(By.ID, "export").click()
    saved = downloads / "ratings.csv"
    until(saved.exists)
    with saved.open(encoding="utf-8", newline="") as stream:
        assert [(r["Rating"], r["Score"]) for r in csv.DictReader(stream)] == [
            ("accept", "4"),
            ("", "2"),
        ]
    saved.unlink()


def test_outlines_have_the_width_that_was_chosen(page: webdriver.Chrome):
    width = "return getComputedStyle(document.getElementById('cord')).strokeWidth"
    select = Select(page.find_element(By.ID, "outline-width"))
    for text in ("1", "3", "2"):
        select.select_by_visible_text(text)
        assert float(page.execute_script(width).removesuffix("px")) == float(text)


def test_the_ruler_is_as_long_as_it_says(page: webdriver.Chrome, report: Report):
    for _ in range(2):
        ruler = page.find_element(By.CSS_SELECTOR, "#stage .ruler")
        length, unit = ruler.text.split()
        assert unit == "mm"
        stage = page.find_element(By.ID, "stage")
        p = item(page, 0)["picture"]
        # Pixels of the sample are 0.8 mm.
        wanted = float(length) / 0.8 / p["width"] * stage.size["width"]
        assert ruler.size["width"] == pytest.approx(wanted, abs=1)
        page.find_element(By.ID, "zoom-in").click()


def test_rows_are_sorted_by_number_not_by_text(page: webdriver.Chrome, report: Report):
    rows = report.rows()
    rhi = [float(row["RHI"]) for row in rows]
    heading = page.find_element(By.CSS_SELECTOR, "#slices th[data-key=RHI]")
    for direction in ("ascending", "descending"):
        heading.find_element(By.TAG_NAME, "button").click()
        assert heading.get_attribute("aria-sort") == direction
        seen = [rhi[i] for i in shown_rows(page)]
        assert seen == sorted(rhi, reverse=direction == "descending")
    image = page.find_element(By.CSS_SELECTOR, "#slices th[data-key=Image]")
    image.find_element(By.TAG_NAME, "button").click()
    assert heading.get_attribute("aria-sort") == "none"
    assert sorted(shown_rows(page)) == list(range(len(rows)))


def test_filters_show_the_rows_that_were_asked_for(page: webdriver.Chrome, report: Report):
    rows = report.rows()
    find = page.find_element(By.ID, "filter-text")
    find.send_keys("Sagittal")
    expected = [i for i, row in enumerate(rows) if "sagittal" in row["Image"]]
    assert shown_rows(page) == expected
    assert f"{len(expected)} of {len(rows)}" in page.find_element(By.ID, "filter-count").text
    Select(page.find_element(By.ID, "filter-kind")).select_by_value("high")
    with_high = [i for i in expected if float(rows[i]["HighArea"]) > 0]
    until(lambda: shown_rows(page) == with_high)
    page.find_element(By.ID, "filter-rhi").send_keys("5")
    assert shown_rows(page) == [i for i in with_high if float(rows[i]["RHI"]) >= 5]
    find.clear()
    find.send_keys("nobody is called so")
    assert shown_rows(page) == []


def test_outlines_hold_exactly_the_measured_pixels(page: webdriver.Chrome, report: Report):
    inside = """
      const [d, width, height] = arguments;
      const path = new Path2D(d), context = document.createElement('canvas').getContext('2d');
      const out = [];
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++)
        out.push(+context.isPointInPath(path, x + 0.5, y + 0.5, 'evenodd'));
      return out;
    """
    for index, row in enumerate(report.rows()):
        picture = item(page, index)["picture"]
        plane, done = measured_again(report, row)
        x, y, width, height = (picture[key] for key in ("x", "y", "width", "height"))
        for key, mask in (("cord", done.cord_mask), ("lesion", done.high_mask)):
            seen = np.array(page.execute_script(inside, picture[key], width, height), bool)
            expected = mask[y : y + height, x : x + width]
            assert (seen.reshape(height, width) == expected).all(), (row["Image"], key)
            assert expected.sum() == mask.sum()
        assert (decoded(picture) == plane[y : y + height, x : x + width]).all()


def test_outlines_can_be_taken_away_and_come_back(page: webdriver.Chrome, report: Report):
    pick(page, next(i for i, row in enumerate(report.rows()) if float(row["HighArea"]) > 0))
    for box, path in (("show-cord", "cord"), ("show-lesion", "lesion")):
        outline = page.find_element(By.ID, path)
        assert outline.is_displayed()
        page.find_element(By.ID, box).click()
        assert not outline.is_displayed()
        page.find_element(By.ID, box).click()
        assert outline.is_displayed()


def test_what_is_seen_is_the_windowed_image(page: webdriver.Chrome, report: Report):
    rows = report.rows()
    index = next(i for i, row in enumerate(rows) if row["Image"] == "t2_axial_022.tif")
    pick(page, index)
    picture = item(page, index)["picture"]
    grey = decoded(picture)

    def expected() -> np.ndarray:
        script = "return ['level', 'window'].map(id => Number(document.getElementById(id).value))"
        level, width = page.execute_script(script)
        return np.clip(255 * (grey - (level - width / 2)) / width, 0, 255)

    first = canvas(page)
    assert (np.abs(first[..., 0] - expected()) <= 0.5 + 1e-6).all()
    assert (first[..., :3] == first[..., :1]).all()
    assert (first[..., 3] == 255).all()
    assert np.unique(first[..., 0]).size > 50
    page.find_element(By.ID, "level").send_keys(Keys.HOME)
    page.find_element(By.ID, "window").send_keys(Keys.ARROW_RIGHT)
    changed = canvas(page)
    assert (changed != first).any()
    assert (np.abs(changed[..., 0] - expected()) <= 0.5 + 1e-6).all()
    stage = page.find_element(By.ID, "stage")
    before = canvas(page)
    ActionChains(page).drag_and_drop_by_offset(stage, 40, 25).perform()
    assert (canvas(page) != before).any()
    page.find_element(By.ID, "reset").click()
    assert (canvas(page) == first).all()


def test_zoom_keeps_outline_and_picture_together(page: webdriver.Chrome):
    sizes = []
    for _ in range(3):
        page.find_element(By.ID, "zoom-in").click()
        canvas_box, outline_box = (
            page.execute_script(
                "const r = document.getElementById(arguments[0]).getBoundingClientRect();"
                "return [r.x, r.y, r.width, r.height]",
                which,
            )
            for which in ("pixels", "outlines")
        )
        assert canvas_box == pytest.approx(outline_box, abs=0.01)
        sizes.append(canvas_box[2])
    assert sizes == sorted(set(sizes))


def test_the_page_works_by_keyboard_alone(page: webdriver.Chrome, report: Report, downloads: Path):
    press(page, Keys.TAB)
    assert "Skip" in page.switch_to.active_element.text
    assert page.switch_to.active_element.location["x"] >= 0
    shown = page.find_element(By.ID, "shown")
    first = shown.text
    press(page, Keys.ARROW_RIGHT)
    assert shown.text != first
    press(page, Keys.ARROW_LEFT)
    assert shown.text == first
    press(page, "c")
    assert not page.find_element(By.ID, "show-cord").is_selected()
    press(page, "h")
    assert not page.find_element(By.ID, "show-lesion").is_selected()
    press(page, "x")
    rated = page.find_element(By.CSS_SELECTOR, "#slices tr[data-index='0'] .rating")
    assert rated.text == "exclude"
    press(page, "a")
    assert rated.text == "accept"
    seen: list[str] = []
    for _ in range(400):
        press(page, Keys.TAB)
        name = page.execute_script(
            "const e = document.activeElement; return e.id || e.name || e.textContent.trim()"
        )
        # What has the focus can be seen to have it.
        outlined = page.execute_script(
            "return getComputedStyle(document.activeElement).outlineStyle"
        )
        assert outlined != "none" or name == "viewer", name
        seen.append(name)
        if name == "export":
            break
    needed = {"filter-text", "filter-kind", "RHI (%)", "previous", "next", "show-cord", "level"}
    assert needed | {"window", "zoom-in", "rating", "comment", "reader"} <= set(seen)
    press(page, Keys.ENTER)
    saved = downloads / "ratings.csv"
    until(saved.exists)
    saved.unlink()


def test_letters_in_a_comment_are_no_commands(page: webdriver.Chrome):
    comment = page.find_element(By.ID, "comment")
    comment.send_keys("chax r 0")
    assert page.find_element(By.ID, "show-cord").is_selected()
    assert page.find_element(By.CSS_SELECTOR, "#slices tr[data-index='0'] .rating").text == ""
    assert comment.get_property("value") == "chax r 0"


def test_ratings_stay_and_are_honoured(
    page: webdriver.Chrome, report: Report, downloads: Path, tmp_path: Path, capsys
):
    rows = report.rows()
    worst = next(i for i, row in enumerate(rows) if row["Image"] == "t2_axial_022.tif")
    strange = next(i for i, row in enumerate(rows) if row["Image"] == HOSTILE_NAME)
    page.find_element(By.ID, "reader").send_keys("A. Reader")
    for index, word, comment in (
        (worst, "exclude", '=1+1, "moved"'),
        (strange, "redo", "äöü; 線"),
        (0, "accept", ""),
    ):
        pick(page, index)
        page.find_element(By.CSS_SELECTOR, f"input[name=rating][value={word}]").click()
        if comment:
            page.find_element(By.ID, "comment").send_keys(comment)
    page.refresh()
    wait_for_picture(page)
    assert "3 of" in page.find_element(By.ID, "rated").text
    pick(page, worst)
    assert page.find_element(By.ID, "comment").get_property("value") == '=1+1, "moved"'
    assert page.find_element(By.ID, "reader").get_property("value") == "A. Reader"
    page.find_element(By.ID, "export").click()
    saved = downloads / "ratings.csv"
    until(saved.exists)
    ratings = tmp_path / "ratings.csv"
    shutil.move(saved, ratings)
    assert "'=1+1" in ratings.read_text(encoding="utf-8")

    out = tmp_path / "out"
    arguments = ["measure", "--manifest", str(report.manifest), "-o", str(out), "--jobs", "1"]
    assert run([*arguments, "--ratings", str(ratings)]) == 1
    plain = (report.results / "rhi.csv").read_text(encoding="utf-8").splitlines()
    rated = (out / "rhi.csv").read_text(encoding="utf-8").splitlines()
    # The columns that were there stay as they were, byte for byte.
    assert all(now.startswith(f"{was},") for was, now in zip(plain, rated, strict=True))
    with (out / "rhi.csv").open(encoding="utf-8", newline="") as stream:
        now = list(csv.DictReader(stream))
    assert now[worst]["Rating"] == "exclude"
    assert now[worst]["Comment"] == '\'=1+1, "moved"'
    assert now[worst]["Reader"] == "A. Reader"
    assert (now[strange]["Rating"], now[strange]["Comment"]) == ("redo", "äöü; 線")
    assert [row["Rating"] for row in now].count("") == len(now) - 3

    patient = rows[worst]["Patient"]
    left = [float(r["RHI"]) for i, r in enumerate(rows) if r["Patient"] == patient and i != worst]
    with (out / "patients.csv").open(encoding="utf-8", newline="") as stream:
        after = {row["Patient"]: row for row in csv.DictReader(stream)}
    before = {row["Patient"]: row for row in report.rows("patients.csv")}
    assert float(after[patient]["RHI"]) == max(left) < float(before[patient]["RHI"])
    assert int(after[patient]["Slices"]) == len(left)
    assert {p: r for p, r in after.items() if p != patient} == {
        p: r for p, r in before.items() if p != patient
    }


def test_axe_finds_nothing_that_stops_a_screen_reader(page: webdriver.Chrome):
    for scheme in ("light", "dark"):
        media(page, scheme=scheme)
        page.execute_script(AXE.read_text(encoding="utf-8"))
        found = page.execute_async_script(
            "const done = arguments[0]; axe.run().then(r => done(r.violations.map("
            "v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html).join(' | '))))"
        )
        assert found == [], scheme


FITS = "const p = document.getElementById('picture'); return p.scrollWidth <= p.clientWidth"


def test_the_page_is_readable_dark_and_narrow(page: webdriver.Chrome):
    background = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    media(page, scheme="light")
    assert min(page.execute_script(background)[:3]) > 200
    media(page, scheme="dark")
    assert max(page.execute_script(background)[:3]) < 60
    for width in (500, 700, 1000):
        page.set_window_size(width, 900)
        overflow = page.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, width
        until(lambda: page.execute_script(FITS))


def test_the_page_fits_a_phone(browser: webdriver.Chrome, report: Report):
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        media(browser)
        browser.get(report.uri)
        wait_for_picture(browser)
        sizes = "const e = document.documentElement; return [e.scrollWidth, innerWidth]"
        scroll, inner = browser.execute_script(sizes)
        assert scroll <= inner == 390
        # Fingers need room, and all controls lie on the page.
        for button in browser.find_elements(By.CSS_SELECTOR, ".bar button, .bar select"):
            box = button.rect
            assert box["height"] >= 32, button.text
            assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
        picture = browser.find_element(By.ID, "picture").rect
        assert picture["width"] > 330
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert complaints(browser) == []


def test_slices_stand_upright_with_letters(browser: webdriver.Chrome, sample: Path, tmp_path: Path):
    """Turned and mirrored copies of one scan give one picture, with the same letters around it."""
    nifti = sample / "nifti"
    shown = []
    for turn in ("PSR", "AIL", "SPR"):
        folder = tmp_path / turn
        folder.mkdir()
        for name in ("t2", "t2_cord", "t2_high"):
            image = nibabel.load(nifti / f"{name}.nii.gz")
            here = nibabel.orientations.io_orientation(image.affine)
            there = nibabel.orientations.axcodes2ornt(turn)
            turned = image.as_reoriented(nibabel.orientations.ornt_transform(here, there))
            nibabel.save(turned, folder / f"{name}.nii.gz")
        cord, high = (str(folder / f"t2_{name}.nii.gz") for name in ("cord", "high"))
        line = ["measure", str(folder / "t2.nii.gz"), "--cord-mask", cord, "--high-mask", high]
        line += ["-o", str(folder / "out")]
        assert run([*line, "--report", "--jobs", "1"]) == 0
        browser.get((folder / "out/report.html").as_uri())
        wait_for_picture(browser)
        page = browser.find_element(By.CSS_SELECTOR, "#worst button")
        browser.execute_script("arguments[0].click()", page)
        wait_for_picture(browser)
        letters = [browser.find_element(By.CSS_SELECTOR, f"#stage .mark.{side}").text
                   for side in ("left", "right", "top", "bottom")]  # fmt: skip
        index = int(page.get_attribute("data-index"))
        picture = item(browser, index)["picture"]
        shown.append((letters, decoded(picture), picture["cord"], picture["lesion"]))
    first = shown[0]
    assert first[0] == ["A", "P", "S", "I"]
    for letters, values, cord, lesion in shown[1:]:
        assert letters == first[0]
        assert (values == first[1]).all()
        assert (cord, lesion) == first[2:]
    # Upright as nibabel says: head up, front on the left.
    canonical = nibabel.as_closest_canonical(nibabel.load(nifti / "t2.nii.gz"))
    volume = np.asanyarray(canonical.dataobj).astype(float)
    planes = [plane[::-1, ::-1].T for plane in volume]
    assert any(plane.shape == first[1].shape and (plane == first[1]).all() for plane in planes)


def test_printed_sheets_hold_the_table_and_the_notice(page: webdriver.Chrome, report: Report):
    media(page, kind="print")
    assert not page.find_element(By.ID, "filters").is_displayed()
    assert not page.find_element(By.ID, "export").is_displayed()
    media(page)
    pages = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(printed(page))).pages]
    together = "".join("\n".join(pages).split())
    # On every sheet, for sheets get apart.
    assert all(NOTICE.replace(" ", "") in "".join(sheet.split()) for sheet in pages)
    assert "broken.tif" in together
    for words in ("Why not decided", "P(moderate or severe), interval", "0.01 to 0.30"):
        assert words.replace(" ", "") in together
    for row in report.rows():
        assert f"{float(row['RHI']):.2f}" in together


def test_images_that_are_gone_or_changed_are_named(
    browser: webdriver.Chrome, sample: Path, tmp_path: Path, capsys
):
    study, manifest = make_study(tmp_path, sample)
    out = tmp_path / "out"
    assert run(["measure", "--manifest", str(manifest), "-o", str(out), "--jobs", "1"]) == 1
    (study / "t2_axial_014.tif").unlink()
    shutil.copy(study / "t2_axial_020.zip", study / "t2_axial_016.zip")
    # Outlines of the same size on another picture.
    with tifffile.TiffFile(study / "t2_axial_024.tif") as tif:
        description, other = tif.pages[0].tags["ImageDescription"].value, tif.asarray()[::-1]
        scale = [tif.pages[0].tags[tag].value for tag in ("XResolution", "YResolution")]
    tifffile.imwrite(
        study / "t2_axial_024.tif",
        other,
        description=description,
        metadata=None,
        resolution=tuple(map(tuple, scale)),
        resolutionunit=1,
    )
    table = (out / "rhi.csv").read_bytes()
    assert run(["report", str(out)]) == 1
    assert "3 without picture" in capsys.readouterr().err
    assert (out / "rhi.csv").read_bytes() == table
    browser.get((out / "report.html").as_uri())
    message = until(lambda: browser.find_element(By.ID, "no-picture").text)
    assert message == "the image is no longer where it was when this slice was measured"
    pictures = browser.find_elements(By.CSS_SELECTOR, "script.slice")
    assert not any(str(tmp_path) in p.get_attribute("textContent") for p in pictures)
    browser.find_element(By.ID, "next").click()
    assert "changed" in until(lambda: browser.find_element(By.ID, "no-picture").text)
    assert browser.find_element(By.ID, "problems").text.startswith("3 of ")
    browser.find_element(By.ID, "next").click()
    wait_for_picture(browser)
    assert not browser.find_element(By.ID, "no-picture").is_displayed()


def test_two_thousand_slices_open_and_stay_usable(browser: webdriver.Chrome, tmp_path: Path):
    folder = tmp_path / "big"
    folder.mkdir()
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:256, :256]
    shape = 300 + 200 * np.cos(x / 9) * np.cos(y / 11) + 500 * (np.hypot(x - 128, y - 128) < 14)
    noise = rng.normal(0, 30, (16, 256, 256))
    with tifffile.TiffWriter(folder / "stack.tif", imagej=True) as writer:
        stack = np.stack([(shape + noise[i % 16]).astype(np.uint16) for i in range(SLICES)])
        writer.write(
            stack,
            resolution=(2.0, 2.0),
            metadata={"unit": "mm", "axes": "ZYX"},
        )
    import roifile

    with tifffile.TiffFile(folder / "stack.tif") as tif:
        assert len(tif.series[0]) >= 1
    cord = roifile.ImagejRoi.frompoints(np.array([[110, 110], [146, 110], [146, 146], [110, 146]]))
    high = roifile.ImagejRoi.frompoints(np.array([[120, 120], [130, 120], [130, 133], [120, 133]]))
    rois = folder / "stack.zip"
    for roi, name in ((cord, "cord"), (high, "high")):
        roi.roitype, roi.name = roifile.ROI_TYPE.POLYGON, name
    roifile.roiwrite(rois, [cord, high])
    out = tmp_path / "out"
    assert run(["measure", str(folder / "stack.tif"), "-o", str(out), "--jobs", "1"]) == 0
    written = write_report(out, jobs=1)
    assert (written.slices, written.without_picture) == (SLICES, 0)
    # It can still be sent.
    assert written.size < 60 * 2**20
    start = time.perf_counter()
    browser.get((out / "report.html").as_uri())
    wait_for_picture(browser)
    assert time.perf_counter() - start < 20
    timings = []
    for act in (
        lambda: browser.find_element(By.CSS_SELECTOR, "#slices th[data-key=Slice] button").click(),
        lambda: browser.find_element(By.CSS_SELECTOR, "#slices th[data-key=Slice] button").click(),
        lambda: browser.find_element(By.ID, "next").click(),
        lambda: press(browser, "x"),
    ):
        start = time.perf_counter()
        act()
        timings.append(time.perf_counter() - start)
    assert max(timings) < 5, timings
    slices = [i + 1 for i in itertools.islice(shown_rows(browser), 3)]
    assert slices == [SLICES, SLICES - 1, SLICES - 2]
    # Pictures are decoded when they are asked for: the one that is seen, and the thumbnails.
    assert len(browser.find_elements(By.CSS_SELECTOR, "img")) == 0
    assert len(browser.find_elements(By.CSS_SELECTOR, "#viewer canvas")) == 1
    assert len(browser.find_elements(By.CSS_SELECTOR, "#worst canvas")) == 8
    assert complaints(browser) == []
