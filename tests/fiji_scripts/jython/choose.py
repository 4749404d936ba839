#@ ImagePlus imp
#@ String rois
#@output String drawn
# Opens a ROI file in the ROI Manager, shows all and chooses each over the image, to look at them.
# Tells how many ImageJ now takes for drawn on it.
from ij.plugin.frame import RoiManager

imp.show()
manager = RoiManager.getRoiManager()
manager.runCommand("Open", rois)
manager.runCommand(imp, "Show All")
for i in range(manager.getCount()):
    manager.select(imp, i)
drawn = u"%d" % len([r for r in manager.getRoisAsArray() if r.getImageID() == imp.getID()])
manager.runCommand(imp, "Show None")
imp.deleteRoi()
imp.hide()
