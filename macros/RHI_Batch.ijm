// RHI Batch: the tables rhi.csv and failures.csv of every TIFF and PNG in a folder and the folders below it (each folder
// is a patient), as "pyrhi measure" writes them. Research use only; not a medical device. An image that cannot be measured
// goes to failures.csv, and the batch goes on. RHI_Measure.ijm, which lies beside this file, does the work.
// run("RHI Batch", "input=[FOLDER] output=[FOLDER] high=none custom=[] clip ignore") is what the Recorder writes.

requires("1.53k");
here = File.getDirectory(getInfo("macro.filepath")); // in Fiji that of the macro around this one, if there is one
if (!File.exists(here + "RHI_Measure.ijm")) here = getDirectory("plugins") + "RHI/Macros/";
options = getArgument();
if (options == "") options = "" + call("ij.Macro.getOptions");
done = runMacro(here + "RHI-Shared.txt", "action=fiji script=[Batch RHI] " + options);
if (done != "done") done = runMacro(here + "RHI_Measure.ijm", "action=folder " + options);
