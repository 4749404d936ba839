"""Draw ``docs/images/report.png``: the QC report of the sample in a Chromium.

Run ``python docs/make_report_picture.py`` (needs Chromium, its driver and selenium, as the tests).
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium.webdriver.common.by import By

from pyrhi.cli.main import run

ROOT = Path(__file__).parent.parent
TARGET = Path(__file__).parent / "images" / "report.png"
SIZE = (1360, 1120)
SHOWN = "t2_sagittal.tif"
COLORS = 200


def main() -> None:
    """Run the demo, open its report at the worst sagittal slice, and save what is seen."""
    sys.path.insert(0, str(ROOT / "tests" / "rigs"))
    from chromium import chromium, media, until

    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder)) as browser:
        run(["demo", "-o", folder])
        browser.set_window_size(*SIZE)
        media(browser)
        browser.get((Path(folder) / "report.html").as_uri())
        browser.find_element(By.CSS_SELECTOR, "#slices th[data-key=RHI] button").click()
        browser.find_element(By.CSS_SELECTOR, "#slices th[data-key=RHI] button").click()
        browser.execute_script(
            "const r = [...document.querySelectorAll('#slices tbody tr')]"
            ".find(r => r.textContent.includes(arguments[0]));"
            "r.click(); document.getElementById('table-box').scrollTop = 0;"
            "document.getElementById('slices-title').scrollIntoView()",
            SHOWN,
        )
        until(lambda: SHOWN in browser.find_element(By.ID, "shown").text)
        until(lambda: browser.find_element(By.ID, "grey").text)
        seen = Image.open(io.BytesIO(browser.get_screenshot_as_png()))
    seen.convert("RGB").quantize(COLORS, Image.Quantize.MAXCOVERAGE).save(TARGET, optimize=True)
    print(TARGET)


if __name__ == "__main__":
    main()
