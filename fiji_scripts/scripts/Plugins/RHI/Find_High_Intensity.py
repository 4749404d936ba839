#@script(label="Find High Intensity", description="Outlines the high-intensity area inside the cord as an editable selection. Research use only.", headless=true)
#@ ImagePlus imp
#@ String (visibility=MESSAGE, required=false, persist=false, value="Research use only; not a medical device.") about
#@ String (label="High are pixels of the cord by", choices={"auto", "Default", "Huang", "Intermodes", "IsoData", "IJ_IsoData", "Li", "MaxEntropy", "Mean", "MinError", "Minimum", "Moments", "Otsu", "Percentile", "RenyiEntropy", "Shanbhag", "Triangle", "Yen", "ref+3sd", "ref+3mad"}, value="auto", persist=false) high
#@ String (label="Custom value or ref+ (wins)", description="Such as 1200 or ref+2.5sd; wins over the choice above", required=false, persist=false, value="") custom
#@ String (label="ROIs from", description="automatic asks where the ROI Manager may hold another image's", choices={"automatic", "ROI Manager", "overlay and selection", "ROI file"}, value="automatic", persist=false) rois
#@ org.scijava.widget.Button (label="Help", description="How it works, and what to cite", callback="run", required=false, persist=false) help
#@output String summary
try:
    from pyrhi_fiji import commands, page
except ImportError:
    from ij import IJ
    summary = "pyrhi_fiji is missing in jars/Lib of this Fiji; run: pyrhi fiji install FIJI_DIR"
    IJ.error("RHI", summary)
else:
    if not page.shown():
        summary = commands.find(imp, high, custom, rois)
        commands.resolve(globals(), "summary")
