"""ImageJ's status bar, which Fiji writes over as soon as a script has ended."""

from __future__ import unicode_literals

from ij import IJ
from java.awt import EventQueue
from org.scijava.app.event import StatusEvent
from org.scijava.event import EventService, EventSubscriber

FINISHED = "Command finished"

_last = []
_waiting = []
"""Subscribers are kept here: SciJava refers to them weakly."""


def show(text):
    """Show a line in the status bar."""
    _last[:] = [text]
    IJ.showStatus(text)


def keep(context):
    """Show the line again when Fiji has put "Command finished: ..." in its place."""
    del _waiting[:]
    if _last:
        again = _Again(_last.pop())
        _waiting.append(again)
        context.service(EventService).subscribe(again)


class _Again(EventSubscriber):
    def __init__(self, text):
        self._text = text

    def getEventClass(self):
        return StatusEvent

    def onEvent(self, event):
        if self in _waiting and (event.getStatusMessage() or "").startswith(FINISHED):
            _waiting.remove(self)
            # After all others that this event is told, the status bar among them.
            EventQueue.invokeLater(lambda: IJ.showStatus(self._text))
