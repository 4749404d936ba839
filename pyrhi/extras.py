"""Optional libraries: imported late, and a missing one is named with its remedy."""

from __future__ import annotations

import importlib
from typing import Any

from pyrhi.errors import PyrhiError


def need(module: str, extra: str) -> Any:
    """Import a module that belongs to an extra.

    Parameters
    ----------
    module
        Name of the module, such as ``"scipy.stats"``.
    extra
        The extra of pyrhi that installs it.

    Returns
    -------
    module
        The imported module.

    Raises
    ------
    PyrhiError
        If it is not installed; the message names the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        msg = f'this needs {package}, which is not installed: run pip install "pyrhi[{extra}]"'
        raise PyrhiError(msg) from error
