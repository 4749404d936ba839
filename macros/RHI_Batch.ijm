// RHI Batch: the table rhi.csv of a folder of images, as "pyrhi measure" writes it.
//
// Measures every TIFF and PNG in a folder and the folders below it, each folder a patient, and
// writes rhi.csv and failures.csv. An image that cannot be measured goes to failures.csv, and the
// batch goes on. The ROIs of NAME.tif are those of NAME.zip, NAME.RoiSet.zip, NAME_RoiSet.zip or
// NAME.roi beside it, of RoiSet.zip where the folder has no other image, or else those inside it.
// Research use only; not a medical device.
//
// Needs ImageJ 1.53k or later and RHI_Measure.ijm, which measures each image, beside this file:
// plugins/RHI/RHI_Batch.ijm is Plugins > RHI > RHI Batch. Options: input=[FOLDER] output=[FOLDER]
// high=[MODE] clip, by the dialog, run("RHI Batch", "...") or the argument of runMacro and -batch.
// The modes are those of RHI Measure without auto, which needs all images of a patient at once.
// DICOM and NIfTI are measured by pyrhi alone. Start Java with -Dfile.encoding=UTF-8 where file
// names have accents and Java is older than 18; the tables are UTF-8 in any case.

var RESEARCH_USE = "Research use only; not a medical device.";
var HEADINGS = "Patient,Image,Slice,Level,CordArea,HighArea,Unit,CordPercent,HighPercent,RHI,HighCount,HighOutsidePercent,CordMean,HighMean,Method,Warnings";
var FAILURE_HEADINGS = "Image,Error";
var AT_ONCE = 20;
var CORE = "RHI_Measure.ijm";
var ROI_ENDINGS = newArray(".zip", ".RoiSet.zip", "_RoiSet.zip", ".roi");
var NO_AUTO = "the batch does not find the high area by auto, which needs all images of a patient at once; use another mode, or pyrhi measure";

// Paths of the images, and what is left out.
var images, names, found, leftOut;

requires("1.53k");
// Known only now: the core's own path replaces it when the core runs.
self = getInfo("macro.filepath");
argument = getArgument();
input = "";
if (argument != "") {
	input = option(argument, "input");
	output = option(argument, "output");
	high = option(argument, "high");
	clip = matches(argument, "(?s)(.* )?clip( .*)?");
} else {
	methods = getList("threshold.methods");
	modes = Array.concat(newArray("none"), methods, newArray("ref+3sd", "ref+3mad", "fixed"));
	Dialog.create("RHI Batch");
	Dialog.addMessage("Measures the TIFF and PNG images of a folder; the folders below it are patients.\n" + RESEARCH_USE);
	Dialog.addDirectory("Input folder", "");
	Dialog.addDirectory("Output folder", "");
	Dialog.addChoice("High area where none is drawn", modes, "none");
	Dialog.addNumber("Fixed least grey value", 0);
	Dialog.addCheckbox("Clip to the cord", false);
	Dialog.show();
	input = Dialog.getString();
	output = Dialog.getString();
	high = Dialog.getChoice();
	value = Dialog.getNumber();
	clip = Dialog.getCheckbox();
	if (high == "fixed") high = d2s(value, 9);
}
input = folder(input);
output = folder(output);
core = pathOfCore(self);
e = checkOptions(input, output, high, core);
if (e != "") exit(e);
batch(input, output, high, clip, core);

function batch(input, output, high, clip, core) {
	hidden = is("Batch Mode");
	if (!hidden) setBatchMode(true);
	// ROI sets are opened below the user's own list; what is selected there must not follow.
	chosen = "";
	if (isOpen("ROI Manager")) chosen = call("ij.plugin.frame.RoiManager.getIndexesAsString");
	if (chosen != "") roiManager("deselect");
	showStatus("RHI Batch: looking for images");
	listImages(input);
	csv = HEADINGS + "\n";
	failures = FAILURE_HEADINGS + "\n";
	failed = 0;
	options = "";
	if (high != "") options += " high=[" + high + "]";
	if (clip) options += " clip";
	for (i = 0; i < found; i += AT_ONCE) {
		showStatus("RHI Batch: " + (i + 1) + "/" + found + " " + names[i]);
		showProgress(i, found);
		count = minOf(AT_ONCE, found - i);
		answers = measure(core, options, i, count);
		// Where ImageJ stopped at one of them, each is measured by itself.
		isWhole = answers.length == count;
		for (j = i; j < i + count; j++) {
			if (isWhole) answer = answers[j - i];
			else {
				answers = measure(core, options, j, 1);
				answer = "error: ImageJ cannot read it; see the Log, and save it again in ImageJ";
				if (answers.length == 1) answer = answers[0];
			}
			if (!startsWith(answer, "error: ")) {
				csv = csv + answer + "\n";
				continue;
			}
			message = substring(answer, 7);
			if (indexOf(message, images[j]) < 0) message = images[j] + ": " + message;
			failures = failures + textCell(names[j]) + "," + textCell(message) + "\n";
			failed++;
		}
	}
	e = writeTable(core, output + "rhi.csv", csv);
	if (e == "") e = writeTable(core, output + "failures.csv", failures);
	if (chosen != "") selectAgain(split(chosen, " "));
	if (!hidden) setBatchMode(false);
	showProgress(1);
	if (e != "") exit(e);
	if (leftOut > 0) print(leftOut + " DICOM or NIfTI files were left out; measure them by pyrhi");
	print("" + (found - failed) + " images measured, " + failed + " failed; tables in " + output + ". " + RESEARCH_USE);
}

// Selects in the list of the ROI Manager; an image of no use takes the selection that it makes.
function selectAgain(indexes) {
	for (i = 0; i < indexes.length; i++) indexes[i] = parseInt(indexes[i]);
	newImage("rhi-select", "8-bit black", 1, 1, 1);
	roiManager("select", indexes);
	close();
}

// Rows of some images, or the error of each; of another number where ImageJ stopped at one.
function measure(core, options, first, count) {
	argument = "action=batch" + options;
	for (m = first; m < first + count; m++)
		argument = argument + "\n" + "file=[" + images[m] + "] rois=[" + roisOf(images[m]) + "] image=[" + names[m] + "] patient=[" + patientOf(images[m]) + "]";
	before = nImages;
	answer = runMacro(core, argument);
	answer = "" + answer;
	while (nImages > before) close();
	if (answer == "[aborted]" || answer == "null") {
		answers = newArray(0);
		return answers;
	}
	answers = split(answer, fromCharCode(30));
	return answers;
}

// ---------------------------------------------------------------- options

// The value of key=[value] or key=value; brackets inside a value are allowed.
function option(text, key) {
	text = " " + text;
	start = indexOf(text, " " + key + "=");
	if (start < 0) return "";
	start += lengthOf(key) + 2;
	if (!startsWith(substring(text, start), "[")) {
		end = indexOf(text, " ", start);
		if (end < 0) end = lengthOf(text);
		value = substring(text, start, end);
		return value;
	}
	start++;
	end = indexOf(text, "]", start);
	while (end >= 0 && !matches(substring(text, end + 1), "(?s)\\s*| +(clip|(input|output|high)=).*"))
		end = indexOf(text, "]", end + 1);
	if (end < 0) end = lengthOf(text);
	value = substring(text, start, end);
	return value;
}

function folder(path) {
	path = replace(path, "\\", "/");
	if (path != "" && !endsWith(path, "/")) path += "/";
	return path;
}

function pathOfCore(self) {
	self = replace(self, "\\", "/");
	beside = substring(self, 0, lastIndexOf(self, "/") + 1) + CORE;
	if (File.exists(beside)) return beside;
	plugins = getDirectory("plugins") + "RHI/" + CORE;
	if (File.exists(plugins)) return plugins;
	return "";
}

function checkOptions(input, output, high, core) {
	if (core == "") return CORE + " was not found; put it into the folder of RHI_Batch.ijm";
	if (input == "") return "no input folder was given; choose the folder with the images (input=[FOLDER])";
	if (output == "") return "no output folder was given; choose where the tables go (output=[FOLDER])";
	if (!File.isDirectory(input)) return input + ": there is no such folder; check the path";
	if (toLowerCase(high) == "auto") return NO_AUTO;
	answer = runMacro(core, "action=check high=[" + high + "]");
	if (startsWith(answer, "error: ")) {
		answer = substring(answer, 7);
		return answer;
	}
	makeFolders(output);
	if (!File.isDirectory(output)) return output + ": the folder cannot be made; choose another";
	return "";
}

function makeFolders(path) {
	for (at = 1; at < lengthOf(path); at++) {
		if (substring(path, at, at + 1) != "/") continue;
		part = substring(path, 0, at);
		if (!File.exists(part)) File.makeDirectory(part);
	}
}

// ---------------------------------------------------------------- images

// Fills images, names and found: a folder's files in the order of a file browser, then the folders
// in it.
function listImages(top) {
	images = newArray(1000);
	names = newArray(1000);
	found = 0;
	leftOut = 0;
	folders = newArray(1);
	folders[0] = "";
	while (folders.length > 0) {
		here = folders[0];
		folders = Array.deleteIndex(folders, 0);
		list = sorted(getFileList(top + here));
		below = newArray(0);
		for (f = 0; f < list.length; f++) {
			lower = toLowerCase(list[f]);
			if (endsWith(list[f], "/")) below = Array.concat(below, here + list[f]);
			else if (matches(lower, "(?s).*\\.(tif|tiff|png)")) {
				if (found == images.length) {
					images = Array.concat(images, newArray(found));
					names = Array.concat(names, newArray(found));
				}
				images[found] = top + here + list[f];
				names[found] = here + list[f];
				found++;
			} else if (matches(lower, "(?s).*\\.(nii|nii\\.gz|dcm|dicom|ima)")) leftOut++;
		}
		folders = Array.concat(below, folders);
	}
}

// File names with slice 9 before slice 10.
function sorted(list) {
	keys = newArray(list.length);
	for (i = 0; i < list.length; i++) {
		key = keyOf(list[i]);
		keys[i] = key + "/" + i;
	}
	Array.sort(keys);
	out = newArray(list.length);
	for (i = 0; i < list.length; i++) out[i] = list[parseInt(substring(keys[i], lastIndexOf(keys[i], "/") + 1))];
	return out;
}

// A text that sorts as the name does: each character by its code, a run of digits by its value
// before any other character. ImageJ sorts without case, so codes are written in hexadecimal.
function keyOf(name) {
	if (endsWith(name, "/")) name = substring(name, 0, lengthOf(name) - 1);
	name = name + fromCharCode(0);
	key = "";
	digits = "";
	for (c = 0; c < lengthOf(name); c++) {
		code = charCodeAt(name, c);
		if (code >= 48 && code <= 57) {
			digits = digits + fromCharCode(code);
			continue;
		}
		if (digits != "") {
			value = replace(digits, "^0+", "");
			while (lengthOf(value) < 30) value = "0" + value;
			key += "0" + value + digits + "!";
			digits = "";
		}
		hex = toHex(code);
		while (lengthOf(hex) < 4) hex = "0" + hex;
		key += "1" + hex;
	}
	return key;
}

// Name of the folder of an image.
function patientOf(path) {
	path = substring(path, 0, lastIndexOf(path, "/"));
	path = substring(path, lastIndexOf(path, "/") + 1);
	return path;
}

// The ROI file of an image, or the word for those inside it.
function roisOf(path) {
	stem = substring(path, 0, lastIndexOf(path, "."));
	for (r = 0; r < ROI_ENDINGS.length; r++) {
		beside = stem + ROI_ENDINGS[r];
		if (File.exists(beside)) {
			if (!File.isDirectory(beside)) return beside;
		}
	}
	parent = substring(path, 0, lastIndexOf(path, "/") + 1);
	beside = parent + "RoiSet.zip";
	if (!File.exists(beside)) return "embedded";
	list = getFileList(parent);
	count = 0;
	for (r = 0; r < list.length; r++)
		if (matches(toLowerCase(list[r]), "(?s).*\\.(tif|tiff|png|nii|nii\\.gz|dcm|dicom|ima)")) count++;
	if (count == 1) return beside;
	return "embedded";
}

// ---------------------------------------------------------------- tables

function textCell(text) {
	if (matches(text, "(?s)[=+\\-@\t\r].*")) text = "'" + text;
	if (matches(text, "(?s).*[\",\n\r].*")) text = "\"" + replace(text, "\"", "\"\"") + "\"";
	return text;
}

function writeTable(core, path, text) {
	answer = runMacro(core, "action=write file=[" + path + "] " + "\n" + text);
	if (startsWith(answer, "error: ")) {
		answer = substring(answer, 7);
		return answer;
	}
	return "";
}
