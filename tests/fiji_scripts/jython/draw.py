#@ ImagePlus imp
#@ String rois
#@ String where
# Puts ROIs (name and bytes, as JSON) on an image: as overlay, selection or in the ROI Manager;
# "manager" as drawn on the image, "opened" as the ROI Manager has them from a file.
import base64
import json

from ij.gui import Overlay
from ij.io import RoiDecoder

overlay = Overlay()
for name, data in json.loads(rois):
    roi = RoiDecoder.openFromByteArray(base64.b64decode(data))
    roi.setName(name)
    if where == "overlay":
        overlay.add(roi)
    elif where == "selection":
        imp.setRoi(roi)
    else:
        from ij.plugin.frame import RoiManager

        if where == "manager":
            roi.setImage(imp)
        RoiManager.getRoiManager().addRoi(roi)
if where == "overlay":
    imp.setOverlay(overlay)
