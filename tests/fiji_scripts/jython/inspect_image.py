#@ ImagePlus imp
#@output String overlay
#@output String selection
# Tells what lies on an image: name, group, mark, position, kind and bytes of each ROI.
import base64
import json

from ij.io import RoiEncoder


def described(roi):
    return {
        "name": roi.getName(),
        "group": roi.getGroup(),
        "mark": roi.getProperty("RHI"),
        "text": roi.getText().strip() if hasattr(roi, "getText") else None,
        "position": roi.getPosition(),
        "color": roi.getStrokeColor() and "%06x" % (roi.getStrokeColor().getRGB() & 0xFFFFFF),
        "data": base64.b64encode(RoiEncoder.saveAsByteArray(roi).tostring()),
    }


drawn = imp.getOverlay()
overlay = json.dumps([described(roi) for roi in (drawn.toArray() if drawn else ())])
selection = json.dumps(imp.getRoi() and described(imp.getRoi()))
