"""One ImageJ for all tests of the macros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rigs.imagej_window import ImageJWindow, imagej_window

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def _window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageJWindow]:
    with imagej_window(tmp_path_factory.mktemp("imagej")) as window:
        yield window


@pytest.fixture
def imagej(_window: ImageJWindow) -> ImageJWindow:
    """A running ImageJ without images, ROIs or tables."""
    _window.clear()
    # Whose ROIs were measured last is remembered until ImageJ is quit.
    _window.run('old = call("java.lang.System.clearProperty", "rhi.last");')
    return _window
