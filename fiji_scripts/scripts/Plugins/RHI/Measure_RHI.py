#@script(label="Measure RHI", description="Measures RHI = 100 * high-intensity area / cord area on the image in front. Research use only.", headless=true)
#@ ImagePlus imp
#@ String (label="Where no high area is drawn", choices={"leave it 0", "auto", "Default", "Huang", "Intermodes", "IsoData", "IJ_IsoData", "Li", "MaxEntropy", "Mean", "MinError", "Minimum", "Moments", "Otsu", "Percentile", "RenyiEntropy", "Shanbhag", "Triangle", "Yen", "ref+3sd", "ref+3mad"}, value="leave it 0") high
#@ String (label="or from a value, or your own ref+", description="Such as 1200 or ref+2.5sd; wins over the choice above", required=false, value="") custom
#@ Boolean (label="Cut the high area to the cord", value=false) clip
#@ Boolean (label="Save NAME.rhi.csv beside the image", value=false) save
#@output ResultsTable table
#@output String summary
try:
    from pyrhi_fiji import commands
except ImportError:
    from ij import IJ
    summary = "pyrhi_fiji is missing in jars/Lib of this Fiji; run: pyrhi fiji install FIJI_DIR"
    IJ.error("RHI", summary)
else:
    table, summary = commands.measure(imp, high, custom, clip, save)
    commands.resolve(globals(), "table", "summary")
