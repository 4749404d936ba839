#@script(label="Batch RHI", description="Measures RHI on a folder of TIFF and PNG images with their ROI sets. Research use only.", headless=true)
#@ String (visibility=MESSAGE, required=false, persist=false, value="Every TIFF and PNG of a folder, with the ROI set beside it. Research use only.") about
#@ File (label="Input folder", style="directory", required=false, description="Images with their ROI sets beside them, such as NAME.zip for NAME.tif; folders below it are patients", persist=false) input
#@ File (label="Output folder", style="directory", required=false, description="For rhi.csv and failures.csv", persist=false) output
#@ String (label="High area where none is drawn", choices={"none", "auto", "Default", "Huang", "Intermodes", "IsoData", "IJ_IsoData", "Li", "MaxEntropy", "Mean", "MinError", "Minimum", "Moments", "Otsu", "Percentile", "RenyiEntropy", "Shanbhag", "Triangle", "Yen", "ref+3sd", "ref+3mad"}, value="none", persist=false) high
#@ String (label="Custom value or ref+ (wins)", description="Such as 1200 or ref+2.5sd; wins over the choice above", required=false, persist=false, value="") custom
#@ Boolean (label="Clip the high area to the cord", value=false, persist=false) clip
#@ Boolean (label="Ignore ROIs without a role", description="Where no high ROI is drawn, a ROI without a role is an error: it might be the high area", value=false, persist=false) ignore
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
        summary = commands.batch(input, output, high, custom, clip, ignore)
        commands.resolve(globals(), "summary")
