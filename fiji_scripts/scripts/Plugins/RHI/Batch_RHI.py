#@script(label="Batch RHI", description="Measures RHI on a folder of TIFF and PNG images with their ROI sets. Research use only.", headless=true)
#@ String (visibility=MESSAGE, required=false, persist=false, value="Every TIFF and PNG of a folder, with the ROI set beside it. Research use only.") about
#@ File (label="Folder with images", style="directory", description="Images with their ROI sets beside them, such as NAME.zip for NAME.tif; folders below it are patients") input
#@ File (label="Folder for rhi.csv and failures.csv", style="directory") output
#@ String (label="Where no high area is drawn", choices={"leave it 0", "auto", "Default", "Huang", "Intermodes", "IsoData", "IJ_IsoData", "Li", "MaxEntropy", "Mean", "MinError", "Minimum", "Moments", "Otsu", "Percentile", "RenyiEntropy", "Shanbhag", "Triangle", "Yen", "ref+3sd", "ref+3mad"}, value="leave it 0") high
#@ String (label="or from a value, or your own ref+", description="Such as 1200 or ref+2.5sd; wins over the choice above", required=false, value="") custom
#@ Boolean (label="Cut the high area to the cord", value=false) clip
#@output String summary
try:
    from pyrhi_fiji import commands
except ImportError:
    from ij import IJ
    summary = "pyrhi_fiji is missing in jars/Lib of this Fiji; run: pyrhi fiji install FIJI_DIR"
    IJ.error("RHI", summary)
else:
    summary = commands.batch(input, output, high, custom, clip)
    commands.resolve(globals(), "summary")
