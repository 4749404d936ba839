#@script(label="Measure RHI in Python", description="Measures RHI on the image in front by pyrhi itself, in Fiji's Python mode. Research use only.", headless=true)
#@ ScriptService scripts
#@ ObjectService objects
#@ ImagePlus imp
#@ String (visibility=MESSAGE, required=false, persist=false, value="Research use only; not a medical device.") about
#@ String (label="High area where none is drawn", choices={"none", "auto", "Default", "Huang", "Intermodes", "IsoData", "IJ_IsoData", "Li", "MaxEntropy", "Mean", "MinError", "Minimum", "Moments", "Otsu", "Percentile", "RenyiEntropy", "Shanbhag", "Triangle", "Yen", "ref+3sd", "ref+3mad"}, value="none", persist=false) high
#@ String (label="Custom value or ref+ (wins)", description="Such as 1200 or ref+2.5sd; wins over the choice above", required=false, persist=false, value="") custom
#@ Boolean (label="Clip the high area to the cord", value=false, persist=false) clip
#@ Boolean (label="Ignore ROIs without a role", description="Where no high ROI is drawn, a ROI without a role is an error: it might be the high area", value=false, persist=false) ignore
#@ org.scijava.widget.Button (label="Help", description="How it works, and what to cite", callback="run", required=false, persist=false) help
#@output ResultsTable table
#@output String summary
try:
    from pyrhi_fiji import commands, in_python, page
except ImportError:
    from ij import IJ
    summary = "pyrhi_fiji is missing in jars/Lib of this Fiji; run: pyrhi fiji install FIJI_DIR"
    IJ.error("RHI", summary)
else:
    if not page.shown():
        table, summary = in_python.measure(scripts, objects, imp, high, custom, clip, ignore)
        commands.resolve(globals(), "table", "summary")
