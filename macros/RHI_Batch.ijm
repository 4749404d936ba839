// RHI Batch: the tables rhi.csv and failures.csv of a folder of images, as "pyrhi measure" writes them.
// Research use only; not a medical device.
//
// Measures every TIFF and PNG in a folder and the folders below it; each folder is a patient. An image that
// cannot be measured goes to failures.csv, and the batch goes on. See docs/macros.md.
//
// Needs ImageJ 1.53k or later. The work is done by measureFolder() of RHI_Measure.ijm, which lies beside this file.
// run("RHI Batch", "input=[FOLDER] output=[FOLDER] high=none custom=[] clip ignore") is what the Recorder writes.

requires("1.53k");
core = getInfo("macro.filepath"); // in Fiji that of the macro around this one, if there is one
if (!endsWith(core, "RHI_Batch.ijm")) core = getDirectory("plugins") + "RHI/Macros/RHI_Batch.ijm";
core = replace(core, "RHI_Batch.ijm$", "RHI_Measure.ijm");
if (!File.exists(core)) exit(core + " was not found; put it there");
options = getArgument();
if (options == "") options = "" + call("ij.Macro.getOptions");
old = runMacro(core, "action=folder " + options);
