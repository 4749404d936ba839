#@ String keep
#@output String names
#@output String marks
#@output String windows
# Tells what is in the ROI Manager and which windows are open; keep=false empties both.
from ij import WindowManager
from ij.plugin.frame import RoiManager

manager = RoiManager.getInstance2()
rois = manager.getRoisAsArray() if manager else ()
names = u"|".join(roi.getName() for roi in rois)
marks = u"|".join(roi.getProperty("RHI") or u"" for roi in rois)
windows = u"|".join(sorted(w.getTitle() for w in WindowManager.getAllNonImageWindows() or ()))
if keep == "false":
    if manager:
        manager.close()
    for window in WindowManager.getAllNonImageWindows() or ():
        window.dispose()
        WindowManager.removeWindow(window)
