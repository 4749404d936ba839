"""Which tests the workers of pytest-xdist begin with: the long ones, so that none ends alone."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

ONE_JAVA = ("tests/macros", "tests/fiji_scripts")
"""A worker takes the whole of such a folder: all its tests share one running ImageJ."""


class LongFirst(LoadFileScheduling):
    """Give whole files to workers, in the order of the collection, and some folders as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return next((folder for folder in ONE_JAVA if path.startswith(f"{folder}/")), path)
