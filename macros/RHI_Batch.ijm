// RHI Batch: the tables rhi.csv and failures.csv of a folder of images, as "pyrhi measure" writes them.
//
// Measures every TIFF and PNG in a folder and the folders below it; each folder is a patient. An image that
// cannot be measured goes to failures.csv, and the batch goes on. Research use only; not a medical device.
//
// Needs ImageJ 1.53k or later, and RHI_Measure.ijm beside this file. In Fiji it hands its options to the
// script Batch RHI. Options, by the dialog, by run("RHI Batch", "...") or after -batch RHI_Batch.ijm:
// input=[FOLDER] output=[FOLDER] high=[MODE] custom=[] clip ignore, with the modes of RHI Measure but auto.

var RESEARCH_USE = "Research use only; not a medical device.", AT_ONCE = 600;
var images, count = 0, leftOut = 0;

requires("1.53k");
core = getInfo("macro.filepath"); // in Fiji that of the macro around this one, if there is one
if (!endsWith(core, "RHI_Batch.ijm")) core = getDirectory("plugins") + "RHI/Macros/RHI_Batch.ijm";
core = replace(core, "RHI_Batch.ijm$", "RHI_Measure.ijm");
options = getArgument();
if (options == "") options = "" + call("ij.Macro.getOptions");
headless = call("java.awt.GraphicsEnvironment.isHeadless");
inFiji = indexOf(getVersion(), "/") > 0;
if (inFiji && headless == "false") { List.setCommands; inFiji = lengthOf(List.get("Batch RHI")) > 0; }
folders = "input=[" + option(options, "input") + "] output=[" + option(options, "output") + "] ";
if (inFiji && options == "null") run("Batch RHI");
else if (inFiji) run("Batch RHI", folders + runMacro(core, "action=script " + options));
else if (headless == "true") print("RHI Batch needs a screen (or xvfb-run); without one use pyrhi measure, or Batch RHI of a Fiji.");
else {
	if (options == "null") options = ask();
	batch(options, core);
}

function ask() {
	methods = getList("threshold.methods");
	modes = Array.concat("none", methods, newArray("ref+3sd", "ref+3mad"));
	Dialog.create("RHI Batch");
	Dialog.addMessage("Measures the TIFF and PNG images of a folder; the folders below it are patients.\n" + RESEARCH_USE);
	Dialog.addDirectory("Input folder", "");
	Dialog.addDirectory("Output folder", "");
	Dialog.addChoice("High area where none is drawn", modes, "none");
	Dialog.addString("Custom value or ref+ (wins)", "", 10);
	Dialog.addCheckbox("Clip the high area to the cord", false);
	Dialog.addCheckbox("Ignore ROIs without a role", false);
	Dialog.addHelp("<html><h3>RHI Batch</h3>The ROIs of NAME.tif are those of NAME.zip, NAME.RoiSet.zip, NAME_RoiSet.zip or NAME.roi beside it,"
		+ "<br>of RoiSet.zip where the folder has no other image, or those inside it.<p>rhi.csv has a row for each slice and level with a cord,"
		+ "<br>failures.csv what could not be measured, and why.<p>Kong et al., Int J Med Sci 2025; 22(3): 708-715,"
		+ " doi.org/10.7150/ijms.103916<p><b>" + RESEARCH_USE + "</b></html>");
	Dialog.show();
	options = "input=[" + Dialog.getString() + "] output=[" + Dialog.getString() + "] high=[" + Dialog.getChoice() + "] custom=[" + Dialog.getString() + "]";
	if (Dialog.getCheckbox()) options += " clip";
	if (Dialog.getCheckbox()) options += " ignore";
	return options;
}

function batch(options, core) {
	input = asFolder(option(options, "input"));
	output = asFolder(option(options, "output"));
	e = check(input, output, options, core);
	if (e != "") exit(e);
	isHidden = is("Batch Mode");
	if (!isHidden) setBatchMode(true);
	images = newArray(0);
	listImages(input, "");
	rows = "Patient,Image,Slice,Level,RHI,CordArea,HighArea,Unit,CordPercent,HighPercent,HighCount,"
		+ "HighOutsidePercent,CordMean,HighMean,ExcludedPixels,Plane,Method,Warnings\n";
	failures = "Image,Error\n";
	failed = 0;
	for (first = 0; first < images.length; first += AT_ONCE) {
		showProgress(first, images.length);
		tasks = Array.slice(images, first, minOf(first + AT_ONCE, images.length));
		answers = measure(core, options, tasks);
		isWhole = answers.length == tasks.length;
		for (i = 0; i < tasks.length; i++) {
			// Where ImageJ stopped at one of them, each is measured by itself.
			if (isWhole) answer = answers[i];
			else alone = measure(core, options, newArray(tasks[i], ""));
			if (!isWhole) answer = alone[0];
			if (!startsWith(answer, "error: ")) rows += answer;
			else {
				task = split(tasks[i], "\t");
				name = task[1];
				why = task[0] + substring(answer, 5);
				failures = failures + quoted(name) + "," + quoted(why) + "\n";
				failed++;
			}
		}
	}
	File.saveString(rows, output + "rhi.csv");
	File.saveString(failures, output + "failures.csv");
	if (!isHidden) setBatchMode(false);
	showProgress(1);
	if (call("java.nio.charset.Charset.defaultCharset") != "UTF-8" && !matches(rows + failures, "\\p{ASCII}*"))
		print("names with accents are not in UTF-8 in the tables; start Java with -Dfile.encoding=UTF-8");
	if (leftOut > 0) print(leftOut + " DICOM or NIfTI files were left out; measure them by pyrhi");
	print("" + (images.length - failed) + " images measured, " + failed + " failed; tables in " + output + ". " + RESEARCH_USE);
}

// Rows of some images, or the error of each; fewer where ImageJ stopped at one.
function measure(core, options, tasks) {
	before = nImages;
	answer = "" + runMacro(core, "action=batch " + options + "\n" + String.join(tasks, "\n"));
	while (nImages > before) close();
	if (startsWith(answer, "[aborted]")) answer = "error: ImageJ cannot read it; see the Log, and save it again in ImageJ";
	return split(answer, fromCharCode(30));
}

function check(input, output, options, core) {
	if (!File.exists(core)) return core + " was not found; put it there";
	if (input == "") return "no input folder was given; choose the folder with the images (input=[FOLDER])";
	if (output == "") return "no output folder was given; choose where the tables go (output=[FOLDER])";
	if (!File.isDirectory(input)) return input + ": there is no such folder; check the path";
	if (matches(toLowerCase(options), ".*(high|custom)=\\[?auto.*"))
		return "the batch does not find the high area by auto, which needs all images of a patient at once; use another mode, or pyrhi measure";
	listed = 0;
	if (isOpen("ROI Manager")) listed = roiManager("count");
	if (listed > 0) return "the ROI Manager is not empty, and the ROI sets are opened there; save its ROIs and empty it";
	answer = runMacro(core, "action=check " + options);
	if (answer != "") return substring(answer, 7);
	makeFolder(output);
	if (!File.isDirectory(output)) return output + ": the folder cannot be made; choose another";
	return "";
}

// Makes a folder, and those above it.
function makeFolder(path) {
	if (path == "" || File.exists(path)) return;
	makeFolder(File.getDirectory(path));
	File.makeDirectory(path);
}

// Images of a folder, then those of the folders in it, as lines of image file, name and patient.
function listImages(top, here) {
	files = getFileList(top + here);
	found = newArray(files.length);
	n = 0;
	for (f = 0; f < files.length; f++) {
		if (matches(files[f], "(?is).*\\.(nii|nii\\.gz|dcm|dicom|ima)")) leftOut++;
		if (!matches(files[f], "(?is).*\\.(tiff?|png)")) continue;
		found[n] = top + here + files[f] + "\t" + here + files[f] + "\t" + File.getName(top + here);
		n++;
	}
	images = Array.concat(images, Array.trim(found, n));
	for (f = 0; f < files.length; f++) if (endsWith(files[f], "/")) listImages(top, here + files[f]);
}

// A path with slashes, and one at its end.
function asFolder(path) {
	path = replace(path, "\\\\", "/");
	if (path != "" && !endsWith(path, "/")) path += "/";
	return path;
}

// A text as cell of a CSV that no spreadsheet takes for a formula.
function quoted(text) {
	if (matches(text, "(?s)[=+\\-@\t\r].*")) text = "'" + text;
	if (matches(text, "(?s).*[\",\n\r].*")) text = "\"" + replace(text, "\"", "\"\"") + "\"";
	return text;
}

// The value of key=[value] or key=value, else ""; brackets inside a value are allowed.
function option(options, key) {
	text = " " + options + " ";
	value = replace(text, "(?s).*? " + key + "=(\\[(.*?)\\]|(\\S*))(?=\\s+([a-z]+=|clip|ignore|$)).*", "$2$3");
	if (value == text) return "";
	return value;
}
