"""One SciJava context for all tests of the scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rigs.scijava import ScriptContext, script_context

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptContext]:
    folder = tmp_path_factory.mktemp("scijava") / "Fiji.app"
    with script_context(folder) as context:
        yield context
