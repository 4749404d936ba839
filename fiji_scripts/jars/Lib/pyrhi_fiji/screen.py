"""What the scripts say: in windows where there is a screen, else in words on the streams."""

from __future__ import unicode_literals

import textwrap

from ij import IJ, WindowManager
from ij.plugin.frame import Recorder
from java.awt import EventQueue, GraphicsEnvironment
from java.lang import System, Throwable

from pyrhi_fiji import messages, status

TABLE_WIDTH, TABLE_HEIGHT = 1000, 250
LOG = "Log"
LINE_WIDTH = 90
"""Letters in a line of a dialog: ImageJ does not break lines."""


def has_screen():
    """Tell whether there is a screen, and so a ROI Manager."""
    return not GraphicsEnvironment.isHeadless()


def tell(lines, imp=None):
    """Say what was done, of an image: in the log, the first line in the status bar too, or printed."""
    if not has_screen():
        System.out.println(" ".join(lines))
        return
    is_new = WindowManager.getWindow(LOG) is None
    IJ.log("\n".join(lines))
    if is_new and imp is not None:
        _put_beside(WindowManager.getWindow(LOG), imp.getWindow())
    status.show(lines[0])


def refuse(sentence):
    """Say what went wrong, end the macro that asked for it, and let nothing be recorded."""
    if has_screen():
        # In AWT's thread: in this one Fiji takes the macro's options for the answer to any dialog of
        # ImageJ's, the one with the error too, and nobody would see it.
        lines = "\n".join(textwrap.wrap(sentence, LINE_WIDTH))
        EventQueue.invokeAndWait(lambda: _error(lines))
        # Replayed, it would fail again.
        Recorder.setCommand(None)
    elif IJ.isMacro():
        _error(sentence)
    else:
        System.err.println(sentence)


def _error(sentence):
    try:
        IJ.error(messages.TITLE, sentence)
    except Throwable:
        pass  # "Macro canceled": it ends as soon as this command has ended


def shown_table():
    """Return the window with the table of RHI, or None."""
    return WindowManager.getWindow(messages.TITLE)


def show_table(table, imp):
    """Show the table of RHI in front, wide enough for the columns that say it."""
    is_new = shown_table() is None
    table.show(messages.TITLE)
    shown = shown_table()
    if shown.getWidth() < TABLE_WIDTH:
        shown.setSize(TABLE_WIDTH, max(shown.getHeight(), TABLE_HEIGHT))
    if is_new:
        put_below(shown, [imp.getWindow(), WindowManager.getWindow(LOG)])
    shown.toFront()


def _put_beside(window, other):
    """Put a window to the right or the left of another, if there is room."""
    if window is None or other is None:
        return
    box = other.getBounds()
    right, left = box.x + box.width, box.x - window.getWidth()
    if right + window.getWidth() <= IJ.getScreenSize().width:
        window.setLocation(right, box.y)
    elif left >= 0:
        window.setLocation(left, box.y)


def put_below(window, others):
    """Put a window below others, or as low as the screen lets it be."""
    lowest = max(IJ.getScreenSize().height - window.getHeight(), 0)
    ends = [other.getY() + other.getHeight() for other in others if other is not None]
    window.setLocation(window.getX(), min(max(ends + [0]), lowest))
