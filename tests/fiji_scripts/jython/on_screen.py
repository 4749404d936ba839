#@output String status
#@output String windows
#@output String covered
#@output String places
# Tells what the status bar said last, which windows are open, and whether the log covers the table.
from ij import WindowManager
from java.lang import System, Thread

MOST = 600
SETTLED = 100
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
isCovered = True
# X tells Java later where a window that was moved lies.
for _ in range(SETTLED):
    table, log = [WindowManager.getWindow(title).getBounds() for title in ("RHI", "Log")]
    isCovered = bool(table.intersects(log))
    if not isCovered:
        break
    Thread.sleep(100)
covered = u"%s" % isCovered
places = u"table %s, log %s" % (table, log)
