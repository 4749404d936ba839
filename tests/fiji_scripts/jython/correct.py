#@ ImagePlus imp
#@ String press
# Makes the selection two pixels wider, as a brush may, and presses Update or Add in the ROI Manager.
from ij import WindowManager
from ij.gui import Roi
from ij.plugin.frame import RoiManager

found = imp.getRoi()
box = found.getBounds()
wider = Roi(box.x, box.y, box.width + 2, box.height)
wider.setName(found.getName())
imp.setRoi(wider)
WindowManager.setTempCurrentImage(imp)
RoiManager.getRoiManager().runCommand(press)
