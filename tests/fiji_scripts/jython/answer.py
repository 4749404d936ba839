#@ String choice
# Waits for the next dialog with radio buttons, takes the choice and presses OK; no choice cancels.
# What the dialog said is kept in the system property "rhi.asked".
from ij.gui import GenericDialog
from java.awt import Checkbox, Container, EventQueue, Window
from java.awt.event import ActionEvent
from java.lang import Runnable, System, Thread

LOOP = "java.awt.WaitDispatchSupport$"

System.setProperty("rhi.asked", "")


def is_waiting():
    # A dialog shows before it begins to wait; what is closed in between waits for ever.
    return any(
        frame.getClassName().startswith(LOOP) and frame.getMethodName() == "run"
        for frames in Thread.getAllStackTraces().values()
        for frame in frames
    )


def parts(container):
    for part in container.getComponents():
        yield part
        if isinstance(part, Container):
            for inner in parts(part):
                yield inner


class Person(Runnable):
    def run(self):
        for _ in range(1200):
            Thread.sleep(100)
            for window in Window.getWindows():
                if isinstance(window, GenericDialog) and window.isShowing() and is_waiting():
                    return EventQueue.invokeLater(lambda asked=window: self.answer(asked))

    def answer(self, dialog):
        lines = dialog.getMessage().getClass().getDeclaredField("lines")
        lines.setAccessible(True)
        System.setProperty("rhi.asked", " ".join(lines.get(dialog.getMessage())))
        for part in parts(dialog):
            if isinstance(part, Checkbox) and part.getLabel() == choice:
                part.setState(True)
        buttons = [b for b in dialog.getButtons() if b is not None]
        wanted = [b for b in buttons if b.getLabel().strip() == ("OK" if choice else "Cancel")]
        dialog.actionPerformed(ActionEvent(wanted[0], 0, ""))


Thread(Person()).start()
