"""A real Chromium without a window, driven through Debian's chromedriver."""

from __future__ import annotations

import base64
import json
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WIDE, TALL = 1440, 1000
PATIENCE_SECONDS = 20.0
SETUP = "run 'make test', which installs the packages of tests/system-packages.txt"


@contextmanager
def chromium(downloads: Path) -> Iterator[webdriver.Chrome]:
    """Start a Chromium whose downloads go to a folder; it has a profile of its own."""
    driver_path, browser_path = shutil.which("chromedriver"), shutil.which("chromium")
    assert driver_path, f"no chromedriver: {SETUP}"
    assert browser_path, f"no chromium: {SETUP}"
    options = Options()
    options.binary_location = browser_path
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--force-device-scale-factor=1",
        f"--window-size={WIDE},{TALL}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # Never a driver from the network: the one of the system, by its path.
    # Chromium leaves its locks where it keeps its profile.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        service = Service(driver_path, env=os.environ | {"TMPDIR": folder})
        driver = webdriver.Chrome(options=options, service=service)
        try:
            driver.execute_cdp_cmd(
                "Browser.setDownloadBehavior",
                {"behavior": "allow", "downloadPath": str(downloads), "eventsEnabled": False},
            )
            driver.set_page_load_timeout(120)
            yield driver
        finally:
            driver.quit()


def until(asked: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait until something is true, and return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := asked():
            return value
        time.sleep(0.03)
    msg = "waited in vain"
    raise AssertionError(msg)


def requested(driver: webdriver.Chrome) -> list[str]:
    """Return the addresses that were asked for since the last call."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


def complaints(driver: webdriver.Chrome) -> list[str]:
    """Return what the console said since the last call."""
    return [entry["message"] for entry in driver.get_log("browser")]


def media(driver: webdriver.Chrome, *, kind: str = "", scheme: str = "light") -> None:
    """Show a page as on paper, or in a dark or light surrounding."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": features})


def printed(driver: webdriver.Chrome) -> bytes:
    """Return the page as the browser prints it, PDF."""
    answer = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    return base64.b64decode(answer["data"])
