// RHI Batch: the tables rhi.csv and failures.csv of a folder of images, as "pyrhi measure" writes them.
//
// Measures every TIFF and PNG in a folder and the folders below it; each folder is a patient. An image that
// cannot be measured goes to failures.csv, and the batch goes on. Research use only; not a medical device.
//
// Needs ImageJ 1.53k or later, and RHI_Measure.ijm beside this file. In Fiji it hands its options to the
// script Batch RHI. Options, by the dialog, by run("RHI Batch", "...") or after -batch RHI_Batch.ijm:
// input=[FOLDER] output=[FOLDER] high=[MODE] custom=[] clip ignore, with the modes of RHI Measure but auto.

var RESEARCH_USE = "Research use only; not a medical device.", AT_ONCE = 50;
var images, count, leftOut;

requires("1.53k");
core = replace(getInfo("macro.filepath"), "RHI_Batch.ijm$", "RHI_Measure.ijm");
options = getArgument();
if (options == "") options = "" + call("ij.Macro.getOptions");
headless = call("java.awt.GraphicsEnvironment.isHeadless");
inFiji = indexOf(getVersion(), "/") > 0;
if (inFiji && headless == "false") { List.setCommands; inFiji = lengthOf(List.get("Batch RHI")) > 0; }
if (inFiji && options == "null") run("Batch RHI");
else if (inFiji) run("Batch RHI", "input=[" + option(options, "input") + "] output=[" + option(options, "output") + "] " + runMacro(core, "action=script " + options));
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
	Dialog.addHelp("<html><h3>RHI Batch</h3>The ROIs of NAME.tif are those of NAME.zip, NAME.RoiSet.zip, NAME_RoiSet.zip or NAME.roi beside it,<br>of RoiSet.zip where the folder has no other image, or those inside it.<p>rhi.csv has a row for each slice and level with a cord,<br>failures.csv what could not be measured, and why.<p>Kong et al., Int J Med Sci 2025; 22(3): 708-715, doi.org/10.7150/ijms.103916<p><b>" + RESEARCH_USE + "</b></html>");
	Dialog.show();
	options = "input=[" + Dialog.getString() + "] output=[" + Dialog.getString() + "] high=[" + Dialog.getChoice() + "] custom=[" + Dialog.getString() + "]";
	if (Dialog.getCheckbox()) options += " clip";
	if (Dialog.getCheckbox()) options += " ignore";
	return options;
}

function batch(options, core) {
	input = folder(option(options, "input"));
	output = folder(option(options, "output"));
	e = check(input, output, options, core);
	if (e != "") exit(e);
	isHidden = is("Batch Mode");
	if (!isHidden) setBatchMode(true);
	// ROI sets are opened below the user's own list; what is selected there must not follow.
	chosen = "";
	if (isOpen("ROI Manager")) chosen = call("ij.plugin.frame.RoiManager.getIndexesAsString");
	if (chosen != "") roiManager("deselect");
	images = newArray(1000);
	count = 0; leftOut = 0;
	listImages(input, "");
	csv = "Patient,Image,Slice,Level,RHI,CordArea,HighArea,Unit,CordPercent,HighPercent,HighCount,HighOutsidePercent,CordMean,HighMean,ExcludedPixels,Plane,Method,Warnings\n";
	failures = "Image,Error\n";
	failed = 0;
	for (i = 0; i < count; i += AT_ONCE) {
		showProgress(i, count);
		n = minOf(AT_ONCE, count - i);
		answers = measure(core, options, i, n);
		isWhole = answers.length == n;
		for (j = 0; j < n; j++) {
			task = split(images[i + j], "\t");
			// Where ImageJ stopped at one of them, each is measured by itself.
			if (!isWhole) one = measure(core, options, i + j, 1);
			if (isWhole) answer = answers[j];
			else answer = one[0];
			if (!startsWith(answer, "error: ")) csv = csv + answer;
			else {
				said = task[0] + replace(answer, "^error", "");
				name = task[2];
				failures = failures + textCell(name) + "," + textCell(said) + "\n";
				failed++;
			}
		}
	}
	e = save(csv, output + "rhi.csv");
	if (e == "") e = save(failures, output + "failures.csv");
	if (chosen != "") selectAgain(split(chosen, " "));
	if (!isHidden) setBatchMode(false);
	showProgress(1);
	if (e != "") exit(e);
	if (leftOut > 0) print(leftOut + " DICOM or NIfTI files were left out; measure them by pyrhi");
	print("" + (count - failed) + " images measured, " + failed + " failed; tables in " + output + ". " + RESEARCH_USE);
}

// Rows of some images, or the error of each; fewer where ImageJ stopped at one.
function measure(core, options, first, n) {
	lines = Array.slice(images, first, first + n);
	before = nImages;
	answer = runMacro(core, "action=batch " + options + "\n" + String.join(lines, "\n"));
	while (nImages > before) close();
	if (startsWith("" + answer, "[aborted]")) answer = "error: ImageJ cannot read it; see the Log, and save it again in ImageJ";
	return split("" + answer, fromCharCode(30));
}

function check(input, output, options, core) {
	if (!File.exists(core)) return core + " was not found; put it there";
	if (input == "") return "no input folder was given; choose the folder with the images (input=[FOLDER])";
	if (output == "") return "no output folder was given; choose where the tables go (output=[FOLDER])";
	if (!File.isDirectory(input)) return input + ": there is no such folder; check the path";
	if (matches(toLowerCase(options), ".*(high|custom)=\\[?auto.*")) return "the batch does not find the high area by auto, which needs all images of a patient at once; use another mode, or pyrhi measure";
	answer = runMacro(core, "action=check " + options);
	if (answer != "") return substring(answer, 7);
	parts = split(output, "/");
	path = replace(output, "^([^/]*/).*", "$1");
	for (i = 0; i < parts.length; i++) {
		if (i > 0 || startsWith(output, "/")) path += parts[i] + "/";
		if (!File.exists(path)) File.makeDirectory(path);
	}
	if (!File.isDirectory(output)) return output + ": the folder cannot be made; choose another";
	return "";
}

// Images of a folder in the order of a file browser, then those of the folders in it, as lines of
// image file, ROI file, name and patient.
function listImages(top, here) {
	files = sorted(getFileList(top + here));
	found = 0;
	List.clear();
	for (f = 0; f < files.length; f++) {
		if (matches(files[f], "(?is)[^.].*\\.(tiff?|png|nii|nii\\.gz|dcm|dicom|ima)")) { found++; List.set("is " + stemOf(files[f]), "yes"); }
		if (matches(files[f], "(?is).*\\.(nii|nii\\.gz|dcm|dicom|ima)")) leftOut++;
	}
	listRois(top + here, "", files);
	for (f = 0; f < files.length; f++) if (matches(files[f], "(?i)(roisets?|rois?)/")) listRois(top + here, files[f], getFileList(top + here + files[f]));
	for (f = 0; f < files.length; f++) {
		if (!matches(files[f], "(?is)[^.].*\\.(tiff?|png)")) continue;
		if (count == images.length) images = Array.concat(images, newArray(count));
		rois = List.get("of " + stemOf(files[f])) + List.get("of " + files[f]);
		if (rois == "" && found == 1) rois = List.get("set");
		rois = substring(rois + "\t", 1, maxOf(1, lengthOf(rois)));
		if (indexOf(rois, "\t") > 0) rois = "?" + replace(rois, "\t", " and ") + " may both be its ROIs; move or delete one";
		else if (rois == "") rois = "embedded";
		else rois = top + here + rois;
		images[count] = top + here + files[f] + "\t" + rois + "\t" + here + files[f] + "\t" + File.getName(top + here);
		count++;
	}
	for (f = 0; f < files.length; f++) if (matches(files[f], "(?s)[^.].*/")) listImages(top, here + files[f]);
}

// Notes ROI files by the images that they may belong to: NAME.zip, NAME_RoiSet.zip, NAME-ROIs.zip, NAME.tif.roi.
function listRois(folder, here, files) {
	for (r = 0; r < files.length; r++) {
		if (!matches(files[r], "(?is)[^.].*\\.(zip|roi)")) continue;
		base = replace(files[r], "\\.[^.]*$", "");
		key = "of " + base;
		name = replace(base, "(?i)(__|[-_. ])?(roisets?|rois?)$", "");
		if (name == "") key = "set";
		else if (name != base && List.get("is " + base) == "") List.set("of " + name, List.get("of " + name) + "\t" + here + files[r]);
		List.set(key, List.get(key) + "\t" + here + files[r]);
	}
}

function stemOf(file) { return replace(file, "(?i)\\.(tiff?|png|nii|nii\\.gz|dcm|dicom|ima)$", ""); }

// File names with slice 9 before slice 10: numbers are compared with zeros before them, and a brace before
// small letters puts them behind capitals, which ImageJ would mix.
function sorted(files) {
	keys = newArray(files.length);
	for (i = 0; i < files.length; i++) {
		key = replace(replace(files[i], "([0-9]+)", "000000000000000$1"), "0*([0-9]{15})(?![0-9])", "$1");
		keys[i] = replace(key, "([a-z])", "{$1") + "\t" + i;
	}
	Array.sort(keys);
	out = newArray(files.length);
	for (i = 0; i < files.length; i++) out[i] = files[parseInt(substring(keys[i], lastIndexOf(keys[i], "\t") + 1))];
	return out;
}

// Selects in the list of the ROI Manager; an image of no use takes the selection that it makes.
function selectAgain(indexes) {
	for (i = 0; i < indexes.length; i++) indexes[i] = parseInt(indexes[i]);
	newImage("rhi-select", "8-bit black", 1, 1, 1);
	roiManager("select", indexes);
	close();
}

// Writes a table, under another name first; returns "" or what is wrong.
function save(text, path) {
	e = "" + call("ij.IJ.saveString", text, path + ".part");
	if (File.exists(path) && !startsWith(e, "java")) ok = File.delete(path);
	if (File.rename(path + ".part", path) != 1) return path + " cannot be written (" + e + "); close it in other programs";
	if (call("java.nio.charset.Charset.defaultCharset") != "UTF-8" && !matches(text, "\\p{ASCII}*")) print(path + ": names with accents are not in UTF-8; start Java with -Dfile.encoding=UTF-8");
	return "";
}

function folder(path) {
	path = replace(path, "\\\\", "/");
	if (path != "" && !endsWith(path, "/")) path += "/";
	return path;
}

function textCell(text) {
	if (matches(text, "(?s)[=+\\-@\t\r].*")) text = "'" + text;
	if (matches(text, "(?s).*[\",\n\r].*")) text = "\"" + replace(text, "\"", "\"\"") + "\"";
	return text;
}

// The value of key=[value] or key=value; brackets inside a value are allowed.
function option(text, key) {
	at = indexOf(" " + text, " " + key + "=");
	if (at < 0) return "";
	value = substring(text, at + lengthOf(key) + 1);
	if (startsWith(value, "[")) value = replace(substring(value, 1), "(?s)\\](?=\\s*$| +(clip|ignore|[a-z]+=)).*", "");
	else value = replace(value, "(?s) .*", "");
	return value;
}
