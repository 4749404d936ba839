"""Real T2 spine MRI with outlines, to try pyrhi on.

From spinalcordtoolbox/sct_testing_data (MIT, see ``LICENSE-sct_testing_data``): a cervical scan
with a synthetic hyperintense lesion, as exported axial slices and as a sagittal stack.
"""

from __future__ import annotations

from pathlib import Path


def sample_folder() -> Path:
    """Return the folder with the packaged sample."""
    return Path(__file__).parent
