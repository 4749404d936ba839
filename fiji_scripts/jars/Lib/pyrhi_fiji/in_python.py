"""Measure RHI by pyrhi itself, in the CPython of Fiji's Python mode, where that runs."""

from __future__ import unicode_literals

import pkgutil

from java.io import StringReader
from java.util import HashMap
from java.util.function import Function

from pyrhi_fiji import messages, screen
from pyrhi_fiji.errors import RhiError

RUNNER = "PythonScriptRunner"
"""Name of the object by which Fiji's Python mode lets Java run Python."""

SCRIPT = "in_python_mode.txt"
NOT_INSTALLED = "pyrhi is not installed"


def measure(scripts, objects, imp, high, custom, clip, ignore):
    """Run the script in CPython; return its table and what was done in one sentence."""
    try:
        table, summary = _run(scripts, objects, imp, high, custom, clip, ignore)
    except RhiError as error:
        table, summary = None, error.message
    if table is None:
        screen.refuse(summary)
    else:
        first, _, more = summary.partition(". ")
        screen.tell([first + ".", more], imp)
        if screen.has_screen():
            screen.show_table(table, imp)
    return table, summary


def _run(scripts, objects, imp, high, custom, clip, ignore):
    runners = objects.getObjects(Function)
    if not any(objects.getName(runner) == RUNNER for runner in runners):
        raise RhiError(messages.NO_PYTHON_MODE)
    inputs = HashMap()
    for name, value in (
        ("imp", imp), ("high", high), ("custom", custom), ("clip", clip), ("ignore", ignore),
    ):
        inputs.put(name, value)
    text = pkgutil.get_data("pyrhi_fiji", SCRIPT).decode("utf-8")
    module = scripts.run("rhi.py", StringReader(text), False, inputs).get()
    summary = module.getOutput("summary")
    if summary is None or summary == NOT_INSTALLED:
        raise RhiError(messages.NO_PYRHI_IN_PYTHON)
    return module.getOutput("table"), summary
