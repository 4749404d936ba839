// RHI Measure: RHI = 100 * high-intensity area / whole cord area, of each slice and level of the front image that
// has a cord. Research use only; not a medical device. For ImageJ 1.53k or later; in Fiji it calls Measure RHI.
//
// ROIs are named cord, high, reference or exclude, with a level where there are several (cord L2, high L2), or are
// in the ROI groups 1, 2 and 3: see docs/macros.md, and RHI-Shared.txt, which lies beside this file.
//
// How it measures: the ROIs become the overlay of the "board", an image of the same size. There the pixels of a cord
// are painted 1, those of its high area 3, those of both 2, and what is excluded 9, so that no pixel counts twice;
// the histogram counts them. Only ASCII here: ImageJ reads macros as ISO 8859-1.

var HEADINGS = "Patient,Image,Slice,Level,RHI,CordArea,HighArea,Unit,CordPercent,HighPercent,HighCount,"
	+ "HighOutsidePercent,CordMean,HighMean,ExcludedPixels,Plane,Method,Warnings";
var TEXTS = "Patient|Image|Level|Unit|Plane|Method|Warnings"; // the columns that are no numbers
var RESEARCH_USE = "Research use only; not a medical device.";
var GROUPS = newArray("", "cord", "high", "reference"); // the roles of ROI groups
var MANAGER = "ROI Manager", DRAWN = "overlay and selection", BESIDE = "ROI file";

// What is asked for: how high areas are found where none is drawn, and what becomes of the outlines.
var asked, mode, isClip, isIgnore, isLabel, isDrawing = false;
// The front image, the copy that is measured (in a batch the image itself), and the board.
var here, folder, imageName, imageKey, patient, image, work, board;
var width, height, planes, pixelWidth, pixelHeight, unit, imageWarnings;
var source, chosen, note; // where the ROIs come from, what the user answered, and what is said of it
// The ROIs: slices is 0 for all slices and -1 for none, notes are warnings. Those from firstFound on were not drawn.
var names, roles, levels, slices, notes, firstFound;
var csv, areas, said, outlines; // what was found: lines of rhi.csv, what tells sets of ROIs apart, lines of the log and of outlines
var rows, failures, END = fromCharCode(30); // of a batch: its tables, and what parts them

requires("1.53k");
here = findShared();
argument = getArgument();
isAction = startsWith(argument, "action=");
if (isAction) text = answer(argument);
if (isAction) return text; // not in a block, which would end the batch mode of the caller
if (argument == "") argument = "" + call("ij.Macro.getOptions");
done = shared("action=fiji script=[Measure RHI] " + argument);
if (done != "done") measureForUser(argument); // returns no text, which Fiji would show

// ---- ways in ---------------------------------------------------------------------------------------------------

// Where the other macros are. In Fiji macro.filepath is that of the macro that called this one.
function findShared() {
	places = newArray(File.getDirectory(getInfo("macro.filepath")), getDirectory("plugins") + "RHI/", getDirectory("plugins") + "RHI/Macros/");
	for (p = 0; p < 3; p++) if (File.exists(places[p] + "RHI-Shared.txt")) return places[p];
	exit("RHI-Shared.txt was not found; put it beside RHI_Measure.ijm");
}

// What RHI-Shared.txt says; where a dialog was cancelled there, this macro ends too.
function shared(argument) {
	text = "" + runMacro(here + "RHI-Shared.txt", argument);
	if (text == "[aborted]") exit;
	return text;
}

function find(argument) {
	path = here + "RHI_Find_High_Intensity.ijm";
	text = "error: " + path + " was not found; put it there";
	if (File.exists(path)) text = runMacro(path, argument);
	return text;
}

// For runMacro(path, "action=...") in other macros: asks nothing; "error: " and one sentence says what is wrong.
function answer(argument) {
	lines = split(argument, "\n");
	action = option(lines[0], "action");
	text = "";
	if (action == "folder") measureFolder(replace(argument, "action=folder ", ""));
	if (action == "batch") text = measureFiles(lines);
	if (action == "find") text = find(argument);
	if (!matches(action, "rows|table")) return text;
	e = measureBy(argument, false);
	if (e != "") return "error: " + e;
	if (action == "rows") return String.trim(csv);
	isLabel = matches(option(argument, "label"), "yes|true");
	showFound();
	return "";
}

function measureForUser(options) {
	isAsked = matches(options, "null");
	if (isAsked && nImages > 0) options = shared("action=ask command=[RHI Measure]");
	e = measureBy(options, isAsked);
	if (e != "") exit(toUpperCase(substring(e, 0, 1)) + substring(e, 1) + ".");
	isLabel = !matches(option(options, "label"), "no|false");
	showFound();
	if (flag(options, "save")) saveTable();
	if (chosen != "") options = replace(options, "rois=.*", "rois=[" + chosen + "]");
	if (isAsked) done = shared("action=record\nRHI Measure\n" + options);
	print(note + said + RESEARCH_USE);
}

// Measures the front image as the options say. Returns "" or what is wrong.
function measureBy(options, isAsked) {
	if (nImages == 0) return "no image is open; open the MRI slice and its ROIs first";
	image = getImageID();
	folder = getInfo("image.directory");
	patient = File.getName(folder);
	imageName = getInfo("image.filename");
	if (imageName == "") imageName = getTitle();
	imageKey = folder + imageName;
	if (folder == "") imageKey += image;
	e = setMode(options);
	if (e != "") return e;
	source = option(options, "rois");
	beside = "-"; // looked for only where it may be taken: the toolset measures after each key
	if (folder != "" && source != MANAGER) beside = String.trim(shared("action=roifiles\n" + folder + "\n" + imageName));
	version = IJ.getFullVersion;
	if (version < "1.54i" && isOpen("Recorder") && beside != "-")
		return "this ImageJ would record that the ROI file beside the image is opened: close the Recorder";
	chosen = ""; doubt = ""; note = "";
	if (matches(source, "|automatic")) {
		removeOutlines(); // of an earlier run, which are no ROIs
		source = BESIDE;
		if (selectionType() >= 0 || Overlay.size > 0 || beside == "-") source = DRAWN;
		if (managerCount() > 0) source = MANAGER;
		if (source == BESIDE && is("changes")) return "the image was changed since it was opened; open it again, or choose '" + BESIDE + "' if it fits";
		if (source == MANAGER) doubt = doubtOf(beside);
		if (source == DRAWN && beside != "-") note = "what is drawn on the image was taken, not " + File.getName(beside) + " beside it\n";
	}
	if (doubt != "" && !isAsked) return doubt + "; open that set, or choose ROIs from '" + MANAGER + "' or '" + BESIDE + "'";
	if (doubt != "") chosen = shared("action=choose\n" + doubt + ". Which are those of this image?\n" + BESIDE + "\n" + MANAGER);
	if (chosen != "") source = chosen;
	if (source == BESIDE) source = beside;
	if (source == "-") return "no ROI file lies beside the image (NAME.zip, NAME_RoiSet.zip, NAME.roi)";
	e = measureFront();
	if (e == "" && source == MANAGER) old = call("java.lang.System.setProperty", "rhi.last", imageKey + "\n" + areas);
	return e;
}

// The value of key=[value] or key=value, else "".
function option(options, key) { return call("ij.Macro.getValue", options, key, ""); }

// True for a bare word, as macros record a tick box, and for word=true.
function flag(options, word) { return matches(options, "(?s)(.* )?" + word + "(=true)?( .*)?"); }

// Remembers what is asked for. Returns "" or why there is no such mode.
function setMode(options) {
	isClip = flag(options, "clip");
	isIgnore = flag(options, "ignore");
	asked = String.trim(option(options, "custom"));
	if (asked == "") asked = String.trim(option(options, "high"));
	if (asked == "fixed") asked = option(options, "fixed"); // as older versions wrote a value
	mode = "none";
	if (!matches(asked, "|none")) mode = find("action=mode high=[" + asked + "]");
	if (startsWith(mode, "error: ")) return substring(mode, 7);
	return "";
}

// ---- a folder --------------------------------------------------------------------------------------------------

function measureFolder(options) {
	isAsked = matches(options, "null");
	if (isAsked) options = shared("action=ask command=[RHI Batch]");
	input = folderOf(options, "input");
	output = folderOf(options, "output");
	e = setMode(options);
	if (mode == "auto") e = "the batch cannot use auto, which needs all images of a patient at once; use another mode, or pyrhi measure";
	if (!File.isDirectory(input)) e = "there is no input folder '" + input + "'; choose the one with the images (input=[FOLDER])";
	if (managerCount() > 0) e = "the ROI Manager is not empty, and the ROI sets are opened there; save its ROIs and empty it";
	if (e != "") exit(e);
	files = split(shared("action=images\n" + input), "\n"); // the first line counts those of other kinds
	if (files.length == 1) exit(input + ": holds no TIFF or PNG; check the folder, or measure DICOM and NIfTI by pyrhi");
	made = File.makeDirectory(output);
	if (!File.isDirectory(output)) exit("the output folder '" + output + "' cannot be made; choose another (output=[FOLDER])");
	isHidden = is("Batch Mode");
	if (!isHidden) setBatchMode(true);
	done = shared("action=suspend");
	rows = HEADINGS + "\n"; failures = "Image,Error\n";
	measureSome(options, input, Array.slice(files, 1, files.length));
	File.saveString(rows, output + "rhi.csv");
	File.saveString(failures, output + "failures.csv");
	if (!isHidden) setBatchMode(false);
	done = shared("action=resume");
	showProgress(1);
	if (isAsked) done = shared("action=record\nRHI Batch\n" + options);
	if (call("java.nio.charset.Charset.defaultCharset") != "UTF-8" && !matches(rows + failures, "\\p{ASCII}*"))
		print("names with accents are not in UTF-8 in the tables; start Java with -Dfile.encoding=UTF-8");
	if (files[0] != "0") print("DICOM and NIfTI files that were passed over: " + files[0] + "; measure them by pyrhi");
	failed = split(failures, "\n");
	counted = replace(d2s(files.length - failed.length, 0) + " images", "^1 images", "1 image");
	print(counted + " measured, " + (failed.length - 1) + " failed; tables in " + output + ". " + RESEARCH_USE);
}

// Measures files into the tables. A damaged one ends the macro that opens it: it fails, and the others are measured by themselves.
function measureSome(options, input, files) {
	before = nImages;
	old = call("java.lang.System.setProperty", "rhi.at", "0"); // which file is measured
	text = "" + runMacro(here + "RHI_Measure.ijm", "action=batch " + options + "\n" + String.join(files, "\n"));
	while (nImages > before) close();
	if (startsWith(text, "[aborted]")) {
		bad = parseInt(call("java.lang.System.getProperty", "rhi.at", "0"));
		if (bad > 0) measureSome(options, input, Array.slice(files, 0, bad));
		failures = failures + failure(input, files[bad], "ImageJ cannot read it; see the Log, and save it again in ImageJ");
		if (bad + 1 < files.length) measureSome(options, input, Array.slice(files, bad + 1, files.length));
		return;
	}
	rows += substring(text, 0, indexOf(text, END));
	failures += substring(text, indexOf(text, END) + 1);
}

function failure(input, file, why) {
	cell = quoted(file);
	why = quoted(replace(input + file + ": " + why, "[\n\r]", " "));
	return cell + "," + why + "\n";
}

// Rows, END and failures of the images of a batch, which are the lines from the second one on.
function measureFiles(lines) {
	e = setMode(lines[0]);
	input = folderOf(lines[0], "input");
	files = Array.slice(lines, 1, lines.length);
	sets = split(shared("action=roifiles\n" + input + "\n" + String.join(files, "\n")), "\n");
	before = nImages;
	text = ""; failed = "";
	for (f = 0; f < files.length; f++) {
		showProgress(f, files.length);
		old = call("java.lang.System.setProperty", "rhi.at", "" + f);
		IJ.redirectErrorMessages();
		imageName = files[f];
		patient = File.getName(File.getDirectory(input + imageName));
		source = replace(sets[f], "^-$", DRAWN);
		open(input + imageName);
		e = "ImageJ cannot open it; see the Log, or measure it by pyrhi";
		if (nImages > before) e = checkLength(input + imageName);
		if (nImages > before) image = getImageID();
		if (e == "") e = measureImage();
		while (nImages > before) close();
		if (e == "") text += csv;
		else failed = failed + failure(input, imageName, e);
	}
	return text + END + failed;
}

// A folder that is given as an option, with one / at its end, or "".
function folderOf(options, key) { return replace(replace(option(options, key) + "/", "[/\\\\]+", "/"), "^/$", ""); }

// ImageJ fills what an uncompressed TIFF lacks with zeros.
function checkLength(path) {
	size = parseFloat(File.length(path));
	needed = getWidth() * getHeight() * nSlices * bitDepth() / 8;
	if (size >= needed) return "";
	head = File.openAsRawString(path, minOf(size, 100000));
	tag = indexOf(head, fromCharCode(3, 1, 3, 0, 1, 0, 0, 0, 1, 0)) + indexOf(head, fromCharCode(1, 3, 0, 3, 0, 0, 0, 1, 0, 1));
	if (tag == -2) return "";
	return "the header promises " + d2s(needed, 0) + " bytes and the file holds " + d2s(size, 0) + ": it is truncated; export it again";
}

// ---- ROIs: where they come from, and whose they are ------------------------------------------------------------

function managerCount() {
	if (isOpen("ROI Manager")) return roiManager("count");
	return 0;
}

// Why the ROIs of the ROI Manager may be those of another image, or "": the file beside the image has to give the
// same numbers and, where there is none, they must not be those that were measured last on another image.
function doubtOf(path) {
	last = split(call("java.lang.System.getProperty", "rhi.last", " \n "), "\n");
	e = measureFront();
	if (e != "" || last[0] == imageKey) return "";
	if (path == "-" && last[1] == areas) return "the ROI Manager holds the ROIs that were measured on " + File.getName(last[0]);
	if (path == "-") return "";
	if (startsWith(path, "?")) return substring(path, 1);
	now = csv;
	source = path;
	e = measureFront();
	source = MANAGER;
	if (e == "" && csv == now) return "";
	return "the ROI Manager holds ROIs that are not those of " + File.getName(path) + " beside the image";
}

// Makes the ROIs of the ROI Manager, those drawn on the image, or those of a file the overlay of the board.
function loadRois() {
	if (startsWith(source, "?")) return substring(source, 1);
	isFile = !matches(source, MANAGER + "|" + DRAWN);
	first = 0; last = 0; promised = 0; // what the user has in the ROI Manager stays
	if (source != DRAWN) last = managerCount();
	if (isFile) {
		first = last;
		promised = parseInt(source);
		path = substring(source, indexOf(source, " ") + 1);
		roiManager("open", path);
		last = roiManager("count");
	}
	selectImage(board);
	if (last > 0) run("From ROI Manager");
	for (i = 0; i < first; i++) Overlay.removeSelection(0);
	if (source == DRAWN) takeDrawn();
	names = newArray(Overlay.size);
	for (i = 0; i < names.length; i++) {
		Overlay.activateSelection(i);
		names[i] = Roi.getName;
		if (last > 0) names[i] = RoiManager.getName(first + i);
		if (endsWith(source, ".roi")) names[i] = File.getNameWithoutExtension(path);
		// A name in a zip may have folders before it; the / of "high L5/S1" belongs to it.
		if (!matches(names[i], ".*[0-9]/[A-Za-z]*[0-9].*")) names[i] = replace(names[i], "(?s).*/", "");
	}
	if (isFile && first == 0) roiManager("reset");
	for (i = last - 1; first > 0 && i >= first; i--) {
		roiManager("select", i);
		roiManager("delete");
	}
	if (names.length < promised) return path + ": is not a readable RoiSet; save it again in ImageJ";
	if (names.length > 0) return "";
	why = "the ROI Manager is empty";
	if (source == DRAWN) why += ", and no ROIs are beside the image (NAME.zip, NAME_RoiSet.zip, NAME.roi) or inside it";
	return why + "; draw the whole cord and the high-intensity area, press t after each, and name them 'cord' and 'high'";
}

function takeDrawn() {
	selectImage(work);
	hasOverlay = Overlay.size > 0;
	if (hasOverlay) Overlay.copy;
	selectImage(board);
	if (hasOverlay) Overlay.paste;
	removeOutlines();
	selectImage(image);
	copyRoiTo(board);
	if (selectionType() >= 0) Overlay.addSelection;
}

// ---- roles, levels, slices -------------------------------------------------------------------------------------

// Reads the ROIs that were not read yet.
function readRois() {
	for (i = roles.length; i < names.length; i++) {
		e = readRoi(i, "ROI '" + names[i] + "'");
		if (e != "") return e;
	}
	for (i = 0; i < roles.length; i++) if (roles[i] == "cord") return "";
	return "no cord ROI among '" + String.join(names, "', '") + "'; name the whole cord 'cord' and the high-intensity area"
		+ " 'high' (with a level where there are several: 'cord L2', 'high L2'), or give them the ROI groups 1 and 2";
}

// Role, level and slice of a ROI, and whether it can be measured there.
function readRoi(i, roi) {
	if (List.get(names[i]) == "") List.set(names[i], String.trim(shared("action=names\n- " + replace(names[i], "[\n\r]", " "))));
	meaning = List.get(names[i]); // role|level, asked once for each name
	role = replace(meaning, "\\|.*", "");
	Overlay.activateSelection(i);
	type = selectionType();
	kind = ""; group = 0; c = 0; z = 0; t = 0; x = 0; y = 0; w = 0; h = 0; n = 0;
	if (type >= 0) {
		kind = Roi.getType;
		group = Roi.getGroup;
		Roi.getPosition(c, z, t);
		Roi.getBounds(x, y, w, h);
	}
	if (role == "" && group < 4) role = GROUPS[group];
	roles = Array.concat(roles, role); levels = Array.concat(levels, replace(meaning, ".*\\|", ""));
	slices = Array.concat(slices, -1); notes = Array.concat(notes, "");
	if (indexOf(role, " and ") > 0) return "the name of " + roi + " says " + role + "; rename it so that it says one";
	if ((type > 4 && type != 9) || kind == "text" || kind == "image") {
		if (role == "") return "";
		return roi + " is a " + kind + " selection and cannot be " + replace("a " + role, "a e", "an e")
			+ " ROI; draw an area (polygon, freehand, oval, rectangle)";
	}
	if (planes == 1) {
		c = maxOf(c, maxOf(z, t));
		if (c > 1) notes[i] = "ROI " + names[i] + " has the position " + c + ", and the image one slice: it was measured there, as ImageJ does";
		z = 0;
	} else if (z == 0 && matches(names[i], "(?s)[0-9]{4,6}-[0-9]{4,6}-[0-9]{4,6}.*")) {
		z = parseInt(replace(names[i], "(?s)-.*", "")); // label of an old ROI set: slice, y, x
		if (z > planes) z = 0;
	}
	if (z > planes) return roi + " lies on slice " + z + ", but the image has " + planes + "; check that the ROI set belongs to this image";
	slices[i] = z;
	if (x < 0 || y < 0 || x + w > width || y + h > height)
		notes[i] = replace("ROI " + names[i] + " reaches outside the image; the part inside is measured; " + notes[i], "; $", "");
	// Wholly outside, ImageJ would measure the whole image.
	if (w > 0 && h > 0 && x < width && y < height && x + w > 0 && y + h > 0) getRawStatistics(n);
	if (n == 0 && role != "") return roi + " covers no pixel of slice " + maxOf(1, z) + "; draw it on the image";
	return "";
}

// ROIs of a role that lie on a slice.
function onSlice(role, k) {
	found = newArray(0);
	for (i = 0; i < roles.length; i++) if (roles[i] == role && (slices[i] == 0 || slices[i] == k)) found = Array.concat(found, i);
	return found;
}

// ---- measuring -------------------------------------------------------------------------------------------------

// Measures a copy of the front image, so that its selection, slice and threshold stay.
function measureFront() {
	isHidden = is("Batch Mode");
	done = shared("action=suspend");
	if (!isHidden) setBatchMode(true);
	run("Duplicate...", "title=rhi-copy duplicate ignore");
	e = measureImage();
	if (e == "" && isDrawing) done = shared("action=outline image=" + image + " work=" + work + " board=" + board + outlines);
	selectImage(board);
	close();
	selectImage(work);
	close();
	selectImage(image);
	if (!isHidden) setBatchMode(false);
	done = shared("action=resume");
	return e;
}

// Measures the active image. Fills csv, areas and said; returns "" or the sentence that says what is wrong.
function measureImage() {
	csv = ""; areas = ""; said = ""; outlines = "";
	names = newArray(0); roles = newArray(0); levels = newArray(0); slices = newArray(0); notes = newArray(0);
	work = getImageID();
	width = getWidth(); height = getHeight(); planes = nSlices;
	isHyperstack = Stack.isHyperstack;
	readPixelSize();
	newImage("rhi-board", "8-bit black", width, height, 1);
	board = getImageID();
	if (isHyperstack) return "it has channels or frames; split them (Image > Color > Split Channels), or measure it by pyrhi";
	e = loadRois();
	firstFound = names.length;
	if (e == "") e = readRois();
	for (k = 1; k <= planes && e == ""; k++) e = checkSlice(k);
	if (e == "" && mode != "none") e = findHigh();
	for (k = 1; k <= planes && e == ""; k++) {
		cords = onSlice("cord", k);
		for (j = 0; j < cords.length && e == ""; j++) e = measureCord(k, cords[j]);
	}
	return e;
}

function readPixelSize() {
	getPixelSize(unit, pixelWidth, pixelHeight);
	imageWarnings = "";
	if (matches(unit, "(?i) *(microns?|microm(et[er]{2})|um|[\\u00b5\\u03bc]m) *")) {
		imageWarnings = "pixel size in micron: areas are in mm^2";
		pixelWidth /= 1000; pixelHeight /= 1000;
		unit = "mm";
	} else if (matches(unit, " *inch(es)? *") && pixelWidth != 1) {
		imageWarnings = "pixel size from a print resolution: check it against the scanner's";
		unit = "inch";
	} else if (matches(unit, " *|pixels?|inch(es)?")) {
		imageWarnings = replace("pixel size " + d2s(pixelWidth, 6) + " x " + d2s(pixelHeight, 6), "\\.?0+(?= |$)", "") + " without a unit of length";
		if (pixelWidth == 1 && pixelHeight == 1) imageWarnings = "no pixel size: areas are in pixel^2";
		unit = "pixel";
	}
	if (bitDepth() == 8 && !is("grayscale"))
		imageWarnings = add(imageWarnings, "colour table: its index values are measured, as in ImageJ");
}

// Lets RHI_Find_High_Intensity.ijm look in the cords that have no high ROI; what it finds is a ROI like those drawn.
function findHigh() {
	normal = replace(replace(mode, "ref.*", "reference"), "auto", "cord"); // which ROIs the limit comes from
	lines = "";
	for (k = 1; k <= planes; k++) {
		from = onSlice(normal, k); cords = onSlice("cord", k); excluded = onSlice("exclude", k);
		for (i = 0; i < excluded.length; i++) lines = lines + "\n" + k + " " + excluded[i] + " not";
		for (i = 0; i < from.length; i++) lines = lines + "\n" + k + " " + from[i] + " normal";
		for (i = 0; i < cords.length; i++) {
			mine = highsOf(cords[i], k);
			if (mine.length == 0) lines = lines + "\n" + k + " " + cords[i] + " in " + levels[cords[i]];
		}
	}
	e = find("action=regions high=[" + asked + "] work=" + work + " board=" + board + lines);
	if (startsWith(e, "error: ")) return substring(e, 7);
	selectImage(board);
	for (i = firstFound; i < Overlay.size; i++) {
		Overlay.activateSelection(i);
		names = Array.concat(names, Roi.getName);
	}
	e = readRois();
	return e;
}

// Whether each high ROI of a slice has one cord, by level where levels are named. Returns "" or what is wrong.
function checkSlice(k) {
	cords = onSlice("cord", k); highs = onSlice("high", k); unnamed = onSlice("", k);
	for (j = 0; j < cords.length; j++) {
		other = cordOf(cords[j], cords);
		if (other != cords[j]) return "slice " + k + " has two cord ROIs" + ofLevel(other) + " ('" + names[other] + "', '"
			+ names[cords[j]] + "'); delete one or name their levels ('cord L2', 'cord L3')";
	}
	for (h = 0; h < highs.length; h++)
		if (cordOf(highs[h], cords) < 0) return "high ROI '" + names[highs[h]] + "' on slice " + k + " has no cord"
			+ replace(ofLevel(highs[h]), "^$", " of its own") + "; draw the cord there, or name the level of both";
	if (cords.length > 0 && unnamed.length > 0 && highs.length == 0 && !isIgnore)
		return "ROI '" + names[unnamed[0]] + "' on slice " + k + " has no role, and no ROI of that slice is high: name it 'high', or"
			+ " 'exclude' to leave its pixels out, or delete it, or choose Ignore ROIs without a role to count it as nothing";
	return "";
}

// The first cord of the level of a ROI, or a slice's only cord where one of the two has no level; else -1.
function cordOf(roi, cords) {
	for (j = 0; j < cords.length; j++) if (levels[cords[j]] == levels[roi]) return cords[j];
	if (cords.length != 1) return -1;
	if (levels[roi] == "") return cords[0];
	if (levels[cords[0]] == "") return cords[0];
	return -1;
}

// The high ROIs of a cord on a slice.
function highsOf(cord, k) {
	cords = onSlice("cord", k); highs = onSlice("high", k);
	mine = newArray(0);
	for (h = 0; h < highs.length; h++) if (cordOf(highs[h], cords) == cord) mine = Array.concat(mine, highs[h]);
	return mine;
}

function ofLevel(roi) { return replace(" of level " + levels[roi], " of level $", ""); }

// One row.
function measureCord(k, cord) {
	highs = highsOf(cord, k);
	method = replace(mode, "none", "drawn");
	if (highs.length > 0) if (highs[0] < firstFound) method = "drawn";
	paint(k, cord, highs);
	getRawStatistics(n, mean, min, max, std, counts);
	warnings = "";
	isClipped = isClip && counts[3] > 0;
	if (isClipped) {
		warnings = "high area clipped to the cord";
		changeValues(3, 3, 0);
		counts[3] = 0;
	}
	cordPixels = counts[1] + counts[2];
	highPixels = counts[2] + counts[3];
	if (cordPixels == 0) return "slice " + k + ": the exclude ROIs cover the whole cord ROI '" + names[cord] + "'; make them smaller";
	rhi = 100 * highPixels / cordPixels;
	isWhole = counts[9] == 0;
	cordMean = meanOf(k, cord, isWhole, 1, 2);
	highMean = 0 / 0; outsidePercent = 0 / 0; highCount = 0;
	if (highPixels > 0) {
		outsidePercent = 100 * counts[3] / highPixels;
		isWhole = isWhole && highs.length == 1 && !isClipped;
		highMean = meanOf(k, highs[0], isWhole, 2, 3);
		highCount = countRegions();
	}
	level = levels[cord];
	for (m = 0; m < highs.length && level == ""; m++) level = levels[highs[m]];
	if (outsidePercent > 1) warnings = add(warnings, d2s(outsidePercent, 1) + " % of the high area lies outside the cord");
	if (rhi > 100) warnings = add(warnings, "RHI is over 100");
	excluded = onSlice("exclude", k);
	counted = Array.concat(cord, highs, excluded);
	for (m = 0; m < counted.length; m++) warnings = add(warnings, notes[counted[m]]);
	unnamed = onSlice("", k);
	for (m = 0; m < unnamed.length; m++) warnings = add(warnings, "ROI " + names[unnamed[m]] + " has no role and was not counted");
	warnings = add(warnings, imageWarnings);
	pixel = pixelWidth * pixelHeight;
	percent = 100 / (width * height);
	row = newArray(patient, imageName, k, level, rhi, cordPixels * pixel, highPixels * pixel, unit + "^2", cordPixels * percent,
		highPixels * percent, highCount, outsidePercent, cordMean, highMean, counts[9], "", method, warnings);
	addRow(row);
	areas = areas + cordPixels + " " + highPixels + " ";
	said += replace("slice " + k + " " + level, " $", "") + ": RHI " + d2s(rhi, 1) + " %\n";
	label = "";
	if (isLabel) label = " " + d2s(rhi, 1);
	place = "\n" + k * (planes > 1) + " ";
	outlines = outlines + place + cord + " cord" + label;
	for (m = 0; m < highs.length; m++) outlines = outlines + place + highs[m] + " high";
	return "";
}

// Adds a row to the lines of rhi.csv and, where it is shown, to the table RHI.
function addRow(row) {
	headings = split(HEADINGS, ",");
	line = 0;
	if (isDrawing) line = Table.size;
	for (i = 1; i <= row.length; i++) {
		c = i % row.length; // in the table Patient, which is the same in all rows, comes last
		isText = matches(headings[c], TEXTS);
		if (isText) cell = quoted(row[c]);
		else cell = num(row[c]);
		if (isDrawing && isText) Table.set(headings[c], line, row[c]);
		else if (isDrawing) Table.set(headings[c], line, parseFloat(cell));
		row[c] = cell;
	}
	csv += String.join(row, ",") + "\n";
}

// Paints the board: cord 1, high area 3, both 2, what is excluded of them 9.
function paint(k, cord, highs) {
	selectImage(board);
	Roi.remove;
	setColor(0);
	fill();
	setColor(3);
	for (i = 0; i < highs.length; i++) {
		Overlay.activateSelection(highs[i]);
		fill();
	}
	Overlay.activateSelection(cord);
	changeValues(0, 0, 1);
	changeValues(3, 3, 2);
	excluded = onSlice("exclude", k);
	for (i = 0; i < excluded.length; i++) {
		Overlay.activateSelection(excluded[i]);
		changeValues(1, 3, 9);
	}
	Roi.remove;
}

// Selects the pixels of the board that have such values.
function selectByBoard(lower, upper) {
	selectImage(board);
	Roi.remove;
	setThreshold(lower, upper);
	run("Create Selection");
	resetThreshold();
}

// Mean of what has such values on the board, where it stays selected; a ROI that is just this need not be traced.
function meanOf(k, roi, isWhole, lower, upper) {
	selectImage(board);
	if (isWhole) Overlay.activateSelection(roi);
	else selectByBoard(lower, upper);
	copyRoiTo(work);
	if (planes > 1) setSlice(k);
	getStatistics(area, mean);
	selectImage(board);
	return mean;
}

// Gives another image the selection of the active one, and makes it active.
function copyRoiTo(id) {
	hasRoi = selectionType() >= 0;
	if (hasRoi) Roi.copy;
	selectImage(id);
	Roi.remove;
	if (hasRoi) Roi.paste;
}

// 8-connected regions of the selection on the board. In a macro of its own, because one with "var" writes
// floodFill into an open Recorder.
function countRegions() {
	n = eval("Roi.getContainedPoints(xs, ys); setColor(254); fill(); setColor(255); n = 0; for (i = 0; i < xs.length; i++) {"
		+ "if (getPixel(xs[i], ys[i]) == 254) { floodFill(xs[i], ys[i], '8-connected'); n++; } } return '' + n;");
	return parseInt(n);
}

// ---- what is shown and saved -----------------------------------------------------------------------------------

// Measures once more, which fills the table RHI, and outlines on the copy, which are added to what else the overlay has.
function showFound() {
	removeOutlines();
	isNew = !isOpen("RHI");
	Table.create("RHI");
	isDrawing = true;
	e = measureFront();
	Table.update;
	if (isNew) Table.setLocationAndSize(20, screenHeight - 320, minOf(1200, screenWidth - 40), 240, "RHI");
	selectImage(image);
	showStatus(substring(said, 0, indexOf(said, "\n")) + ". " + RESEARCH_USE);
}

function removeOutlines() {
	if (Overlay.size > 0) Overlay.removeRois("RHI cord");
	if (Overlay.size > 0) Overlay.removeRois("RHI high");
}

// Writes NAME.rhi.csv and says what became of it.
function saveTable() {
	path = folder + replace(imageName, "(?i)\\.(tiff?|png)$", ".rhi.csv");
	if (folder == "") said += "Not saved, because the image has no file: save it first. ";
	else if (!endsWith(path, ".rhi.csv"))
		said += "Not saved: nothing is written into a DICOM folder, only beside a TIFF or PNG; use File > Save As of the table. ";
	else {
		File.saveString(HEADINGS + "\n" + csv, path);
		said += "Saved in " + path + ". ";
	}
}

// ---- text and numbers ------------------------------------------------------------------------------------------

// A text as cell of a CSV that no spreadsheet takes for a formula.
function quoted(text) {
	if (matches(text, "(?s)[=+\\-@\t\r].*")) text = "'" + text;
	if (matches(text, "(?s).*[\",\n\r].*")) text = "\"" + replace(text, "\"", "\"\"") + "\"";
	return text;
}

// A text with another after "; ", where it does not have it yet.
function add(text, more) {
	if (more == "" || indexOf("; " + text + "; ", "; " + more + "; ") >= 0) return text;
	if (text == "") return more;
	return text + "; " + more;
}

// A number with ten digits or more.
function num(x) {
	if (x == floor(x)) return d2s(x, 0);
	if (abs(x) >= 1) return d2s(x, 9);
	return d2s(x, -9);
}
