#@ String begin
# Has a macro running until it is told to end, so that ImageJ says that it is in one.
from ij import IJ
from ij.macro import Interpreter
from java.lang import Runnable, Thread


class Macro(Runnable):
    def run(self):
        IJ.runMacro("for (;;) wait(50);")


if begin == "true":
    Thread(Macro()).start()
    while not IJ.isMacro():
        Thread.sleep(20)
else:
    Interpreter.abort()
    while IJ.isMacro():
        Thread.sleep(20)
