#@output String asked
#@output String width
# Tells what the last dialog said, and how wide the table RHI is.
from ij import WindowManager
from java.lang import System, Thread

WIDE = 1000
SETTLED = 100
asked = System.getProperty("rhi.asked")
table = WindowManager.getWindow("RHI")
# X tells Java later how wide a window is that was made wider.
for _ in range(SETTLED):
    if table is None or table.getWidth() >= WIDE:
        break
    Thread.sleep(100)
width = u"%d" % table.getWidth() if table else u""
