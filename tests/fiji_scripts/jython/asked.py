#@output String asked
#@output String width
# Tells what the last dialog said, and how wide the table RHI is.
from ij import WindowManager
from java.lang import System

asked = System.getProperty("rhi.asked")
table = WindowManager.getWindow("RHI")
width = u"%d" % table.getWidth() if table else u""
