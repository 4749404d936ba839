#@ String sentence
#@output String asked
# Refuses as a command that a macro has run does, and presses OK in the window that says so. Fiji runs
# the command in a thread in which ImageJ answers dialogs by the macro's options.
from ij import IJ, Macro
from ij.gui import GenericDialog
from ij.macro import Interpreter
from java.awt import EventQueue, Window
from java.awt.event import ActionEvent
from java.lang import Class, Runnable, Thread
from pyrhi_fiji import screen


class Running(Runnable):
    def run(self):
        IJ.runMacro("for (;;) wait(50);")


class Person(Runnable):
    def run(self):
        for _ in range(2400):
            Thread.sleep(50)
            for window in Window.getWindows():
                if isinstance(window, GenericDialog) and window.isShowing():
                    lines = window.getMessage().getClass().getDeclaredField("lines")
                    lines.setAccessible(True)
                    seen.extend(lines.get(window.getMessage()))
                    ok = [b for b in window.getButtons() if b is not None and "OK" in b.getLabel()]
                    press = ActionEvent(ok[0], 0, "")
                    # In AWT's thread, which is the dialog's own until it waits: closed before, it
                    # would wait for ever.
                    return EventQueue.invokeLater(lambda: window.actionPerformed(press))


seen = []
Thread(Running()).start()
while Interpreter.getInstance() is None:
    Thread.sleep(20)
field = Class.forName("ij.IJ").getDeclaredField("macroInterpreter")
field.setAccessible(True)
field.set(None, Interpreter.getInstance())
thread = Thread.currentThread()
name = thread.getName()
thread.setName("Run$_" + name)
Macro.setOptions("high=none")
person = Thread(Person())
person.start()
try:
    screen.refuse(sentence)
finally:
    Macro.setOptions(None)
    thread.setName(name)
person.join()
while IJ.isMacro():
    Thread.sleep(20)
asked = u"\n".join(seen)
