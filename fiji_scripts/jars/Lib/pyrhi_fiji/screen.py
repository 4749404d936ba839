"""What the scripts say: in windows where there is a screen, else in words on the streams."""

from __future__ import unicode_literals

import textwrap

from ij import IJ, WindowManager
from ij.plugin.frame import Recorder
from ij.text import TextWindow
from java.awt import EventQueue, GraphicsEnvironment
from java.lang import System, Thread, Throwable

from pyrhi_fiji import messages, status

TABLE_WIDTH, TABLE_HEIGHT = 1000, 250
LOG = "Log"
LINE_WIDTH = 90
"""Letters in a line of a dialog: ImageJ does not break lines."""

LOOK_MS, QUIET_LOOKS, MOST_LOOKS = 20, 10, 100
"""How often a new window is looked at, and how long nothing may move it: X tells Java late where
the window was before, which undoes what was set meanwhile."""


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
        log = WindowManager.getWindow(LOG)
        _keep_place(log)
        _put_beside(log, imp.getWindow())
        _keep_place(log)
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
    if is_new:
        # ImageJ's own window ends after seven columns, and a window manager undoes what it is told
        # while it still gives a new one its frame.
        TextWindow(messages.TITLE, table.getColumnHeadings(), "", TABLE_WIDTH, TABLE_HEIGHT)
    table.show(messages.TITLE)
    shown = shown_table()
    if is_new:
        _keep_place(shown)
    is_narrow = shown.getWidth() < TABLE_WIDTH
    if is_narrow:
        shown.setSize(TABLE_WIDTH, max(shown.getHeight(), TABLE_HEIGHT))
    if is_new:
        put_below(shown, [imp.getWindow(), WindowManager.getWindow(LOG)])
    shown.toFront()
    if is_new or is_narrow:
        _keep_place(shown)


def _keep_place(window):
    """Wait until a window stays where it was put, in its size."""
    if window is None:
        return
    wanted = window.getBounds()
    quiet = 0
    for _ in range(MOST_LOOKS):
        Thread.sleep(LOOK_MS)
        quiet += 1
        if not wanted.equals(window.getBounds()):
            window.setBounds(wanted)
            quiet = 0
        if quiet == QUIET_LOOKS:
            break


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
