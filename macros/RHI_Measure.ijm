// RHI Measure: ratio of high-intensity area (RHI) of the front image, by the ROIs of the ROI Manager.
//
// RHI = 100 * high-intensity area / whole cord area, of every slice and level that has a cord.
// The numbers are those of "pyrhi measure"; every area, mean and threshold is ImageJ's own.
// Research use only; not a medical device.
//
// Needs ImageJ 1.53k or later, plain or Fiji. Put it at plugins/RHI/RHI_Measure.ijm; it is then
// Plugins > RHI > RHI Measure. ImageJ reads macro files as ISO-8859-1, so this one is ASCII.
//
// ROIs get their role by a whole word of their name, else by their group:
//   cord (whole, canal, vertebra, body)  or group 1: the whole cord
//   high (hyper, lesion, met)            or group 2: the high-intensity area
//   normal (reference, ref)              or group 3: reference tissue, for high=ref+3sd
// A level in the name (cord L2, high L2) tells several cords of a slice apart.
//
// Without an argument it asks, and can be recorded: run("RHI Measure", "high=none fixed=0 save");
// With an argument (runMacro(path, argument)) it shows no dialog:
//   action=rows image=[TEXT] patient=[TEXT] high=[MODE] clip
//       returns the lines of rhi.csv without heading, or "error: " and one sentence;
//       file=[FILE] opens that TIFF or PNG first and closes it again; its ROIs come from
//       rois=[FILE] or, with rois=embedded, from the image, not from the ROI Manager
//   action=batch high=[MODE] clip, with file=[FILE] rois=[FILE] image=[TEXT] patient=[TEXT] on
//       each of the following lines
//       returns what action=rows does, for each of them, separated by the character 30
//   action=table high=[MODE] clip
//       fills the table RHI and the overlay; returns "" or "error: " and one sentence
//   action=find high=[MODE] cord=INDEX
//       selects the high area found inside that ROI of the ROI Manager; returns the same
//   action=check high=[MODE]
//       tells whether there is such a mode; returns the same
//   action=write file=[FILE], with a text on the following lines
//       writes that text as UTF-8, whole or not at all; returns the same
// MODE: none, a method of Image > Adjust > Threshold, a number (least calibrated grey value),
// ref+3sd, ref+3mad, or auto (median + 5 robust SD of the image's cord).

var HEADINGS = "Patient,Image,Slice,Level,CordArea,HighArea,Unit,CordPercent,HighPercent,RHI,HighCount,HighOutsidePercent,CordMean,HighMean,Method,Warnings";
var COLUMNS = 16;
var TABLE = "RHI";
var RESEARCH_USE = "Research use only; not a medical device.";
var CORD = 1, HIGH = 2, REFERENCE = 3, OTHER = 0;
var ROLE_NAMES = newArray("", "cord", "high", "reference");
var CORD_WORDS = newArray("cord", "whole", "canal", "vertebra", "body");
var HIGH_WORDS = newArray("high", "hyper", "lesion", "met");
var REFERENCE_WORDS = newArray("normal", "reference", "ref");
var LEVELS = newArray("C1", "C2", "C3", "C4", "C5", "C6", "C7", "T1", "T2", "T3", "T4", "T5", "T6",
	"T7", "T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3", "S4", "S5");
var OUTSIDE_WARNING_PERCENT = 1;
var MAD_TO_SD = 1.4826;
var AUTO_SPREADS = 5;
var CORD_COLOR = "#ffd040", HIGH_COLOR = "#ff4040";
var CORD_OUTLINE = "RHI cord", HIGH_OUTLINE = "RHI high";

var NONE = 0, METHOD = 1, FIXED = 2, REF = 3, AUTO = 4;

// Sentences, as pyrhi says them.
var NO_IMAGE = "no image is open; open the MRI slice and its ROIs first";
var NO_ROIS = "the ROI Manager is empty; draw the whole cord and the high-intensity area, press t after each, and name them 'cord' and 'high'";
var NO_ROIS_BESIDE = "no ROIs beside it (NAME.zip, NAME.RoiSet.zip, NAME_RoiSet.zip, NAME.roi) or inside it; save its ROI set there";
var HOW_TO_NAME = "name the whole cord 'cord' and the high-intensity area 'high' (with a level where there are several: 'cord L2', 'high L2'), or give them the ROI groups 1 and 2";
var DRAW_AN_AREA = "draw an area (polygon, freehand, oval, rectangle)";
var CHECK_SET = "check that the ROI set belongs to this image";
var NO_RGB = "ImageJ does not threshold RGB images; convert it to 8-bit";
var NO_PIXEL_SIZE = "no pixel size: areas are in pixel^2";
var COLOR_TABLE = "colour table: its index values are measured, as in ImageJ";
var PAIRING_REMEDY = "; draw the cord there, or name the level of both";
var DAMAGED = " is truncated or damaged; export it again";
// Bytes of a name that Java can read.
var UTF8 = "(?s)([\\x00-\\x7f]|[\\xc2-\\xdf][\\x80-\\xbf]|[\\xe0-\\xef][\\x80-\\xbf]{2}|[\\xf0-\\xf4][\\x80-\\xbf]{3})*";
var MOST_POINTS = 5000000;
var ROI_NONE = " is not an ImageJ ROI; save it from the ROI Manager";
var ROI_DAMAGED = " is damaged or truncated; save it again in ImageJ";
var CLIPPED = "high area clipped to the cord";
var OVER_100 = "RHI is over 100";

// What is asked for.
var highKind, highText, highMethod, highValue, highSpreads, highRobust, clip;
// The image.
var imageId, imageName, patient, width, height, channels, slices, frames, planes, depth;
var pixelWidth, pixelHeight, areaUnit, imageWarnings;
// Its ROIs, one entry each; span is "|1|2|" with the slices that a ROI lies on.
var roiCount, names, roles, levels, pixels, reaches, isArea, spans;
// Centre and spread of the reference pixels.
var center, spread;
// Working images: the ROIs on a mask, and the slice that is measured.
var board, plane, planeNumber;
// Results: lines of CSV, and the same cells one by one.
var csv, cells, rowCount, outlines;
// What is put back at the end.
var hidden, oldSlice, kept, oldMethod;
// An entry of a zip: its bytes, how many are there, where the packed ones are read, and sums.
var unpacked, filled, byteAt, bytesEnd, bitsHeld, bitCount;
var sumHigh = newArray(0), sumLow;
// The digits of a number and its decimal exponent; a number times a power of ten, unrounded.
var digits, exponent, scaledHigh, scaledLow;
// What was asked for, and where the ROIs come from.
var action, roiSource;
// What the file itself says: its bytes read so far, and what follows from them.
var file, head, little, fileWidth, fileHeight, filePlanes, fileWarnings, filePalette, fileDescription;
var isTiff, fileX, fileY;

requires("1.53k");
argument = getArgument();
action = option(firstLine(argument), "action");
answer = "";
if (action == "rows") answer = rowsAction(argument);
else if (action == "batch") answer = batchAction(argument);
else if (action == "table") answer = tableAction(argument);
else if (action == "find") answer = findAction(argument);
else if (action == "check") answer = checkAction(argument);
else if (action == "write") answer = writeAction(argument);
else if (argument != "") answer = "error: unknown argument " + argument + "; see the head of RHI_Measure.ijm";
else interactive();
return answer;

// ---------------------------------------------------------------- the four ways in

function rowsAction(argument) {
	e = parseHigh(option(argument, "high"));
	if (e != "") return "error: " + e;
	clip = hasFlag(argument, "clip");
	answer = rowsOf(argument);
	return answer;
}

// One answer for each line of the argument after the first, separated by the character 30: to read
// this file again for each image would take most of a batch's time.
function batchAction(argument) {
	lines = split(argument, "\n");
	e = parseHigh(option(lines[0], "high"));
	if (e != "") return "error: " + e;
	clip = hasFlag(lines[0], "clip");
	answers = "";
	for (a = 1; a < lines.length; a++) {
		IJ.redirectErrorMessages();
		before = nImages;
		if (a > 1) answers = answers + fromCharCode(30);
		answers = answers + rowsOf(lines[a]);
		while (nImages > before) close();
	}
	return answers;
}

function rowsOf(argument) {
	e = "";
	path = option(argument, "file");
	rois = option(argument, "rois");
	if (rois != "" && rois != "embedded") e = checkRoiFile(rois);
	if (e == "" && path != "") e = openFile(path);
	if (e == "") {
		e = measureImage(option(argument, "image"), option(argument, "patient"), rois);
		if (path != "") close();
	}
	if (e != "") return "error: " + e;
	return csv;
}

function tableAction(argument) {
	e = parseHigh(option(argument, "high"));
	if (e != "") return "error: " + e;
	clip = hasFlag(argument, "clip");
	if (nImages == 0) return "error: " + NO_IMAGE;
	e = measureImage(fileNameOf(), folderNameOf(getFolder()), "");
	if (e != "") return "error: " + e;
	showTable();
	return "";
}

function findAction(argument) {
	e = parseHigh(option(argument, "high"));
	if (e != "") return "error: " + e;
	if (highKind == NONE) return "error: high=none finds nothing; choose a method, a number, ref+3sd or auto";
	e = findHigh(parseInt(option(argument, "cord")));
	if (e != "") return "error: " + e;
	return "";
}

function checkAction(argument) {
	e = parseHigh(option(argument, "high"));
	if (e != "") e = "error: " + e;
	return e;
}

// The text to write follows the first line of the argument.
function writeAction(argument) {
	at = indexOf(argument, "\n");
	e = writeText(option(firstLine(argument), "file"), substring(argument, at + 1));
	if (e != "") e = "error: " + e;
	return e;
}

function interactive() {
	if (nImages == 0) exit(capital(NO_IMAGE) + ".");
	methods = getList("threshold.methods");
	modes = Array.concat(newArray("none"), methods, newArray("ref+3sd", "ref+3mad", "auto", "fixed"));
	Dialog.create("RHI Measure");
	Dialog.addMessage("RHI = 100 * high-intensity area / whole cord area.\n" + RESEARCH_USE);
	Dialog.addChoice("High area where none is drawn", modes, "none");
	Dialog.addNumber("Fixed least grey value", 0);
	Dialog.addCheckbox("Clip to the cord", false);
	Dialog.addCheckbox("Save NAME.rhi.csv beside the image", true);
	Dialog.show();
	mode = Dialog.getChoice();
	value = Dialog.getNumber();
	clip = Dialog.getCheckbox();
	saves = Dialog.getCheckbox();
	if (mode == "fixed") mode = num(value);
	e = parseHigh(mode);
	if (e == "") e = measureImage(fileNameOf(), folderNameOf(getFolder()), "");
	if (e != "") exit(capital(e) + ".");
	showTable();
	said = imageName + ": " + rowCount + " rows in the table " + TABLE;
	folder = getFolder();
	if (saves && folder == "") said += "; not saved, because the image has no file: save it first";
	if (saves && folder != "") {
		path = folder + stemOf(imageName) + ".rhi.csv";
		e = writeText(path, HEADINGS + "\n" + csv + "\n");
		if (e != "") exit(capital(e) + ".");
		said += " and in " + path;
	}
	print(said + ". " + RESEARCH_USE);
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
	while (end >= 0 && !isEnd(substring(text, end + 1)))
		end = indexOf(text, "]", end + 1);
	if (end < 0) end = lengthOf(text);
	value = substring(text, start, end);
	return value;
}

function firstLine(text) {
	end = indexOf(text, "\n");
	if (end >= 0) text = substring(text, 0, end);
	return text;
}

// True for what may follow the closing bracket of a value: nothing, or another option.
function isEnd(rest) {
	if (matches(rest, "\\s*")) return true;
	return matches(rest, "(?s) +(clip|(action|file|image|patient|high|rois|cord|input|output)=).*");
}

function hasFlag(text, flag) {
	return matches(text, "(?s)(.* )?" + flag + "( .*)?");
}

function parseHigh(text) {
	text = String.trim(text);
	lower = toLowerCase(text);
	highKind = NONE;
	highText = "drawn";
	if (text == "" || lower == "none") return "";
	methods = getList("threshold.methods");
	for (i = 0; i < methods.length; i++) {
		if (lower == toLowerCase(methods[i])) {
			highKind = METHOD;
			highMethod = methods[i];
			highText = methods[i];
			return "";
		}
	}
	if (lower == "auto") {
		highKind = AUTO;
		highText = "auto";
		highSpreads = AUTO_SPREADS;
		highRobust = true;
		return "";
	}
	if (matches(lower, "ref\\+[0-9]+(\\.[0-9]+)?(sd|mad)")) {
		highKind = REF;
		highText = lower;
		highRobust = endsWith(lower, "mad");
		highSpreads = parseFloat(replace(substring(lower, 4), "(sd|mad)", ""));
		return "";
	}
	if (matches(lower, "[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)(e[-+]?[0-9]+)?")) {
		highValue = parseFloat(lower);
		if (abs(highValue) < 1 / 0) {
			highKind = FIXED;
			highText = "fixed " + general(highValue);
			return "";
		}
	}
	return "high=" + quoted(text) + " is not known; use a method (" + join(methods, ", ") + "), a number, ref+3sd, ref+3mad or auto";
}

// ---------------------------------------------------------------- measuring

// Fills csv, cells and rowCount; returns "" or the sentence that says what is wrong.
function measureImage(name, patientName, source) {
	e = begin(name, patientName, source);
	if (e == "") e = readRois();
	if (e == "") e = checkRoles();
	if (e == "") e = placeRois();
	if (e == "" && highKind == METHOD && depth == 24) e = "high=" + highText + ": " + NO_RGB;
	if (e == "" && highKind == REF) e = readReference(REFERENCE);
	if (e == "" && highKind == AUTO) e = readReference(CORD);
	csv = "";
	cells = newArray(0);
	outlines = newArray(0);
	rowCount = 0;
	for (k = 1; k <= planes && e == ""; k++) {
		if (liesOn(CORD, k) || liesOn(HIGH, k)) e = measureSlice(k);
	}
	finish();
	return e;
}

// Remembers the state of ImageJ, opens the working images and reads what the image says of itself.
function begin(name, patientName, source) {
	board = 0;
	plane = 0;
	planeNumber = 0;
	imageId = 0;
	if (nImages == 0) return NO_IMAGE;
	hidden = is("Batch Mode");
	imageId = getImageID();
	imageName = name;
	patient = patientName;
	roiSource = source;
	getDimensions(width, height, channels, slices, frames);
	planes = nSlices;
	depth = bitDepth();
	oldSlice = getSliceNumber();
	oldMethod = getInfo("threshold.method");
	getPixelSize(unit, pixelWidth, pixelHeight);
	readWarnings(singular(unit));
	if (!hidden) setBatchMode(true);
	kept = false;
	if (roiSource != "embedded" && selectionType() >= 0) {
		// The selection waits in the overlay, because a copy of a slice would be cut to it.
		Overlay.addSelection;
		kept = true;
		run("Select None");
	}
	return "";
}

function finish() {
	if (plane != 0) closeImage(plane);
	if (board != 0) closeImage(board);
	if (imageId == 0) return;
	selectImage(imageId);
	if (kept) {
		Overlay.activateSelection(Overlay.size - 1);
		Overlay.removeSelection(Overlay.size - 1);
	}
	if (planes > 1 && getSliceNumber() != oldSlice) setSlice(oldSlice);
	call("ij.plugin.frame.ThresholdAdjuster.setMethod", oldMethod);
	if (!hidden) setBatchMode(false);
}

function closeImage(id) {
	selectImage(id);
	close();
}

// Puts the ROIs, from wherever they come, into the overlay of a black image.
function readRois() {
	above = 0;
	if (roiSource == "embedded") {
		n = Overlay.size;
		if (selectionType() >= 0) {
			Overlay.addSelection;
			n++;
			run("Select None");
		}
		if (n == 0) return NO_ROIS_BESIDE;
		Overlay.copy;
	} else {
		// ROIs of a file stand below those that the user has in the list, until they are read.
		if (roiSource != "") {
			above = roiManager("count");
			roiManager("open", roiSource);
		}
		n = roiManager("count") - above;
		if (n == 0) return NO_ROIS;
	}
	roiCount = n;
	newImage("rhi-board", "8-bit black", width, height, 1);
	board = getImageID();
	if (roiSource == "embedded") Overlay.paste;
	else run("From ROI Manager");
	for (i = 0; i < above; i++) Overlay.removeSelection(0);
	names = newArray(n);
	roles = newArray(n);
	levels = newArray(n);
	pixels = newArray(n);
	reaches = newArray(n);
	isArea = newArray(n);
	spans = newArray(n);
	groups = newArray(n);
	for (i = 0; i < n; i++) {
		Overlay.activateSelection(i);
		// A ROI of no size is none for ImageJ; it has no pixels and no group.
		isSelected = selectionType() >= 0;
		group = 0;
		if (isSelected) group = Roi.getGroup;
		// Old versions take no text from a function into an array.
		name = "";
		if (roiSource != "embedded") name = nameInManager(above + i);
		else if (isSelected) name = Roi.getName;
		names[i] = name;
		groups[i] = group;
		level = levelOf(name);
		levels[i] = level;
	}
	if (above > 0) forgetInManager(above, n);
	for (i = 0; i < n; i++) {
		e = roleOf(i, groups[i]);
		if (e != "") return e;
	}
	return "";
}

// Leaves the list of the ROI Manager as it was before a file was opened into it.
function forgetInManager(above, n) {
	if (IJ.getFullVersion >= "1.54") {
		// Without selecting them, which would put them onto the user's image.
		for (i = n - 1; i >= 0; i--) RoiManager.delete(above + i);
		return;
	}
	added = newArray(n);
	for (i = 0; i < n; i++) added[i] = above + i;
	roiManager("select", added);
	roiManager("delete");
}

function nameInManager(i) {
	name = call("ij.plugin.frame.RoiManager.getName", "" + i);
	// A single .roi file is known by its own name, as in pyrhi.
	if (endsWith(toLowerCase(roiSource), ".roi")) name = File.getNameWithoutExtension(roiSource);
	name = replace(name, "\\\\", "/");
	name = substring(name, lastIndexOf(name, "/") + 1);
	return name;
}

// Role by the whole words of the name, else by the group.
function roleOf(i, group) {
	// A word is a run of letters, so that cord1, cord_1 and cord-1 all hold the word cord.
	words = " " + replace(toLowerCase(names[i]), "[^\\p{L}\\p{Nl}\\p{No}]+", " ") + " ";
	found = newArray(hasWord(words, CORD_WORDS), hasWord(words, HIGH_WORDS), hasWord(words, REFERENCE_WORDS));
	said = "";
	roles[i] = OTHER;
	for (r = 0; r < 3; r++) {
		if (!found[r]) continue;
		if (said != "") said += " and ";
		said += ROLE_NAMES[r + 1];
		roles[i] = r + 1;
	}
	if (found[0] + found[1] + found[2] > 1)
		return "the name of ROI " + quoted(names[i]) + " says " + said + "; rename it so that it says one";
	if (said == "" && group >= CORD && group <= REFERENCE) roles[i] = group;
	return "";
}

function hasWord(words, wanted) {
	for (w = 0; w < wanted.length; w++)
		if (indexOf(words, " " + wanted[w] + " ") >= 0) return true;
	return false;
}

// Vertebral levels in a name, joined from head to foot.
function levelOf(name) {
	words = " " + replace(toUpperCase(name), "[^\\p{L}\\p{N}]+", " ") + " ";
	level = "";
	if (!matches(words, ".* [CTLS][0-9]{1,2} .*")) return level;
	for (l = 0; l < LEVELS.length; l++) {
		if (indexOf(words, " " + LEVELS[l] + " ") < 0) continue;
		if (level != "") level += "-";
		level += LEVELS[l];
	}
	return level;
}

function checkRoles() {
	said = "";
	for (i = 0; i < roiCount; i++) {
		if (roles[i] == CORD) return "";
		if (i > 0) said += ", ";
		said = said + quoted(names[i]);
	}
	return "no cord ROI among " + said + "; " + HOW_TO_NAME;
}

// Slices and pixels of every ROI.
function placeRois() {
	for (i = 0; i < roiCount; i++) {
		selectImage(board);
		Overlay.activateSelection(i);
		type = selectionType();
		kind = "";
		if (type >= 0) kind = Roi.getType;
		encloses = (type <= 4 || type == 9) && kind != "text" && kind != "image";
		isArea[i] = encloses;
		spans[i] = "|";
		if (!isArea[i]) {
			if (roles[i] != OTHER)
				return "ROI " + quoted(names[i]) + " is a " + kind + " selection and cannot be a " + ROLE_NAMES[roles[i]] + " ROI; " + DRAW_AN_AREA;
			continue;
		}
		countPixels(i);
		e = spanOf(i);
		if (e != "") return e;
		if (roles[i] != OTHER && pixels[i] == 0) {
			first = substring(spans[i], 1, indexOf(spans[i], "|", 1));
			return "ROI " + quoted(names[i]) + " covers no pixel of slice " + first + "; draw it on the image";
		}
	}
	return "";
}

function countPixels(i) {
	pixels[i] = 0;
	reaches[i] = false;
	if (selectionType() < 0) return;
	Roi.getBounds(x, y, w, h);
	beyond = x < 0 || y < 0 || x + w > width || y + h > height;
	reaches[i] = beyond;
	// Wholly outside, ImageJ would measure the whole image.
	if (w < 1 || h < 1 || x >= width || y >= height || x + w <= 0 || y + h <= 0) return;
	getRawStatistics(n);
	pixels[i] = n;
}

// The slices on which a ROI lies; without a position all of them. The board shows it.
function spanOf(i) {
	c = 0; z = 0; t = 0;
	if (selectionType() >= 0) Roi.getPosition(c, z, t);
	position = 0;
	if (slices == planes) position = z;
	else if (c == 0 && t == 0 && z > 0) {
		if (isStackPosition(i, z)) position = z;
	}
	if (position == 0 && (c > 0 || z > 0 || t > 0)) {
		e = checkPosition(i, c, channels, "channel");
		if (e == "") e = checkPosition(i, z, slices, "slice");
		if (e == "") e = checkPosition(i, t, frames, "frame");
		if (e != "") return e;
		for (tt = 1; tt <= frames; tt++)
			for (zz = 1; zz <= slices; zz++)
				for (cc = 1; cc <= channels; cc++)
					if ((t == 0 || t == tt) && (z == 0 || z == zz) && (c == 0 || c == cc))
						spans[i] = spans[i] + (((tt - 1) * slices + zz - 1) * channels + cc) + "|";
		return "";
	}
	// Labels of old ROI sets, such as 0003-0123-0456: slice, y, x.
	if (position == 0 && matches(names[i], "(?s)[0-9]{4,6}-[0-9]{4,6}-[0-9]{4,6}.*")) {
		position = parseInt(substring(names[i], 0, indexOf(names[i], "-")));
		if (position > planes) position = 0;
	}
	if (position > 0) {
		spans[i] = spans[i] + position + "|";
		e = checkPosition(i, position, planes, "slice");
		return e;
	}
	for (k = 1; k <= planes; k++) spans[i] = spans[i] + k + "|";
	return "";
}

function checkPosition(i, value, size, what) {
	if (value <= size) return "";
	return "ROI " + quoted(names[i]) + " lies on " + what + " " + value + ", but the image has " + size + "; " + CHECK_SET;
}

// True where z is a position in the whole stack, false where it is one among channel, slice and
// frame: a hyperstack goes to a stack position, but keeps its channel and frame otherwise.
function isStackPosition(i, z) {
	selectImage(board);
	Overlay.copy;
	newImage("rhi-positions", "8-bit black", 1, 1, channels, slices, frames);
	Overlay.paste;
	setSlice(planes);
	Overlay.activateSelection(i);
	here = getSliceNumber();
	close();
	selectImage(board);
	isThere = here == z;
	return isThere;
}

function liesOn(role, k) {
	for (i = 0; i < roiCount; i++)
		if (roles[i] == role && indexOf(spans[i], "|" + k + "|") >= 0) return true;
	return false;
}

// Rows of one slice: each cord with its high ROIs, by level where levels are named.
function measureSlice(k) {
	cords = newArray(0);
	unnamed = newArray(0);
	on = newArray(0);
	for (i = 0; i < roiCount; i++) {
		if (indexOf(spans[i], "|" + k + "|") < 0) continue;
		if (roles[i] == OTHER) unnamed = Array.concat(unnamed, i);
		if (roles[i] == HIGH) on = Array.concat(on, i);
		if (roles[i] != CORD) continue;
		for (j = 0; j < cords.length; j++)
			if (levels[cords[j]] == levels[i]) {
				e = twoCords(k, cords[j], i);
				return e;
			}
		cords = Array.concat(cords, i);
	}
	owner = newArray(on.length);
	for (j = 0; j < on.length; j++) {
		owner[j] = ownerOf(on[j], cords);
		if (owner[j] < 0) {
			e = noCord(k, on[j], cords);
			return e;
		}
	}
	for (j = 0; j < cords.length; j++) {
		highs = newArray(0);
		for (m = 0; m < on.length; m++)
			if (owner[m] == j) highs = Array.concat(highs, on[m]);
		e = measureCord(k, cords[j], highs, unnamed);
		if (e != "") return e;
	}
	return "";
}

function twoCords(k, a, b) {
	ofLevel = "";
	if (levels[a] != "") ofLevel = " of level " + levels[a];
	return "slice " + k + " has two cord ROIs" + ofLevel + " (" + quoted(names[a]) + ", " + quoted(names[b]) + "); delete one or name their levels ('cord L2', 'cord L3')";
}

// Index of the cord to which a high ROI belongs, or -1.
function ownerOf(high, cords) {
	hasUnlevelled = false;
	for (j = 0; j < cords.length; j++) {
		if (levels[cords[j]] == levels[high]) return j;
		if (levels[cords[j]] == "") hasUnlevelled = true;
	}
	if (cords.length == 1 && (levels[high] == "" || hasUnlevelled)) return 0;
	return -1;
}

function noCord(k, high, cords) {
	said = "high ROI " + quoted(names[high]) + " on slice " + k + " has no cord";
	if (levels[high] != "") said += " of level " + levels[high];
	else said += " of its own";
	for (j = 0; j < cords.length; j++) {
		if (j == 0) said += " (cords: ";
		else said += ", ";
		said += names[cords[j]];
	}
	if (cords.length > 0) said += ")";
	return said + PAIRING_REMEDY;
}

// One row.
function measureCord(k, cord, highs, unnamed) {
	openPlane(k);
	Overlay.activateSelection(cord);
	getStatistics(area, cordMean);
	// ImageJ's own area leaves out pixels that are NaN; the cord has them all the same.
	cordArea = pixels[cord] * pixelWidth * pixelHeight;
	method = "drawn";
	if (highs.length == 0) method = highText;
	// On the board the high area is 201 inside the cord and 200 outside, the rest of the cord 1.
	if (method == "drawn") {
		clearBoard();
		setColor(200);
		for (h = 0; h < highs.length; h++) {
			Overlay.activateSelection(highs[h]);
			fill();
		}
		Overlay.activateSelection(cord);
		run("Add...", "value=1");
		run("Select None");
	} else {
		e = findInside(cord);
		if (e != "") return e;
	}
	getRawStatistics(n, mean, min, max, std, counts);
	inside = counts[201];
	outside = counts[200];
	highPixels = inside + outside;
	outsidePercent = 0 / 0;
	if (highPixels > 0) outsidePercent = 100 * outside / highPixels;
	warnings = newArray(0);
	isClipped = clip && outside > 0;
	if (isClipped) {
		highPixels = inside;
		outsidePercent = 0;
		if (highPixels == 0) outsidePercent = 0 / 0;
		warnings = Array.concat(warnings, CLIPPED);
	}
	highArea = 0;
	highMean = 0 / 0;
	highCount = 0;
	if (highPixels > 0) {
		isOne = highs.length == 1 && !isClipped;
		if (isOne) Overlay.activateSelection(highs[0]);
		else {
			if (isClipped) setThreshold(201, 201);
			else setThreshold(200, 201);
			run("Create Selection");
			resetThreshold();
		}
		highCount = countRegions();
		if (isOne) {
			selectImage(plane);
			Overlay.activateSelection(highs[0]);
		} else
			boardToPlane();
		getStatistics(area, highMean);
		highArea = highPixels * pixelWidth * pixelHeight;
	}
	rhi = 100 * highArea / cordArea;
	if (outsidePercent > OUTSIDE_WARNING_PERCENT)
		warnings = Array.concat(warnings, d2s(outsidePercent, 1) + " % of the high area lies outside the cord");
	if (rhi > 100) warnings = Array.concat(warnings, OVER_100);
	measured = Array.concat(newArray(1), highs);
	measured[0] = cord;
	for (m = 0; m < measured.length; m++)
		if (reaches[measured[m]])
			warnings = Array.concat(warnings, "ROI " + names[measured[m]] + " reaches outside the image; the part inside is measured");
	for (m = 0; m < unnamed.length; m++)
		warnings = Array.concat(warnings, "ROI " + names[unnamed[m]] + " has no role and was not counted");
	level = levels[cord];
	for (m = 0; m < highs.length && level == ""; m++) level = levels[highs[m]];
	imagePixels = width * height;
	row = newArray(0);
	cell = textCell(patient);
	row = Array.concat(row, cell);
	cell = textCell(imageName);
	row = Array.concat(row, cell);
	cell = "" + k;
	row = Array.concat(row, cell);
	cell = level;
	row = Array.concat(row, cell);
	cell = num(cordArea);
	row = Array.concat(row, cell);
	cell = num(highArea);
	row = Array.concat(row, cell);
	cell = textCell(areaUnit);
	row = Array.concat(row, cell);
	cell = num(100 * pixels[cord] / imagePixels);
	row = Array.concat(row, cell);
	cell = num(100 * highPixels / imagePixels);
	row = Array.concat(row, cell);
	cell = num(rhi);
	row = Array.concat(row, cell);
	cell = "" + highCount;
	row = Array.concat(row, cell);
	cell = num(outsidePercent);
	row = Array.concat(row, cell);
	cell = num(cordMean);
	row = Array.concat(row, cell);
	cell = num(highMean);
	row = Array.concat(row, cell);
	cell = textCell(method);
	row = Array.concat(row, cell);
	cell = textCell(joinOnce(Array.concat(warnings, imageWarnings)));
	row = Array.concat(row, cell);
	addRow(row);
	outlines = Array.concat(outlines, "cord " + cord + " " + k);
	for (m = 0; m < highs.length; m++) outlines = Array.concat(outlines, "high " + highs[m] + " " + k);
	if (method != "drawn" && highPixels > 0 && action != "rows") keepFound(k);
	return "";
}

function addRow(row) {
	if (rowCount > 0) csv += "\n";
	csv = csv + join(row, ",");
	cells = Array.concat(cells, row);
	rowCount++;
}

// Makes the copy of a slice the active image, with the ROIs as its overlay. ImageJ measures it,
// so that threshold, display and selection of the image itself stay as they are.
function openPlane(k) {
	if (planeNumber == k) {
		selectImage(plane);
		return;
	}
	if (plane != 0) closeImage(plane);
	selectImage(board);
	Overlay.copy;
	selectImage(imageId);
	if (planes == 1)
		run("Duplicate...", "title=rhi-slice");
	else if (channels * frames == 1) {
		setSlice(k);
		run("Duplicate...", "title=rhi-slice");
	} else {
		c = (k - 1) % channels + 1;
		z = floor((k - 1) / channels) % slices + 1;
		t = floor((k - 1) / channels / slices) + 1;
		run("Duplicate...", "title=rhi-slice duplicate channels=" + c + " slices=" + z + " frames=" + t);
	}
	plane = getImageID();
	planeNumber = k;
	Overlay.paste;
}

function clearBoard() {
	selectImage(board);
	run("Select None");
	setColor(0);
	fill();
}

// Gives the selection of the board to the slice, by way of the overlay that both have.
function boardToPlane() {
	Overlay.addSelection;
	last = Overlay.size - 1;
	Overlay.copy;
	selectImage(plane);
	Overlay.paste;
	Overlay.activateSelection(last);
	Overlay.removeSelection(last);
	forgetOnBoard(last);
}

function forgetOnBoard(last) {
	id = getImageID();
	selectImage(board);
	if (Overlay.size > last) Overlay.removeSelection(last);
	selectImage(id);
}

// 8-connected regions of the selection on the board, by ImageJ's flood fill.
function countRegions() {
	Roi.getContainedPoints(xs, ys);
	setColor(255);
	fill();
	setColor(254);
	count = 0;
	for (p = 0; p < xs.length; p++) {
		if (getPixel(xs[p], ys[p]) == 255) {
			floodFill(xs[p], ys[p], "8-connected");
			count++;
		}
	}
	return count;
}

// ---------------------------------------------------------------- finding the high area

// Writes the high area found inside a cord onto the board, as 201; returns "" or a sentence.
function findInside(cord) {
	if (highKind == METHOD) {
		selectImage(plane);
		Overlay.activateSelection(cord);
		setAutoThreshold(highMethod + " dark");
		getThreshold(lower, upper);
		isFloat = depth == 32;
		if (!isFloat) {
			run("Create Selection");
			isFound = selectionType() >= 0;
			if (isFound) {
				Overlay.addSelection;
				last = Overlay.size - 1;
				Overlay.copy;
			}
			resetThreshold();
			clearBoard();
			if (isFound) {
				Overlay.paste;
				Overlay.activateSelection(last);
				Overlay.removeSelection(last);
				setColor(200);
				fill();
				selectImage(plane);
				if (Overlay.size > last) Overlay.removeSelection(last);
				selectImage(board);
			}
			Overlay.activateSelection(cord);
			run("Add...", "value=1");
			run("Select None");
			// What lies above the threshold outside the cord is no part of it.
			changeValues(200, 200, 0);
			return "";
		}
		resetThreshold();
		if (!(abs(lower) < 1 / 0 && abs(upper) < 1 / 0) || (lower == -1 && upper == -1))
			return highMethod + ": no threshold, the image's range is not finite; remove NaN and infinite pixels";
	}
	values = valuesOf(cord);
	// Positions are asked for again: a function of a macro cannot return three arrays.
	selectImage(board);
	Overlay.activateSelection(cord);
	Roi.getContainedPoints(xs, ys);
	clearBoard();
	limit = center + highSpreads * spread;
	for (p = 0; p < xs.length; p++) {
		if (isOutside(xs[p], ys[p])) continue;
		v = values[p];
		if (highKind == METHOD) isHigh = v >= lower && v <= upper;
		else if (highKind == FIXED) isHigh = v >= highValue;
		else isHigh = v > limit;
		if (isHigh) setPixel(xs[p], ys[p], 201);
	}
	return "";
}

function isOutside(x, y) {
	beyond = x < 0 || y < 0 || x >= width || y >= height;
	return beyond;
}

// Calibrated values of a ROI on the open slice, in the order of its points; NaN outside the image.
function valuesOf(i) {
	selectImage(plane);
	Overlay.activateSelection(i);
	Roi.getContainedPoints(xs, ys);
	if (depth == 24) {
		// The grey of ImageJ's RGB histogram, whatever the weights in the preferences are.
		run("Select None");
		run("Duplicate...", "title=rhi-grey");
		setRGBWeights(1 / 3, 1 / 3, 1 / 3);
		run("8-bit");
	}
	values = newArray(xs.length);
	for (p = 0; p < xs.length; p++) {
		if (isOutside(xs[p], ys[p])) values[p] = 0 / 0;
		else values[p] = getValue(xs[p], ys[p]);
	}
	if (depth == 24) close();
	return values;
}

// Centre and spread of all pixels of a role, over all slices.
function readReference(role) {
	all = newArray(0);
	any = false;
	for (k = 1; k <= planes; k++) {
		for (r = 0; r < roiCount; r++) {
			if (roles[r] != role || indexOf(spans[r], "|" + k + "|") < 0) continue;
			openPlane(k);
			any = true;
			values = valuesOf(r);
			all = Array.concat(all, values);
		}
	}
	if (!any)
		return "high=" + highText + " needs a reference ROI (named normal, reference or ref, or in ROI group 3) and there is none; draw one, or use high=auto";
	finite = newArray(all.length);
	n = 0;
	for (p = 0; p < all.length; p++) {
		if (abs(all[p]) < 1 / 0) {
			finite[n] = all[p];
			n++;
		}
	}
	finite = Array.trim(finite, n);
	if (n < 2) return "high=" + highText + " needs reference pixels, and there are " + n;
	if (highRobust) {
		center = median(finite);
		for (p = 0; p < n; p++) finite[p] = abs(finite[p] - center);
		spread = MAD_TO_SD * median(finite);
		return "";
	}
	sum = 0;
	for (p = 0; p < n; p++) sum += finite[p];
	center = sum / n;
	sum = 0;
	for (p = 0; p < n; p++) sum += (finite[p] - center) * (finite[p] - center);
	spread = sqrt(sum / (n - 1));
	return "";
}

function median(values) {
	sorted = Array.copy(values);
	Array.sort(sorted);
	n = sorted.length;
	middle = (sorted[floor((n - 1) / 2)] + sorted[floor(n / 2)]) / 2;
	return middle;
}

// Selects the high area found inside a ROI of the ROI Manager.
function findHigh(index) {
	if (nImages == 0) return NO_IMAGE;
	e = begin(fileNameOf(), "", "");
	if (e == "") e = readRois();
	k = 0;
	if (e == "" && !(index >= 0 && index < roiCount))
		e = "there is no ROI " + index + " in the ROI Manager; select the cord in its list";
	if (e == "") {
		// Only this ROI is looked into, whatever its name; reference ROIs keep their role.
		if (highKind == AUTO || highKind == REF) e = placeRois();
		else e = placeOne(index);
	}
	if (e == "" && depth == 24 && highKind == METHOD) e = "high=" + highText + ": " + NO_RGB;
	if (e == "" && highKind == REF) e = readReference(REFERENCE);
	if (e == "" && highKind == AUTO) {
		if (roles[index] == OTHER) roles[index] = CORD;
		e = readReference(CORD);
	}
	if (e == "") {
		k = parseInt(substring(spans[index], 1, indexOf(spans[index], "|", 1)));
		if (indexOf(spans[index], "|" + oldSlice + "|") >= 0) k = oldSlice;
		openPlane(k);
		e = findInside(index);
	}
	if (e == "") {
		getRawStatistics(n, mean, min, max, std, counts);
		if (counts[200] + counts[201] == 0)
			e = "no pixel of ROI " + quoted(names[index]) + " on slice " + k + " is high by " + highText + "; try another mode, or draw it";
	}
	if (e == "") {
		setThreshold(200, 201);
		run("Create Selection");
		resetThreshold();
		path = temporary("high");
		saveAs("Selection", path);
	}
	finish();
	if (e != "") return e;
	if (planes > 1) setSlice(k);
	open(path);
	ok = File.delete(path);
	return "";
}

function placeOne(index) {
	selectImage(board);
	Overlay.activateSelection(index);
	type = selectionType();
	if (type > 4 && type != 9)
		return "ROI " + quoted(names[index]) + " is a " + Roi.getType + " selection and cannot be a cord ROI; " + DRAW_AN_AREA;
	spans[index] = "|";
	countPixels(index);
	e = spanOf(index);
	if (e == "" && pixels[index] == 0)
		e = "ROI " + quoted(names[index]) + " covers no pixel of the image; draw it on the image";
	return e;
}

function temporary(name) {
	return getDirectory("temp") + "rhi-" + name + "-" + getTime() + ".roi";
}

// Keeps the outline of the found area, which lies on the board, for the overlay.
function keepFound(k) {
	selectImage(board);
	setThreshold(254, 254);
	run("Create Selection");
	resetThreshold();
	path = temporary("found-" + outlines.length);
	saveAs("Selection", path);
	run("Select None");
	outlines = Array.concat(outlines, "found " + path + " " + k);
}

// ---------------------------------------------------------------- the table and the overlay

function showTable() {
	headings = split(HEADINGS, ",");
	Table.create(TABLE);
	for (r = 0; r < rowCount; r++) {
		for (c = 0; c < COLUMNS; c++) {
			cell = cells[r * COLUMNS + c];
			if (isNumberColumn(c)) Table.set(headings[c], r, parseFloat(cell));
			else {
				text = plain(cell);
				Table.set(headings[c], r, text);
			}
		}
	}
	Table.update;
	showOutlines();
}

function isNumberColumn(c) {
	isNumber = c == 2 || c == 4 || c == 5 || (c >= 7 && c <= 13);
	return isNumber;
}

// Text of a cell of CSV.
function plain(cell) {
	if (startsWith(cell, "\"")) cell = replace(substring(cell, 1, lengthOf(cell) - 1), "\"\"", "\"");
	return cell;
}

function showOutlines() {
	if (!hidden) setBatchMode(true);
	slice = getSliceNumber();
	had = selectionType() >= 0;
	if (had) Overlay.addSelection;
	run("Select None");
	if (Overlay.size > 0) {
		Overlay.removeRois(CORD_OUTLINE);
		Overlay.removeRois(HIGH_OUTLINE);
	}
	last = Overlay.size - 1;
	chosen = call("ij.plugin.frame.RoiManager.getIndexesAsString");
	for (o = 0; o < outlines.length; o++) {
		what = substring(outlines[o], 0, indexOf(outlines[o], " "));
		k = parseInt(substring(outlines[o], lastIndexOf(outlines[o], " ") + 1));
		which = substring(outlines[o], lengthOf(what) + 1, lastIndexOf(outlines[o], " "));
		if (what == "found") {
			open(which);
			ok = File.delete(which);
		} else
			roiManager("select", parseInt(which));
		color = HIGH_COLOR;
		Roi.setName(HIGH_OUTLINE);
		if (what == "cord") {
			color = CORD_COLOR;
			Roi.setName(CORD_OUTLINE);
		}
		Overlay.addSelection(color, 1);
		if (channels * frames > 1)
			Overlay.setPosition((k - 1) % channels + 1, floor((k - 1) / channels) % slices + 1, floor((k - 1) / channels / slices) + 1);
		else if (planes > 1)
			Overlay.setPosition(k);
		else
			Overlay.setPosition(0);
		run("Select None");
	}
	selectInManager(chosen);
	if (had) {
		Overlay.activateSelection(last);
		Overlay.removeSelection(last);
	}
	if (planes > 1) setSlice(slice);
	Overlay.show;
	if (!hidden) setBatchMode(false);
}

// Selects in the list of the ROI Manager as before; an image of no use takes the selection.
function selectInManager(chosen) {
	if (chosen == "") {
		roiManager("deselect");
		return;
	}
	indexes = split(chosen, " ");
	for (i = 0; i < indexes.length; i++) indexes[i] = parseInt(indexes[i]);
	newImage("rhi-select", "8-bit black", 1, 1, 1);
	roiManager("select", indexes);
	close();
	selectImage(imageId);
}

// ---------------------------------------------------------------- files

function getFolder() {
	folder = getInfo("image.directory");
	if (folder == "") return "";
	folder = replace(folder, "\\\\", "/");
	if (!endsWith(folder, "/")) folder += "/";
	return folder;
}

function fileNameOf() {
	name = getInfo("image.filename");
	if (name == "") name = getTitle();
	return name;
}

// Name of the last folder of a path, which stands for the patient.
function folderNameOf(folder) {
	folder = replace(folder, "\\\\", "/");
	while (endsWith(folder, "/")) folder = substring(folder, 0, lengthOf(folder) - 1);
	name = substring(folder, lastIndexOf(folder, "/") + 1);
	return name;
}

function stemOf(name) {
	if (matches(toLowerCase(name), "(?s).*\\.(tiff|tif|png)")) name = substring(name, 0, lastIndexOf(name, "."));
	return name;
}

// Opens a TIFF or PNG, where ImageJ reads all of it and nothing else than it holds.
function openFile(path) {
	e = readFile(path);
	if (e != "") return e;
	IJ.redirectErrorMessages();
	before = nImages;
	open(path);
	if (nImages != before + 1) return "ImageJ cannot open it; open it in Fiji and save it as TIFF";
	getDimensions(w, h, c, z, t);
	if (w != fileWidth || h != fileHeight || nSlices != filePlanes) {
		close();
		return "ImageJ opens it as " + w + " x " + h + ", " + nSlices + " slices, and the file holds " + fileWidth + " x " + fileHeight + ", " + filePlanes + " slices; save it again in ImageJ";
	}
	return "";
}

// Reads what a TIFF or PNG says of itself; returns "" or why it cannot be measured.
function readFile(path) {
	file = path;
	head = "";
	fileWarnings = newArray(0);
	filePalette = false;
	fileDescription = "";
	fileX = -1;
	fileY = -1;
	isTiff = false;
	if (!File.exists(path)) return "there is no such file; check the path";
	size = fileLength();
	if (size == 0) return "the file is empty; export it again";
	if (!need(16)) return "the file has " + size + " bytes: it" + DAMAGED;
	if (startsWith(head, fromCharCode(137) + "PNG\r\n")) {
		e = readPng();
		return e;
	}
	if (startsWith(head, "II*") || startsWith(head, "MM" + fromCharCode(0) + "*")) {
		isTiff = true;
		e = readTiff();
		return e;
	}
	if (startsWith(head, "II+") || startsWith(head, "MM" + fromCharCode(0) + "+")) return "ImageJ does not open BigTIFF; save it as TIFF, or measure it by pyrhi";
	return "this is no TIFF or PNG file, whatever its name says; open it in ImageJ and save it as TIFF";
}

function fileLength() {
	size = parseFloat(File.length(file));
	return size;
}

// Makes sure that the first bytes of the file have been read; false where it has not so many.
function need(count) {
	if (lengthOf(head) >= count) return true;
	size = fileLength();
	if (count > size) return false;
	// Where the beginning does not do, all is read at once: every reading is a copy.
	if (count > 4096) head = File.openAsRawString(file, size);
	else head = File.openAsRawString(file, minOf(size, 4096));
	isThere = lengthOf(head) >= count;
	return isThere;
}

function u8(at) {
	code = charCodeAt(head, at);
	return code;
}

function u16(at) {
	if (little) value = charCodeAt(head, at) + 256 * charCodeAt(head, at + 1);
	else value = 256 * charCodeAt(head, at) + charCodeAt(head, at + 1);
	return value;
}

function u32(at) {
	if (little) value = u16(at) + 65536 * u16(at + 2);
	else value = 65536 * u16(at) + u16(at + 2);
	return value;
}

function readPng() {
	little = false;
	if (!need(fileLength()) || lengthOf(head) < 33) return "the PNG" + DAMAGED;
	fileWidth = u32(16);
	fileHeight = u32(20);
	filePlanes = 1;
	bits = u8(24);
	color = u8(25);
	at = 8;
	ended = false;
	transparent = false;
	while (at + 12 <= lengthOf(head) && !ended) {
		size = u32(at);
		name = substring(head, at + 4, at + 8);
		if (at + 12 + size > lengthOf(head)) return "the PNG" + DAMAGED;
		if (name == "tRNS") transparent = true;
		if (name == "IEND") ended = true;
		at += 12 + size;
	}
	if (!ended) return "the PNG" + DAMAGED;
	known = (color == 0 && (bits == 8 || bits == 16)) || ((color == 2 || color == 3) && bits == 8);
	if (transparent || !known)
		return "a PNG with transparency, fewer than 8 bits or 16-bit colours is not measured; save it as 8- or 16-bit grey";
	filePalette = color == 3;
	return "";
}

// Values of the entry of an image file directory that starts at a byte.
function tagValues(at) {
	type = u16(at + 2);
	count = u32(at + 4);
	size = 0;
	values = newArray(0);
	if (type == 1 || type == 2 || type == 7) size = 1;
	if (type == 3) size = 2;
	if (type == 4) size = 4;
	if (type == 5) size = 8;
	if (size == 0 || count == 0 || count > 1e7) return values;
	from = at + 8;
	if (count * size > 4) from = u32(at + 8);
	if (!need(from + count * size)) return values;
	if (type == 2) {
		values = newArray(substring(head, from, from + count), "");
		return values;
	}
	values = newArray(count);
	for (v = 0; v < count; v++) {
		if (size == 1) values[v] = u8(from + v);
		if (size == 2) values[v] = u16(from + 2 * v);
		if (size == 4) values[v] = u32(from + 4 * v);
		if (size == 8) {
			values[v] = 0;
			if (u32(from + 8 * v + 4) != 0) values[v] = u32(from + 8 * v) / u32(from + 8 * v + 4);
		}
	}
	return values;
}

// Pages, pixel type and strips of a TIFF: ImageJ fills what a truncated file lacks with zeros.
function readTiff() {
	little = startsWith(head, "II");
	at = u32(4);
	pages = 0;
	different = false;
	first = "";
	while (at != 0) {
		if (!need(at + 2)) return "the TIFF" + DAMAGED;
		n = u16(at);
		if (n < 1 || n > 1000 || !need(at + 2 + 12 * n + 4)) return "the TIFF" + DAMAGED;
		w = 0; h = 0; bits = 1; samples = 1; format = 1; photometric = 0; compression = 1; planar = 1;
		tiled = false;
		strips = newArray(0);
		counts = newArray(0);
		for (t = 0; t < n; t++) {
			entry = at + 2 + 12 * t;
			tag = u16(entry);
			if (tag == 270 && pages > 0) continue;
			if (tag == 256 || tag == 257 || tag == 258 || tag == 259 || tag == 262 || tag == 270 || tag == 273
				|| tag == 277 || tag == 279 || tag == 282 || tag == 283 || tag == 284 || tag == 317 || tag == 339) {
				values = tagValues(entry);
				if (values.length == 0) return "TIFF tag " + tag + " is damaged or lies outside the file; export it again";
				if (tag == 256) w = values[0];
				if (tag == 257) h = values[0];
				if (tag == 258) {
					bits = values[0];
					for (v = 1; v < values.length; v++)
						if (values[v] != bits) bits = 0;
				}
				if (tag == 259) compression = values[0];
				if (tag == 262) photometric = values[0];
				if (tag == 270) fileDescription = values[0];
				if (tag == 273) strips = values;
				if (tag == 277) samples = values[0];
				if (tag == 279) counts = values;
				if (tag == 284) planar = values[0];
				if (tag == 317 && values[0] == 3) return "ImageJ does not open a TIFF of predictor 3; save it without compression, or measure it by pyrhi";
				if (tag == 339) format = values[0];
				if (pages == 0 && tag == 282) fileX = pixelSize(values[0], u16(entry + 2));
				if (pages == 0 && tag == 283) fileY = pixelSize(values[0], u16(entry + 2));
			}
			if (tag == 322) tiled = true;
			if (tag == 43314) return "an NIH Image file; open it in ImageJ and save it as TIFF";
		}
		layout = "" + w + " " + h + " " + bits + " " + samples + " " + format + " " + photometric;
		next = u32(at + 2 + 12 * n);
		if (pages == 0) {
			first = layout;
			fileWidth = w;
			fileHeight = h;
			fileSamples = samples;
			filePalette = photometric == 3 && bits == 8 && samples == 1;
			if (w < 1 || h < 1) return "the image is " + w + " x " + h + " pixels: the header is damaged";
			if (!isKnownKind(bits, samples, format, photometric))
				return "TIFF pixels of this kind (" + bits + "-bit samples, " + samples + " of them, sample format " + format + ", photometric " + photometric + ") are not measured; convert it in ImageJ to 8, 16 or 32 bit";
			if (matches(fileDescription, "(?s).*<OME.*</OME>\\s*" + fromCharCode(0) + "?"))
				return "an OME-TIFF, whose pixel size ImageJ does not read; save it in ImageJ as TIFF, or measure it by pyrhi";
			if (tiled) return "ImageJ does not open tiled TIFF; save it again without tiles, or measure it by pyrhi";
			if (compression != 1 && compression != 5 && compression != 8 && compression != 32773 && compression != 32946)
				return "ImageJ does not open a TIFF of compression " + compression + "; save it without compression, or measure it by pyrhi";
		}
		if (layout != first) different = true;
		else {
			e = checkStrips(strips, counts, w * h * samples * bits / 8, compression);
			if (e != "") return e;
		}
		pages++;
		if (pages > 1e5) return "the TIFF" + DAMAGED;
		at = next;
	}
	count = 1;
	if (startsWith(fileDescription, "ImageJ")) count = parseFloat(property("images"));
	if (count > 1 && pages == 1 && compression == 1) {
		start = strips[0];
		for (v = 1; v < strips.length; v++) start = minOf(start, strips[v]);
		needed = start + count * w * h * samples * bits / 8;
		if (needed > fileLength()) {
			e = promises(needed);
			return e;
		}
		filePlanes = count;
	} else {
		filePlanes = pages;
		if (different) {
			filePlanes = 1;
			fileWarnings = Array.concat(fileWarnings, "only the first of " + pages + " images in the file is read: the others differ in size or type");
		}
	}
	// ImageJ opens 48-bit RGB as three planes.
	if (bits == 16 && fileSamples == 3) filePlanes *= 3;
	return "";
}

// Size of a pixel by a resolution, which is a fraction; 0 where it is none.
function pixelSize(resolution, type) {
	size = 0;
	if (type == 5 && resolution != 0) size = 1 / resolution;
	return size;
}

function isKnownKind(bits, samples, format, photometric) {
	if (samples == 1 && photometric <= 3) {
		if (bits == 8 && format == 1) return true;
		if (bits == 16 && (format == 1 || format == 2)) return true;
		if (bits == 32 && format >= 1 && format <= 3) return true;
	}
	if ((photometric == 2 || photometric == 6) && format == 1) {
		if (bits == 8 && (samples == 3 || samples == 4)) return true;
		if (bits == 16 && samples == 3 && photometric == 2) return true;
	}
	return false;
}

function checkStrips(strips, counts, needed, compression) {
	if (strips.length == 0 || strips.length != counts.length) return "the TIFF names no pixel data: it" + DAMAGED;
	end = 0;
	held = 0;
	for (v = 0; v < strips.length; v++) {
		end = maxOf(end, strips[v] + counts[v]);
		held += counts[v];
		if (counts[v] == 0) return "strips are missing: it" + DAMAGED;
	}
	if (strips.length == 1 && compression == 1) end = maxOf(end, strips[0] + needed);
	e = "";
	if (end > fileLength()) e = promises(end);
	else if (compression == 1 && strips.length > 1 && held < needed) e = promises(needed);
	return e;
}

function promises(needed) {
	return "the header promises " + d2s(needed, 0) + " bytes and the file holds " + d2s(fileLength(), 0) + ": it" + DAMAGED;
}

// Value of a line key=value of ImageJ's own description.
function property(key) {
	at = indexOf("\n" + fileDescription, "\n" + key + "=");
	if (at < 0) return "";
	from = at + lengthOf(key) + 1;
	end = indexOf(fileDescription, "\n", from);
	if (end < 0) end = lengthOf(fileDescription);
	value = String.trim(substring(fileDescription, from, end));
	return value;
}

// What a reader of the table has to know of the image.
function readWarnings(unit) {
	folder = getFolder();
	path = folder + getInfo("image.filename");
	isRead = false;
	if (folder != "" && matches(toLowerCase(path), "(?s).*\\.(tiff|tif|png)")) isRead = File.exists(path);
	if (!isRead) {
		fileWarnings = newArray(0);
		filePalette = false;
		fileDescription = "";
		isTiff = false;
	} else if (path != file)
		e = readFile(path);
	imageWarnings = Array.copy(fileWarnings);
	byImageJ = startsWith(fileDescription, "ImageJ");
	isBad = false;
	if (isTiff && pixelWidth == 1 && pixelHeight == 1 && !(fileX > 0 && fileY > 0)) {
		told = "";
		if (byImageJ) told = toLowerCase(property("unit"));
		isBad = fileX >= 0 || fileY >= 0 || (told != "" && told != "pixel" && told != "pixels");
		unit = "pixel";
	}
	trimmed = String.trim(unit);
	areaUnit = trimmed + "^2";
	if (trimmed == "") areaUnit = "pixel^2";
	if (isBad)
		imageWarnings = Array.concat(imageWarnings, "pixel size " + general(maxOf(fileX, 0)) + " x " + general(maxOf(fileY, 0)) + " cannot be used: areas are in pixel^2");
	else if (trimmed == "" || toLowerCase(trimmed) == "pixel" || toLowerCase(trimmed) == "pixels") {
		if (pixelWidth == 1 && pixelHeight == 1)
			imageWarnings = Array.concat(imageWarnings, NO_PIXEL_SIZE);
		else
			imageWarnings = Array.concat(imageWarnings, "pixel size " + general(pixelWidth) + " x " + general(pixelHeight) + " without a unit of length");
	} else if (unit == "inch" && isRead && !byImageJ)
		imageWarnings = Array.concat(imageWarnings, "pixel size from a print resolution (" + general(1 / pixelWidth) + " dpi): areas are in inch" + fromCharCode(178) + "; check it against the scanner's");
	spacing = "";
	if (byImageJ) spacing = property("spacing");
	if (spacing != "") {
		distance = abs(parseFloat(spacing));
		if (!(distance > 0 && distance < 1 / 0))
			imageWarnings = Array.concat(imageWarnings, "slice distance " + general(distance) + " cannot be used: 1 is taken");
	}
	if (filePalette && bitDepth() == 8) imageWarnings = Array.concat(imageWarnings, COLOR_TABLE);
}

// ImageJ tells the plural of a unit.
function singular(units) {
	if (units == "pixels") return "pixel";
	if (units == "microns") return "micron";
	if (units == "inches") return "inch";
	return units;
}

// The ROI Manager stops a macro by a dialog where a file is damaged; so every byte of it is looked
// at first.
function checkRoiFile(path) {
	file = path;
	head = "";
	little = true;
	size = fileLength();
	if (size > 5e7) return path + ": is larger than a RoiSet can be";
	if (!endsWith(toLowerCase(path), ".zip")) {
		if (size < 64 || !need(size)) return path + ROI_DAMAGED;
		unpacked = newArray(size);
		for (b = 0; b < size; b++) unpacked[b] = charCodeAt(head, b);
		e = checkRoi();
		if (e != "") e = path + e;
		return e;
	}
	broken = path + ": is not a readable RoiSet; save it again in ImageJ";
	if (size < 22 || !need(size)) return broken;
	// The directory of a zip is at its end.
	end = lastIndexOf(head, "PK" + fromCharCode(5) + fromCharCode(6));
	if (end < 0 || end + 22 > size) return broken;
	entries = u16(end + 10);
	at = u32(end + 16);
	rois = 0;
	next = 0;
	for (n = 0; n < entries; n++) {
		if (at + 46 > end) return broken;
		local = u32(at + 42);
		// Java reads the entries one after the other and does not look at the directory.
		if (u32(at) != 33639248 || local != next || local + 30 > end) return broken;
		flags = u16(at + 8);
		method = u16(at + 10);
		nameSize = u16(at + 28);
		from = local + 30 + nameSize + u16(local + 28);
		next = from + u32(at + 20);
		if (next > end || at + 46 + nameSize > end) return broken;
		name = substring(head, at + 46, at + 46 + nameSize);
		if (u32(local) != 67324752 || u16(local + 6) != flags || u16(local + 8) != method || u16(local + 26) != nameSize) return broken;
		if (flags % 2 != 0 || indexOf(head, name, local + 30) != local + 30 || !matches(name, UTF8)) return broken;
		sizesAt = local + 14;
		if (flags & 8) {
			// Sum and sizes follow the data, and a stored entry cannot tell where they begin.
			if (method != 8 || next + 16 > end) return broken;
			if (u32(next) != 134695760) return broken;
			sizesAt = next + 4;
			next += 16;
		}
		for (t = 0; t < 3; t++)
			if (u32(sizesAt + 4 * t) != u32(at + 16 + 4 * t)) return broken;
		if (!unpack(method, from, u32(at + 20), u32(at + 24), u32(at + 16))) return broken;
		if (endsWith(name, ".roi")) {
			rois++;
			e = checkRoi();
			name = substring(name, lastIndexOf(name, "/") + 1, lengthOf(name) - 4);
			if (e != "") return path + ": ROI " + quoted(name) + e;
		}
		at += 46 + nameSize + u16(at + 30) + u16(at + 32);
	}
	if (rois == 0) return path + ": holds no .roi files; save the set in the ROI Manager (More > Save)";
	return "";
}

// Looks whether the bytes of a ROI are all there, as far as ImageJ reads them.
function checkRoi() {
	size = unpacked.length;
	if (size < 2) return ROI_NONE;
	if (unpacked[0] != 73 || unpacked[1] != 111) return ROI_NONE;
	if (size < 64) return ROI_DAMAGED;
	type = unpacked[6];
	version = 256 * unpacked[4] + unpacked[5];
	count = 256 * unpacked[16] + unpacked[17];
	if (count == 0) count = big32(18);
	composite = big32(36);
	subtype = 256 * unpacked[48] + unpacked[49];
	if (type > 10 || subtype > 5) return " has an unknown type (" + type + ", " + subtype + "); save it again in ImageJ";
	if (composite > 0 && type != 1) return " is a composite of a wrong type; save it again in ImageJ";
	hasPoints = type == 0 || (type >= 4 && type != 6);
	if (type == 7 && (subtype == 3 || subtype == 5)) hasPoints = false;
	points = 0;
	if (composite > 0 && composite < 2147483648) points = composite;
	else if (hasPoints) points = count;
	if (points > MOST_POINTS) return " claims " + points + " points, more than pyrhi reads (" + MOST_POINTS + "); it is damaged";
	// Sub-pixel coordinates follow the whole ones; a composite has the former alone.
	isSubPixel = floor(unpacked[51] / 128) == 1 && version >= 222 && hasPoints;
	from = 64 + 4 * points;
	floats = 2 * points * isSubPixel;
	if (composite > 0) {
		from = 64;
		floats = points;
	}
	needed = from + 4 * floats;
	second = big32(60);
	if (second > 0) needed = maxOf(needed, second + 32);
	if (needed > size) return ROI_DAMAGED;
	for (b = from; b < from + 4 * floats; b += 4)
		if (unpacked[b] % 128 == 127 && unpacked[b + 1] >= 128) return " has coordinates that are not numbers; draw it again";
	return "";
}

// Four bytes of a ROI, whose numbers begin with the highest.
function big32(at) {
	value = ((unpacked[at] * 256 + unpacked[at + 1]) * 256 + unpacked[at + 2]) * 256 + unpacked[at + 3];
	return value;
}

// Unpacks an entry of a zip (RFC 1951) and checks its sum; false where it is damaged.
function unpack(method, from, packedSize, size, sum) {
	unpacked = newArray(size);
	filled = 0;
	if (method == 0) {
		if (packedSize != size) return false;
		for (b = 0; b < size; b++) unpacked[b] = charCodeAt(head, from + b);
	} else if (method == 8) {
		byteAt = from;
		bytesEnd = from + packedSize;
		bitsHeld = 0;
		bitCount = 0;
		isLast = 0;
		while (isLast == 0) {
			isLast = takeBits(1);
			kind = takeBits(2);
			ok = false;
			if (kind == 0) ok = unpackStored();
			if (kind == 1) ok = unpackFixed();
			if (kind == 2) ok = unpackDynamic();
			if (!ok) return false;
		}
		if (filled != size) return false;
	} else
		return false;
	isSame = sumOf() == sum;
	return isSame;
}

// Takes bits, lowest first; bits beyond the end are 0 and are noticed by byteAt.
function takeBits(n) {
	while (bitCount < n) {
		if (byteAt < bytesEnd) bitsHeld += charCodeAt(head, byteAt) << bitCount;
		byteAt++;
		bitCount += 8;
	}
	value = bitsHeld & ((1 << n) - 1);
	bitsHeld = bitsHeld >> n;
	bitCount -= n;
	return value;
}

function unpackStored() {
	bitsHeld = 0;
	bitCount = 0;
	if (byteAt + 4 > bytesEnd) return false;
	n = u16(byteAt);
	if (n + u16(byteAt + 2) != 65535 || byteAt + 4 + n > bytesEnd || filled + n > unpacked.length) return false;
	byteAt += 4;
	for (b = 0; b < n; b++) unpacked[filled + b] = charCodeAt(head, byteAt + b);
	filled += n;
	byteAt += n;
	return true;
}

function unpackFixed() {
	lengths = newArray(320);
	Array.fill(lengths, 8);
	for (s = 144; s < 256; s++) lengths[s] = 9;
	for (s = 256; s < 280; s++) lengths[s] = 7;
	for (s = 288; s < 320; s++) lengths[s] = 5;
	ok = unpackCodes(lengths, 288, 32);
	return ok;
}

function unpackDynamic() {
	literals = takeBits(5) + 257;
	distances = takeBits(5) + 1;
	count = takeBits(4) + 4;
	order = newArray(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);
	lengths = newArray(19);
	Array.fill(lengths, 0);
	for (s = 0; s < count; s++) lengths[order[s]] = takeBits(3);
	counts = countsOf(lengths, 0, 19);
	symbols = symbolsOf(lengths, 0, 19, counts);
	total = literals + distances;
	lengths = newArray(total);
	s = 0;
	while (s < total) {
		symbol = takeSymbol(counts, symbols);
		if (symbol < 0 || byteAt > bytesEnd + 4) return false;
		value = symbol;
		times = 1;
		if (symbol == 16) {
			if (s == 0) return false;
			value = lengths[s - 1];
			times = 3 + takeBits(2);
		} else if (symbol == 17) {
			value = 0;
			times = 3 + takeBits(3);
		} else if (symbol == 18) {
			value = 0;
			times = 11 + takeBits(7);
		}
		if (s + times > total) return false;
		for (t = 0; t < times; t++) lengths[s + t] = value;
		s += times;
	}
	ok = unpackCodes(lengths, literals, distances);
	return ok;
}

// How many codes there are of each length, and their symbols in order.
function countsOf(lengths, from, n) {
	counts = newArray(16);
	Array.fill(counts, 0);
	for (s = 0; s < n; s++) counts[lengths[from + s]] = counts[lengths[from + s]] + 1;
	counts[0] = 0;
	return counts;
}

function symbolsOf(lengths, from, n, counts) {
	next = newArray(16);
	next[1] = 0;
	for (s = 1; s < 15; s++) next[s + 1] = next[s] + counts[s];
	symbols = newArray(n);
	for (s = 0; s < n; s++) {
		size = lengths[from + s];
		if (size > 0) {
			symbols[next[size]] = s;
			next[size] = next[size] + 1;
		}
	}
	return symbols;
}

// Next symbol of a code, bit by bit; -1 where there is none.
function takeSymbol(counts, symbols) {
	code = 0;
	first = 0;
	index = 0;
	for (n = 1; n < 16; n++) {
		if (bitCount == 0) {
			bitsHeld = 0;
			if (byteAt < bytesEnd) bitsHeld = charCodeAt(head, byteAt);
			byteAt++;
			bitCount = 8;
		}
		code += bitsHeld & 1;
		bitsHeld = bitsHeld >> 1;
		bitCount--;
		count = counts[n];
		if (code - count < first) {
			symbol = symbols[index + code - first];
			return symbol;
		}
		index += count;
		first = (first + count) * 2;
		code *= 2;
	}
	return -1;
}

function unpackCodes(lengths, literals, distances) {
	counts = countsOf(lengths, 0, literals);
	symbols = symbolsOf(lengths, 0, literals, counts);
	distanceCounts = countsOf(lengths, literals, distances);
	distanceSymbols = symbolsOf(lengths, literals, distances, distanceCounts);
	room = unpacked.length;
	while (true) {
		symbol = takeSymbol(counts, symbols);
		if (symbol < 0 || byteAt > bytesEnd + 4) return false;
		if (symbol == 256) return true;
		if (symbol < 256) {
			if (filled >= room) return false;
			unpacked[filled] = symbol;
			filled++;
			continue;
		}
		symbol -= 257;
		if (symbol > 28) return false;
		if (symbol < 8) size = symbol + 3;
		else if (symbol == 28) size = 258;
		else {
			extra = floor(symbol / 4) - 1;
			size = 3 + ((4 + symbol % 4) << extra) + takeBits(extra);
		}
		symbol = takeSymbol(distanceCounts, distanceSymbols);
		if (symbol < 0 || symbol > 29) return false;
		if (symbol < 4) distance = symbol + 1;
		else {
			extra = floor(symbol / 2) - 1;
			distance = 1 + ((2 + symbol % 2) << extra) + takeBits(extra);
		}
		if (distance > filled || filled + size > room) return false;
		for (b = 0; b < size; b++) unpacked[filled + b] = unpacked[filled + b - distance];
		filled += size;
	}
}

// CRC-32 of the unpacked bytes, in two halves, because a macro's whole numbers have 31 bits.
function sumOf() {
	if (sumHigh.length == 0) {
		sumHigh = newArray(256);
		sumLow = newArray(256);
		for (s = 0; s < 256; s++) {
			low = s;
			high = 0;
			for (b = 0; b < 8; b++) {
				odd = low & 1;
				low = (low >> 1) | ((high & 1) << 15);
				high = high >> 1;
				if (odd) {
					low = low ^ 33568;
					high = high ^ 60856;
				}
			}
			sumLow[s] = low;
			sumHigh[s] = high;
		}
	}
	low = 65535;
	high = 65535;
	for (b = 0; b < unpacked.length; b++) {
		s = (low & 255) ^ unpacked[b];
		low = ((low >> 8) | ((high & 255) << 8)) ^ sumLow[s];
		high = (high >> 8) ^ sumHigh[s];
	}
	sum = (high ^ 65535) * 65536 + (low ^ 65535);
	return sum;
}

// Writes UTF-8, whatever Java's own encoding is, under another name first; returns "" or a sentence.
function writeText(path, text) {
	part = path + ".part";
	charset = call("java.nio.charset.Charset.defaultCharset");
	if (charset == "UTF-8" || matches(text, "\\p{ASCII}*")) {
		e = call("ij.IJ.saveString", text, part);
		if (startsWith("" + e, "java")) return path + " cannot be written (" + e + "); choose another folder";
	} else {
		bytes = utf8(text);
		wasHidden = is("Batch Mode");
		if (!wasHidden) setBatchMode(true);
		newImage("rhi-bytes", "8-bit black", bytes.length, 1, 1);
		for (b = 0; b < bytes.length; b++) setPixel(b, 0, bytes[b]);
		saveAs("Raw Data", part);
		close();
		if (!wasHidden) setBatchMode(false);
	}
	ok = File.rename(part, path);
	if (ok != "1") {
		// Windows does not rename onto a file that is there.
		ok = File.delete(path);
		ok = File.rename(part, path);
	}
	if (ok != "1") return path + " cannot be written; close it in other programs";
	return "";
}

// Bytes of a text in UTF-8.
function utf8(text) {
	n = lengthOf(text);
	bytes = newArray(3 * n);
	b = 0;
	for (i = 0; i < n; i++) {
		c = charCodeAt(text, i);
		if (c >= 55296 && c < 56320 && i + 1 < n) {
			i++;
			c = 65536 + (c - 55296) * 1024 + charCodeAt(text, i) - 56320;
		}
		if (c < 128) {
			bytes[b] = c;
			b++;
			continue;
		}
		more = 1;
		lead = 192;
		if (c >= 2048) { more = 2; lead = 224; }
		if (c >= 65536) { more = 3; lead = 240; }
		bytes[b] = lead + floor(c / pow(64, more));
		for (m = 1; m <= more; m++) bytes[b + m] = 128 + floor(c / pow(64, more - m)) % 64;
		b += more + 1;
	}
	bytes = Array.trim(bytes, b);
	return bytes;
}

// ---------------------------------------------------------------- text

function textCell(text) {
	if (matches(text, "(?s)[=+\\-@\t\r].*")) text = "'" + text;
	if (!matches(text, "(?s).*[\",\n\r].*")) return text;
	return "\"" + replace(text, "\"", "\"\"") + "\"";
}

function quoted(text) {
	text = replace(text, "\\", "\\\\");
	if (indexOf(text, "'") >= 0 && indexOf(text, "\"") < 0) return "\"" + text + "\"";
	return "'" + replace(text, "'", "\\'") + "'";
}

function join(texts, between) {
	out = "";
	for (i = 0; i < texts.length; i++) {
		if (i > 0) out += between;
		out += texts[i];
	}
	return out;
}

// Texts joined by "; ", each of them once.
function joinOnce(texts) {
	out = "";
	for (i = 0; i < texts.length; i++) {
		isNew = true;
		for (j = 0; j < i; j++)
			// The operator == ignores case.
			if (matches(texts[j], "\\Q" + texts[i] + "\\E")) isNew = false;
		if (!isNew) continue;
		if (out != "") out += "; ";
		out += texts[i];
	}
	return out;
}

function capital(sentence) {
	sentence = toUpperCase(substring(sentence, 0, 1)) + substring(sentence, 1);
	return sentence;
}

// ---------------------------------------------------------------- numbers

// Shortest text that reads back as the same number, laid out as Python's repr does, integers bare.
function num(x) {
	if (isNaN(x)) return "NaN";
	if (x == 1 / 0) return "Infinity";
	if (x == -1 / 0) return "-Infinity";
	sign = "";
	if (x < 0 || 1 / x < 0) sign = "-";
	x = abs(x);
	if (x == 0) return sign + "0";
	if (x < 1e15 && x == floor(x)) return sign + d2s(x, 0);
	first = 15;
	// Subnormal numbers have fewer digits; a power of two may be met by a text above it alone.
	if (x < 2.3e-308) first = 1;
	isPower = x == pow(2, floor(log(x) / log(2) + 0.5));
	for (n = first; n <= 17; n++) {
		roundTo(x, n, 0);
		if (readsBack(x)) n = 99;
		else if (isPower) {
			roundTo(x, n, 1);
			if (readsBack(x)) n = 99;
		}
	}
	text = layOut(16);
	return sign + text;
}

// Six significant digits, as %g.
function general(x) {
	if (isNaN(x)) return "nan";
	sign = "";
	if (x < 0) sign = "-";
	x = abs(x);
	if (x == 1 / 0) return sign + "inf";
	if (x == 0) return "0";
	roundTo(x, 6, 0);
	text = layOut(6);
	return sign + text;
}

function readsBack(x) {
	y = parseFloat(significand() + "e" + exponent);
	isSame = x == y;
	return isSame;
}

// Rounds a positive number to n significant decimals, or to the next ones above: their digits
// and the exponent of the first.
function roundTo(x, n, above) {
	exponent = floor(log(x) / log(10));
	scaleBy(x, n - 1 - exponent);
	// The logarithm may be off by one.
	if (scaledHigh < pow(10, n - 1) - 0.5) {
		exponent--;
		scaleBy(x, n - 1 - exponent);
	} else if (scaledHigh >= pow(10, n)) {
		exponent++;
		scaleBy(x, n - 1 - exponent);
	}
	// In two parts, because a macro prints no whole number above 1e15 exactly.
	upper = floor(scaledHigh / 1e8);
	lower = scaledHigh - upper * 1e8;
	if (lower < 0) { upper--; lower += 1e8; }
	if (lower >= 1e8) { upper++; lower -= 1e8; }
	whole = floor(lower);
	rest = lower - whole - 0.5 + scaledLow;
	if (rest == floor(rest)) whole += rest + (whole + rest) % 2;
	else whole += floor(rest) + 1;
	whole += above;
	if (whole < 0) { upper--; whole += 1e8; }
	if (whole >= 1e8) { upper++; whole -= 1e8; }
	digits = d2s(whole, 0);
	if (upper > 0) {
		while (lengthOf(digits) < 8) digits = "0" + digits;
		digits = d2s(upper, 0) + digits;
	}
	if (lengthOf(digits) > n) {
		digits = substring(digits, 0, n);
		exponent++;
	}
	last = lengthOf(digits);
	while (last > 1 && substring(digits, last - 1, last) == "0") last--;
	digits = substring(digits, 0, last);
}

// x * 10^k as an unrounded sum of two numbers: scaledHigh + scaledLow (products by T. J. Dekker).
function scaleBy(x, k) {
	scaledHigh = x;
	scaledLow = 0;
	while (k != 0) {
		// Powers of ten up to 22 are exact.
		power = pow(10, minOf(abs(k), 22));
		low = scaledLow;
		if (k > 0) {
			high = scaledHigh * power;
			scaledLow = errorOf(scaledHigh, power, high) + low * power;
			k -= minOf(k, 22);
		} else {
			high = scaledHigh / power;
			product = high * power;
			scaledLow = (scaledHigh - product - errorOf(high, power, product) + low) / power;
			k += minOf(-k, 22);
		}
		scaledHigh = high + scaledLow;
		scaledLow = high - scaledHigh + scaledLow;
	}
}

// What the rounded product of two numbers lacks.
function errorOf(a, b, product) {
	c = 134217729 * a;
	aHigh = c - (c - a);
	aLow = a - aHigh;
	c = 134217729 * b;
	bHigh = c - (c - b);
	bLow = b - bHigh;
	lacking = aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
	return lacking;
}

function significand() {
	text = digits;
	if (lengthOf(digits) > 1) text = substring(digits, 0, 1) + "." + substring(digits, 1);
	return text;
}

// Plain below 10^most and from 0.0001 on, else with an exponent of at least two digits.
function layOut(most) {
	n = lengthOf(digits);
	if (exponent < -4 || exponent >= most) {
		sign = "+";
		if (exponent < 0) sign = "-";
		power = d2s(abs(exponent), 0);
		if (lengthOf(power) < 2) power = "0" + power;
		text = "" + significand() + "e" + sign + power;
		return text;
	}
	if (exponent < 0) {
		zeros = "0.";
		for (i = exponent; i < -1; i++) zeros += "0";
		return zeros + digits;
	}
	text = digits;
	while (lengthOf(text) <= exponent) text += "0";
	if (lengthOf(text) == exponent + 1) return text;
	text = substring(text, 0, exponent + 1) + "." + substring(text, exponent + 1);
	return text;
}
