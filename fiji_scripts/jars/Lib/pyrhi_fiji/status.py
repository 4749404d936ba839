"""ImageJ's status bar, which Fiji writes over as soon as a script has ended."""

from __future__ import unicode_literals

from ij import IJ
from java.awt import EventQueue
from java.util.concurrent.atomic import AtomicBoolean
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
    for earlier in _waiting:
        earlier.end()
    _waiting[:] = [_Again(text) for text in _last]
    del _last[:]
    for again in _waiting:
        context.service(EventService).subscribe(again)


class _Again(EventSubscriber):
    def __init__(self, text):
        self._text = text
        self._waits = AtomicBoolean(True)

    def end(self):
        """Wait no longer; tell whether it waited until now. Events come in several threads."""
        return self._waits.getAndSet(False)

    def getEventClass(self):
        return StatusEvent

    def onEvent(self, event):
        if (event.getStatusMessage() or "").startswith(FINISHED) and self.end():
            # After all others that this event is told, the status bar among them.
            EventQueue.invokeLater(lambda: IJ.showStatus(self._text))
