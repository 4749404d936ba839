#@ String command
#@output String waits
#@output String text
# Begins a command in the Recorder, as ImageJ2 does before a script; tells what still is recorded
# and what was recorded at once.
from ij.plugin.frame import Recorder

if command:
    if Recorder.getInstance() is None:
        Recorder()
    Recorder.setCommand(command)
waits = u"%s" % Recorder.getCommand()
text = Recorder.getInstance().getText()
