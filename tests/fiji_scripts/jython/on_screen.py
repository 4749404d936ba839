#@output String status
#@output String windows
#@output String covered
# Tells what the status bar said last, which windows are open, and whether the log covers the table.
from ij import WindowManager
from java.lang import System, Thread

MOST = 600
said = System.getProperties().get("rhi.said")
lines = []
# A script's result is there before Fiji has said that it is finished.
for _ in range(MOST):
    lines = [text for text in list(said) if u"on_screen" not in text]
    if len(lines) > 1 and lines[-2].startswith(u"Command finished"):
        break
    Thread.sleep(100)
status = u"|".join(lines[-2:])
windows = u"|".join(sorted(w.getTitle() for w in WindowManager.getAllNonImageWindows()))
table, log = [WindowManager.getWindow(title).getBounds() for title in ("RHI", "Log")]
covered = u"%s" % bool(table.intersects(log))
