#@ String command
#@output String waits
# Begins a command in the Recorder, as ImageJ2 does before a script; tells what still is recorded.
from ij.plugin.frame import Recorder

if command:
    if Recorder.getInstance() is None:
        Recorder()
    Recorder.setCommand(command)
waits = u"%s" % Recorder.getCommand()
