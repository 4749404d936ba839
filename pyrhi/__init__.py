"""RHI on T2 spine MRI with ImageJ's own numbers. Research use only; not a medical device.

RHI = 100 * high-intensity area / whole cord area.
"""

from __future__ import annotations

from pyrhi.errors import (
    ImageError,
    ModelError,
    OutputError,
    ParameterError,
    PyrhiError,
    RoiError,
    RoleError,
    TableError,
    ThresholdError,
)

# typing itself would take most of the start of `pyrhi --version`.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from pyrhi.api import measure, measure_folder, results
    from pyrhi.imagej.thresholds import auto_threshold
    from pyrhi.io.images import read_image
    from pyrhi.io.rois import read_rois
    from pyrhi.measured import FolderResult, Measurement, SliceRhi
    from pyrhi.rhi.convert import (
        labels_to_rois,
        mask_to_rois,
        rois_to_labels,
        rois_to_mask,
        write_rois,
    )
    from pyrhi.rhi.measures import MeasureOptions
    from pyrhi.rhi.roles import RolePatterns

__version__ = "0.1.0"

# Name -> module that has it; loaded when it is first asked for, so that import stays light.
_LAZY = {
    "FolderResult": "pyrhi.measured",
    "Measurement": "pyrhi.measured",
    "SliceRhi": "pyrhi.measured",
    "measure": "pyrhi.api",
    "measure_folder": "pyrhi.api",
    "results": "pyrhi.api",
    "auto_threshold": "pyrhi.imagej.thresholds",
    "read_image": "pyrhi.io.images",
    "read_rois": "pyrhi.io.rois",
    "labels_to_rois": "pyrhi.rhi.convert",
    "mask_to_rois": "pyrhi.rhi.convert",
    "rois_to_labels": "pyrhi.rhi.convert",
    "rois_to_mask": "pyrhi.rhi.convert",
    "write_rois": "pyrhi.rhi.convert",
    "MeasureOptions": "pyrhi.rhi.measures",
    "RolePatterns": "pyrhi.rhi.roles",
}

__all__ = [
    "FolderResult",
    "ImageError",
    "MeasureOptions",
    "Measurement",
    "ModelError",
    "OutputError",
    "ParameterError",
    "PyrhiError",
    "RoiError",
    "RoleError",
    "RolePatterns",
    "SliceRhi",
    "TableError",
    "ThresholdError",
    "__version__",
    "auto_threshold",
    "labels_to_rois",
    "mask_to_rois",
    "measure",
    "measure_folder",
    "read_image",
    "read_rois",
    "results",
    "rois_to_labels",
    "rois_to_mask",
    "write_rois",
]


def __getattr__(name: str) -> object:
    module = _LAZY.get(name)
    if module is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    import importlib

    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
