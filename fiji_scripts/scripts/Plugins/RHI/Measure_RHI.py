#@script(label="Measure RHI", description="Measures RHI = 100 * high-intensity area / cord area on the image in front. Research use only.", headless=true)
#@ ImagePlus imp
#@ String (visibility=MESSAGE, required=false, persist=false, value="Research use only; not a medical device.") about
#@ String (label="High area where none is drawn", choices={"none", "auto", "Default", "Huang", "Intermodes", "IsoData", "IJ_IsoData", "Li", "MaxEntropy", "Mean", "MinError", "Minimum", "Moments", "Otsu", "Percentile", "RenyiEntropy", "Shanbhag", "Triangle", "Yen", "ref+3sd", "ref+3mad"}, value="none", persist=false) high
#@ String (label="Custom value or ref+ (wins)", description="Such as 1200 or ref+2.5sd; wins over the choice above", required=false, persist=false, value="") custom
#@ Boolean (label="Clip the high area to the cord", value=false, persist=false) clip
#@ String (label="Label the outlines with RHI", choices={"yes", "no"}, value="yes", persist=false) label
#@ Boolean (label="Save NAME.rhi.csv beside the image", value=false, persist=false) save
#@ Boolean (label="Ignore ROIs without a role", description="Where no high ROI is drawn, a ROI without a role is an error: it might be the high area", value=false, persist=false) ignore
#@ String (label="ROIs from", description="automatic asks where the ROI Manager may hold another image's", choices={"automatic", "ROI Manager", "overlay and selection", "ROI file"}, value="automatic", persist=false) rois
#@ org.scijava.widget.Button (label="Help", description="How it works, and what to cite", callback="run", required=false, persist=false) help
#@output ResultsTable table
#@output String summary
try:
    from pyrhi_fiji import commands, page
except ImportError:
    from ij import IJ
    summary = "pyrhi_fiji is missing in jars/Lib of this Fiji; run: pyrhi fiji install FIJI_DIR"
    IJ.error("RHI", summary)
else:
    if not page.shown():
        table, summary = commands.measure(imp, high, custom, clip, label, save, ignore, rois)
        commands.resolve(globals(), "table", "summary")
