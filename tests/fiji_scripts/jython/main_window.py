#@ EventService events
# Opens ImageJ's main window, whose status bar says what SciJava says, as in Fiji, and keeps it all.
from ij import IJ, ImageJ
from java.beans import PropertyChangeListener
from java.lang import System
from java.util.concurrent import CopyOnWriteArrayList
from org.scijava.app.event import StatusEvent
from org.scijava.event import EventSubscriber


class Relay(EventSubscriber):
    def getEventClass(self):
        return StatusEvent

    def onEvent(self, event):
        IJ.showStatus(event.getStatusMessage() or "")


class Said(PropertyChangeListener):
    def propertyChange(self, event):
        if event.getPropertyName() == "text":
            said.add(event.getNewValue() or "")


said = CopyOnWriteArrayList()
# SciJava refers to subscribers weakly.
kept = Relay()
System.getProperties().put("rhi.said", said)
System.getProperties().put("rhi.relay", kept)
window = ImageJ()
window.getStatusBar().getComponent(0).addPropertyChangeListener(Said())
events.subscribe(kept)
