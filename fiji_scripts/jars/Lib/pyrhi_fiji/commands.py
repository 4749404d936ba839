"""What each script under Plugins > RHI does with its parameters; errors become one sentence."""

from __future__ import unicode_literals

import sys

from ij import IJ
from java.awt import GraphicsEnvironment

from pyrhi_fiji import batch as batches
from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.high import parse_high

NO_HIGH = "leave it 0"
"""The choice of the scripts that finds no high area where none is drawn."""


def mode_of(high, custom):
    """Return the way to find the high area, or None."""
    text = (custom or "").strip() or (high or "").strip()
    return None if text in ("", NO_HIGH) else parse_high(text)


def say(sentence):
    """Show a sentence: in a window where there is a screen, else on the error stream."""
    if GraphicsEnvironment.isHeadless():
        sys.stderr.write(sentence.encode("utf-8") + b"\n")
    else:
        IJ.error(messages.TITLE, sentence)


def batch(input, output, high, custom, clip):
    """Measure a folder and write its tables; return what was done in one sentence."""
    try:
        if input is None:
            raise RhiError(messages.NO_INPUT)
        if output is None:
            raise RhiError(messages.NO_OUTPUT)
        mode = mode_of(high, custom)
        result = batches.run(input.getPath(), mode, bool(clip), _show_progress)
        for note in result.notes:
            IJ.log("note: " + note)
        summary = batches.write(result, output.getPath())
    except RhiError as error:
        say(error.message)
        return error.message
    IJ.showProgress(1.0)
    IJ.showStatus(summary)
    return summary


def _show_progress(done, total, name):
    IJ.showProgress(done, total)
    IJ.showStatus("RHI: %d/%d %s" % (done + 1, total, name))
