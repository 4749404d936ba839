// RHI Measure: RHI = 100 * high-intensity area / whole cord area, of each slice and level of the front image that
// has a cord. Research use only; not a medical device. For ImageJ 1.53k or later; in Fiji it calls Measure RHI.
//
// ROIs are named cord, high, reference or exclude, with a level where there are several (cord L2, high L2), or are
// in the ROI groups 1, 2 and 3. See docs/macros.md.
//
// How it measures: the ROIs become the overlay of the "board", an image of the same size. There the pixels of a cord
// are painted 1, those of its high area 3, those of both 2, and what is excluded 9, so that no pixel counts twice;
// the histogram counts them. Only ASCII here: ImageJ reads macros as ISO 8859-1.

var HEADINGS = "Patient,Image,Slice,Level,RHI,CordArea,HighArea,Unit,CordPercent,HighPercent,HighCount,"
	+ "HighOutsidePercent,CordMean,HighMean,ExcludedPixels,Plane,Method,Warnings";
var TEXTS = "Patient|Image|Level|Unit|Plane|Method|Warnings"; // the columns that are no numbers
var RESEARCH_USE = "Research use only; not a medical device.";
var PAGE = "https://doi.org/10.7150/ijms.103916"; // Kong et al., Int J Med Sci 2025; 22(3): 708-715
var ROLES = newArray("", "cord", "high", "reference", "exclude"); // the first four as ROI groups
var MANAGER = "ROI Manager", DRAWN = "overlay and selection", BESIDE = "ROI file";
var AT_ONCE = 600; // images of a batch in one run of this macro
var IMAGES = "(?i)\\.(tiff?|png|nii|nii\\.gz|dcm|dicom|ima)$";

// What is asked for: how high areas are found where none is drawn, and what becomes of the outlines.
var asked, mode, isClip, isIgnore, isLabel, isDrawing = false;
// The front image, the copy that is measured (in a batch the image itself), and the board.
var here, folder, imageName, imageKey, patient, image, work, board;
var width, height, planes, pixelWidth, pixelHeight, unit, imageWarnings;
// The ROIs: slices is 0 for all slices and -1 for none, notes are warnings. Those from firstFound on were not drawn.
var names, roles, levels, slices, notes, firstFound;
// What was found: lines of rhi.csv, a text that tells sets of ROIs apart, lines of the log.
var csv, areas, said;
var passedOver; // DICOM and NIfTI files that a batch passes over

requires("1.53k");
here = File.getDirectory(getInfo("macro.filepath"));
argument = getArgument();
isAction = startsWith(argument, "action=");
if (isAction) text = answer(argument);
if (isAction) return text; // not in a block, which would end the batch mode of the caller
if (argument == "") argument = "" + call("ij.Macro.getOptions");
if (!isElsewhere("Measure RHI", argument)) measureForUser(argument); // returns no text, which Fiji would show

// ---- ways in ----------------------------------------------------------------------------------------------

// For runMacro(path, ARGUMENT) in other macros: asks nothing; "error: " and one sentence says what is wrong.
//   action=rows               the lines of rhi.csv
//   action=table label=yes    nothing; fills the table RHI and the overlay
//   action=find               as RHI_Find_High_Intensity.ijm
//   action=names, then lines with names of ROIs: lines of role|level
//   action=roifile folder=[FOLDER] image=[FILE]: the ROI file of an image
//   action=folder, action=batch, action=fiji: for RHI_Batch.ijm, for itself and RHI_Find_High_Intensity.ijm
// The first three take high=[MODE] clip ignore as the command does.
function answer(argument) {
	lines = split(argument, "\n");
	action = option(lines[0], "action");
	options = replace(argument, "action=[a-z]+ (script=\\[.*?\\] )?", "");
	text = "";
	if (action == "folder") measureFolder(options);
	if (action == "fiji") if (isElsewhere(option(argument, "script"), options)) text = "done";
	if (action == "find") text = find(argument);
	if (action == "batch") text = measureFiles(lines);
	if (action == "roifile") text = roiFile(option(argument, "folder"), option(argument, "image"));
	for (a = 1; a < lines.length && action == "names"; a++) text = text + roleOf(lines[a]) + "|" + levelOf(lines[a]) + "\n";
	if (!matches(action, "rows|table")) return text;
	if (nImages == 0) return "error: no image is open; open the MRI slice and its ROIs first";
	nameImage();
	e = setMode(argument);
	if (e == "") e = measureFront(MANAGER);
	if (e != "") return "error: " + e;
	if (action == "rows") return String.trim(csv);
	isLabel = matches(option(argument, "label"), "yes|true");
	showFound(MANAGER);
	return "";
}

// True where the script of Fiji has done it, or where there is no screen.
function isElsewhere(script, options) {
	isHeadless = matches(call("java.awt.GraphicsEnvironment.isHeadless"), "true");
	inFiji = indexOf(getVersion(), "/") > 0;
	if (inFiji && !isHeadless) {
		List.setCommands;
		inFiji = lengthOf(List.get(script)) > 0;
	}
	if (inFiji && options == "null") run(script);
	else if (inFiji) {
		// The script wants all parameters; the first of a name counts.
		options = replace(options, "high=\\[?fixed\\]? fixed=", "high=none custom=");
		options = replace(" " + options + " ", " (clip|save|ignore)(?= )", " $1=true");
		run(script, options + "high=none custom=[] clip=false label=yes save=false ignore=false rois=automatic");
	} else if (isHeadless)
		print("It needs a screen (or xvfb-run); without one use pyrhi measure, or " + script + " of a Fiji.");
	isDone = inFiji || isHeadless;
	return isDone;
}

// Where a macro of RHI is, or "". In Fiji "here" is where the macro is that called this one.
function pathOf(file) {
	places = newArray(here, getDirectory("plugins") + "RHI/", getDirectory("plugins") + "RHI/Macros/");
	for (p = 0; p < places.length; p++) if (File.exists(places[p] + file)) return places[p] + file;
	return "";
}

// Runs RHI_Find_High_Intensity.ijm; returns what it returns.
function find(argument) {
	path = pathOf("RHI_Find_High_Intensity.ijm");
	if (path == "") return "error: RHI_Find_High_Intensity.ijm was not found; put it beside RHI_Measure.ijm";
	text = runMacro(path, argument);
	return text;
}

function measureForUser(options) {
	isAsked = matches(options, "null");
	if (nImages == 0) exit("No image is open; open the MRI slice and its ROIs first.");
	nameImage();
	beside = roiFile(folder, imageName);
	version = IJ.getFullVersion;
	if (version < "1.54i" && isOpen("Recorder") && beside != "")
		exit("This ImageJ would record that the ROI file beside the image is opened: close the Recorder.");
	if (isAsked) options = ask("RHI Measure");
	removeOutlines(); // of an earlier run, which are no ROIs
	e = setMode(options);
	isLabel = !matches(option(options, "label"), "no|false");
	source = option(options, "rois");
	isAutomatic = matches(source, "|automatic");
	if (isAutomatic) source = DRAWN;
	if (isAutomatic && selectionType() < 0 && Overlay.size == 0 && beside != "") source = BESIDE;
	if (isAutomatic && managerCount() > 0) source = MANAGER;
	doubt = "";
	if (isAutomatic && source == MANAGER && e == "") doubt = doubtOf(beside);
	if (doubt != "" && isAsked) {
		if (getBoolean(doubt + ".\nWhich are those of this image?", BESIDE, MANAGER)) source = BESIDE;
		options = replace(options, "rois=.*", "rois=[" + source + "]");
	} else if (doubt != "") e = doubt + "; open that set, or choose ROIs from '" + MANAGER + "' or '" + BESIDE + "'";
	if (source == BESIDE) source = beside;
	if (e == "" && source == "") e = "no ROI file lies beside the image (NAME.zip, NAME_RoiSet.zip, NAME.roi)";
	if (e == "") e = measureFront(source);
	if (e != "") exit(toUpperCase(substring(e, 0, 1)) + substring(e, 1) + ".");
	if (source == MANAGER) old = call("java.lang.System.setProperty", "rhi.last", imageKey + "\n" + areas);
	showFound(source);
	if (flag(options, "save")) saveTable();
	if (isAsked) record("RHI Measure", options);
	print(said + RESEARCH_USE);
}

// Asks, and returns the options.
function ask(command) {
	isFolder = matches(command, "RHI Batch");
	methods = getList("threshold.methods");
	Dialog.create(command);
	Dialog.addMessage("RHI = 100 * high-intensity area / whole cord area.\n" + RESEARCH_USE);
	if (isFolder) Dialog.addDirectory("Input folder", "");
	if (isFolder) Dialog.addDirectory("Output folder", "");
	modes = Array.concat(newArray("none", "auto"), methods, newArray("ref+3sd", "ref+3mad"));
	Dialog.addChoice("High area where none is drawn", modes, "none");
	Dialog.addString("Custom value or ref+ (wins)", "", 10);
	Dialog.addCheckbox("Clip the high area to the cord", false);
	Dialog.addCheckbox("Ignore ROIs without a role", false);
	if (!isFolder) {
		Dialog.addChoice("Label the outlines with RHI", newArray("yes", "no"), "yes");
		Dialog.addCheckbox("Save NAME.rhi.csv beside the image", false);
		Dialog.addChoice("ROIs from", newArray("automatic", MANAGER, DRAWN, BESIDE), "automatic");
	}
	Dialog.addHelp(PAGE);
	Dialog.show();
	call("ij.plugin.frame.Recorder.disableCommandRecording");
	options = "";
	if (isFolder) options = "input=[" + Dialog.getString() + "] output=[" + Dialog.getString() + "] ";
	options += "high=[" + Dialog.getChoice() + "] custom=[" + Dialog.getString() + "]";
	if (Dialog.getCheckbox()) options += " clip";
	if (Dialog.getCheckbox()) options += " ignore";
	if (isFolder) return options;
	options += " label=" + Dialog.getChoice();
	if (Dialog.getCheckbox()) options += " save";
	return options + " rois=[" + Dialog.getChoice() + "]";
}

// Writes the command to the Recorder, at the end, when all went well and nothing is in doubt.
function record(command, options) {
	line = "run(\"" + command + "\", \"" + options + "\");\n";
	if (call("ij.plugin.frame.Recorder.scriptMode") == "true") line = "IJ." + line;
	call("ij.plugin.frame.Recorder.recordString", line);
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

// ---- a folder ---------------------------------------------------------------------------------------------

function measureFolder(options) {
	if (isElsewhere("Batch RHI", options)) return;
	isAsked = matches(options, "null");
	if (isAsked) options = ask("RHI Batch");
	input = folderOf(options, "input");
	output = folderOf(options, "output");
	e = setMode(options);
	if (mode == "auto") e = "the batch does not find the high area by auto, which needs all images of a patient at once;"
		+ " use another mode, or pyrhi measure";
	if (input == "/") e = "no input folder was given; choose the folder with the images (input=[FOLDER])";
	else if (!File.isDirectory(input)) e = input + ": there is no such folder; check the path";
	if (output == "/") e = "no output folder was given; choose where the tables go (output=[FOLDER])";
	if (managerCount() > 0)
		e = "the ROI Manager is not empty, and the ROI sets are opened there; save its ROIs and empty it";
	passedOver = 0;
	images = "";
	if (e == "") images = listImages(input, "");
	if (e == "" && images == "") e = input + ": holds no TIFF or PNG; check the folder, or measure DICOM and NIfTI by pyrhi";
	if (e == "") makeFolder(output);
	if (e == "" && !File.isDirectory(output)) e = output + ": the folder cannot be made; choose another";
	if (e != "") exit(e);
	files = split(images, "\n");
	isHidden = is("Batch Mode");
	if (!isHidden) setBatchMode(true);
	recorder("suspend");
	rows = HEADINGS + "\n"; failures = "Image,Error\n"; failed = 0;
	for (first = 0; first < files.length; first += AT_ONCE) {
		showProgress(first, files.length);
		some = Array.slice(files, first, minOf(first + AT_ONCE, files.length));
		answers = measureSome(options, some);
		for (i = 0; i < some.length; i++) {
			if (!startsWith(answers[i], "error: ")) rows += answers[i];
			else {
				why = input + some[i] + substring(answers[i], 5);
				failures = failures + quoted(some[i]) + "," + quoted(why) + "\n";
				failed++;
			}
		}
	}
	File.saveString(rows, output + "rhi.csv");
	File.saveString(failures, output + "failures.csv");
	if (!isHidden) setBatchMode(false);
	recorder("resume");
	showProgress(1);
	if (isAsked) record("RHI Batch", options);
	if (call("java.nio.charset.Charset.defaultCharset") != "UTF-8" && !matches(rows + failures, "\\p{ASCII}*"))
		print("names with accents are not in UTF-8 in the tables; start Java with -Dfile.encoding=UTF-8");
	if (passedOver > 0) print("DICOM and NIfTI files that were passed over: " + passedOver + "; measure them by pyrhi");
	counted = replace(d2s(files.length - failed, 0) + " images", "^1 images", "1 image");
	print(counted + " measured, " + failed + " failed; tables in " + output + ". " + RESEARCH_USE);
}

// Makes a folder, and those above it.
function makeFolder(path) {
	if (path == "" || File.exists(path)) return;
	makeFolder(File.getDirectory(path));
	File.makeDirectory(path);
}

// The images of a folder, then those of the folders in it, a line each. Counts those of other kinds.
function listImages(top, here) {
	files = getFileList(top + here);
	lines = ""; below = "";
	for (f = 0; f < files.length; f++) {
		if (endsWith(files[f], "/")) below = below + listImages(top, here + files[f]);
		else if (matches(files[f], "(?is).*\\.(tiff?|png)")) lines += here + files[f] + "\n";
		else if (matches(files[f], ".*" + IMAGES)) passedOver++;
	}
	return lines + below;
}

// Rows or error of each image. A damaged file ends the macro that opens it: then each is measured by itself.
function measureSome(options, files) {
	before = nImages;
	text = "" + runMacro(pathOf("RHI_Measure.ijm"), "action=batch " + options + "\n" + String.join(files, "\n"));
	while (nImages > before) close();
	if (!startsWith(text, "[aborted]")) return split(text, fromCharCode(30));
	answers = newArray(files.length);
	if (files.length == 1) answers[0] = "error: ImageJ cannot read it; see the Log, and save it again in ImageJ";
	for (i = 0; i < files.length && files.length > 1; i++) {
		one = measureSome(options, Array.slice(files, i, i + 1));
		answers[i] = one[0];
	}
	return answers;
}

// The answers for the images of a batch, which are the lines of the argument from the second one on.
function measureFiles(lines) {
	e = setMode(lines[0]);
	input = folderOf(lines[0], "input");
	text = "";
	for (i = 1; i < lines.length; i++) text = text + measureFile(input + lines[i], lines[i]) + fromCharCode(30);
	return text;
}

// A folder that is given as an option, with one / at its end.
function folderOf(options, key) { return replace(option(options, key) + "/", "[/\\\\]+", "/"); }

// Measures one image of a batch, under its name in the table. Returns its rows, or "error: " and what is wrong.
function measureFile(path, name) {
	IJ.redirectErrorMessages();
	imageName = name;
	folder = File.getDirectory(path);
	patient = File.getName(folder);
	source = roiFile(folder, File.getName(path));
	if (source == "") source = DRAWN;
	others = nImages;
	open(path);
	e = "ImageJ cannot open it; see the Log, or measure it by pyrhi";
	if (nImages > others) e = checkLength(path);
	if (nImages > others) image = getImageID();
	if (e == "") e = measureImage(source);
	while (nImages > others) close();
	if (e != "") return "error: " + e;
	return csv;
}

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

// ---- ROIs: where they come from, and whose they are -------------------------------------------------------

function nameImage() {
	folder = getInfo("image.directory");
	patient = File.getName(folder);
	imageName = getInfo("image.filename");
	if (imageName == "") imageName = getTitle();
	imageKey = folder + imageName;
	if (folder == "") imageKey += getImageID();
}

function stemOf(file) { return replace(file, IMAGES, ""); }

// The ROI file of an image, "" for none, or "?" and why it is not known.
function roiFile(folder, file) {
	if (folder == "") return "";
	if (List.get("listed " + folder) == "") listRoiFiles(folder);
	found = List.get("rois " + folder + stemOf(file));
	if (found == "") found = List.get("rois " + folder);
	return found;
}

// Notes in the List which ROI file of a folder, or of a folder ROIs in it, is whose: NAME.zip, NAME_RoiSet.zip,
// NAME-rois.zip and the like are those of NAME.tif, and RoiSet.zip is that of a folder's only image.
function listRoiFiles(folder) {
	List.set("listed " + folder, "yes");
	files = getFileList(folder);
	images = 0;
	for (f = 0; f < files.length; f++) {
		stem = stemOf(files[f]);
		if (stem != files[f]) {
			List.set("image " + folder + stem, "yes");
			images++;
		}
		if (!matches(files[f], "(?i)(roisets?|rois?)/")) continue;
		inside = getFileList(folder + files[f]);
		for (i = 0; i < inside.length; i++) inside[i] = files[f] + inside[i];
		files = Array.concat(files, inside);
	}
	for (f = 0; f < files.length; f++) {
		if (!matches(files[f], "(?is).*\\.(zip|roi)")) continue;
		stem = replace(File.getName(files[f]), "\\.[^.]*$", "");
		if (List.get("image " + folder + stem) == "") stem = replace(stem, "(?i)(__|[-_. ])?(roisets?|rois?)$", "");
		if (List.get("image " + folder + stem) == "") stem = replace(stem, IMAGES, "");
		if (stem == "" && images != 1) continue;
		found = folder + files[f];
		other = List.get("rois " + folder + stem);
		if (other != "") found = "?" + other + " and " + files[f] + " may both be its ROIs; move or delete one";
		List.set("rois " + folder + stem, found);
	}
}

function managerCount() {
	if (isOpen("ROI Manager")) return roiManager("count");
	return 0;
}

// Why the ROIs of the ROI Manager may be those of another image, or "": the file beside the image has to give the
// same numbers and, where there is none, they must not be those that were measured last on another image.
function doubtOf(path) {
	last = split(call("java.lang.System.getProperty", "rhi.last", " \n "), "\n");
	e = measureFront(MANAGER);
	if (e != "" || last[0] == imageKey) return "";
	if (path == "" && last[1] == areas) return "the ROI Manager holds the ROIs that were measured on " + File.getName(last[0]);
	if (path == "") return "";
	now = csv;
	e = measureFront(path);
	if (e == "" && csv == now) return "";
	return "the ROI Manager holds ROIs that are not those of " + File.getName(path) + " beside the image";
}

// Makes the ROIs of the ROI Manager, those drawn on the image, or those of a file the overlay of the board.
function loadRois(source) {
	if (startsWith(source, "?")) return substring(source, 1);
	names = newArray(0);
	e = "";
	if (source == DRAWN) takeDrawn();
	else if (source != MANAGER || managerCount() > 0) e = openRois(replace(source, MANAGER, ""));
	if (e != "") return e;
	// A name in a zip may have folders before it; the / of "high L5/S1" belongs to it.
	for (i = 0; i < names.length; i++)
		if (!matches(names[i], ".*[0-9]/[A-Za-z]*[0-9].*")) names[i] = replace(names[i], "(?s).*/", "");
	if (names.length > 0) return "";
	return "the ROI Manager is empty, and no ROIs are beside the image (NAME.zip, NAME_RoiSet.zip, NAME.roi) or inside it;"
		+ " draw the whole cord and the high-intensity area, press t after each, and name them 'cord' and 'high'";
}

function takeDrawn() {
	selectImage(work);
	copyOverlayTo(board);
	removeOutlines();
	selectImage(image);
	copyRoiTo(board);
	if (selectionType() >= 0) Overlay.addSelection;
	names = newArray(Overlay.size);
	for (i = 0; i < names.length; i++) {
		Overlay.activateSelection(i);
		names[i] = Roi.getName;
	}
}

// Takes the ROIs of the ROI Manager or, if there is a path, of that file.
function openRois(path) {
	first = 0;
	if (path != "") {
		data = File.openAsRawString(path, parseFloat(File.length(path)));
		end = lastIndexOf(data, "PK" + fromCharCode(5, 6)); // without it ImageJ takes the part of a set that is there
		if (endsWith(path, ".zip") && (end < 0 || end + 22 > lengthOf(data)))
			return path + ": is not a readable RoiSet; save it again in ImageJ";
		first = managerCount(); // what the user has in the list stays there
	}
	if (path != "") roiManager("open", path);
	selectImage(board);
	if (roiManager("count") > 0) run("From ROI Manager");
	for (i = 0; i < first; i++) Overlay.removeSelection(0);
	names = newArray(roiManager("count") - first);
	for (i = 0; i < names.length; i++) names[i] = RoiManager.getName(first + i);
	if (endsWith(path, ".roi")) names[0] = File.getNameWithoutExtension(path);
	if (path != "" && first == 0) roiManager("reset");
	for (i = managerCount() - 1; first > 0 && i >= first; i--) {
		roiManager("select", i);
		roiManager("delete");
	}
	return "";
}

// ---- roles, levels, slices --------------------------------------------------------------------------------

function readRois() {
	n = names.length;
	firstFound = n;
	roles = newArray(n); levels = newArray(n); slices = newArray(n); notes = newArray(n);
	hasCord = false;
	for (i = 0; i < n; i++) {
		e = readRoi(i, "ROI '" + names[i] + "'");
		if (e != "") return e;
		if (roles[i] == "cord") hasCord = true;
	}
	if (hasCord) return "";
	return "no cord ROI among '" + String.join(names, "', '") + "'; name the whole cord 'cord' and the high-intensity area"
		+ " 'high' (with a level where there are several: 'cord L2', 'high L2'), or give them the ROI groups 1 and 2";
}

// Role, level and slice of a ROI, and whether it can be measured there.
function readRoi(i, roi) {
	notes[i] = "";
	slices[i] = -1;
	level = levelOf(names[i]);
	levels[i] = level;
	role = roleOf(names[i]);
	Overlay.activateSelection(i);
	type = selectionType();
	kind = ""; group = 0; c = 0; z = 0; t = 0; x = 0; y = 0; w = 0; h = 0; n = 0;
	if (type >= 0) {
		kind = Roi.getType;
		group = Roi.getGroup;
		Roi.getPosition(c, z, t);
		Roi.getBounds(x, y, w, h);
	}
	if (role == "" && group < 4) role = ROLES[group];
	roles[i] = role;
	if (indexOf(role, " and ") > 0) return "the name of " + roi + " says " + role + "; rename it so that it says one";
	if ((type > 4 && type != 9) || kind == "text" || kind == "image") {
		if (role == "") return "";
		e = roi + " is a " + kind + " selection and cannot be a " + role + " ROI; draw an area (polygon, freehand, oval, rectangle)";
		return replace(e, "a exclude", "an exclude");
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

// Roles that the words of a name say, joined by " and ". The words are those of pyrhi/rhi/words.csv.
function roleOf(name) {
	w = " " + replace(toLowerCase(name), "[^\\p{L}]+", "  ") + " ";
	w = replace(w, " hyper(troph|osto|plas|lord|kyph|ext|flex|mob|ten)\\p{L}* ", " ");
	words = newArray("cords?|spinalcord|myelon|whole|wholecord|canals?|vertebrae?|body|bodies",
		"high|highintens\\p{L}*|hyper\\p{L}*|lesions?|mets?|metasta\\p{L}*|o?edem\\p{L}*|signals?",
		"normal|references?|refs?", "exclu(de|ded|sion)|art[ei]facts?|implants?");
	role = "";
	for (r = 0; r < 4; r++) if (matches(w, ".* (" + words[r] + ") .*")) role += " and " + ROLES[r + 1];
	if (role == "" && matches(w, ".* vertebral .*")) role = " and cord";
	if (role == " and high" && matches(w, ".* (low|hypo\\p{L}*|isoint\\p{L}*|non) .*")) role += " and not high";
	return replace(role, "^ and ", "");
}

// Vertebral levels in a name, from head to foot: "BWK 7" is T7, "L5/S1" is L5-S1, "C5/6" is C5-C6.
function levelOf(name) {
	if (!matches(name, "(?s).*[0-9].*")) return "";
	t = " " + replace(replace(toUpperCase(name), "[^\\p{L}\\p{N}/]+", " "), " ?/ ?", "/") + " ";
	// T1 and T2 before such a word are the weighting of the image.
	t = replace(t, " T[12](?= ((HYPERINT|HYPOINT|ISOINT|SIGNAL|WEIGHT)[\\p{L}\\p{N}]*|WI?|TSE|FSE|STIR|FLAIR|DIXON|SPACE) )", "");
	t = replace(t, "\\b(HWK|BWK|LWK|SWK|TH) (?=[1-9])", "$1");
	t = replace(replace(t, "\\b(TH|D|BWK)(?=[1-9])", "T"), "\\bHWK(?=[1-9])", "C");
	t = replace(t, "\\b([LS])WK(?=[1-9])", "$1");
	for (n = 1; n < 13; n++) t = replace(t, "\\b([CTLS])" + n + "/" + (n + 1) + "\\b", "$1" + n + " $1" + (n + 1));
	t = replace(t, "/", " ");
	regions = newArray("C", 7, "T", 13, "L", 6, "S", 5);
	found = "";
	for (r = 0; r < 8; r += 2)
		for (n = 1; n <= regions[r + 1]; n++) if (indexOf(t, " " + regions[r] + n + " ") >= 0) found += "-" + regions[r] + n;
	return replace(found, "^-", "");
}

// ---- measuring --------------------------------------------------------------------------------------------

// Measures a copy of the front image, so that its selection, slice and threshold stay.
function measureFront(source) {
	image = getImageID();
	isHidden = is("Batch Mode");
	recorder("suspend");
	if (!isHidden) setBatchMode(true);
	run("Duplicate...", "title=rhi-copy duplicate ignore");
	e = measureImage(source);
	selectImage(board);
	close();
	selectImage(work);
	if (e == "" && isDrawing) {
		copyOverlayTo(image);
		Overlay.show;
		selectImage(work);
	}
	close();
	selectImage(image);
	if (!isHidden) setBatchMode(false);
	recorder("resume");
	return e;
}

// Keeps the Recorder from what is done inside; before 1.54i that cannot be done.
function recorder(what) {
	version = IJ.getFullVersion;
	if (version >= "1.54i") call("ij.plugin.frame.Recorder." + what + "Recording");
}

// Measures the active image. Fills csv, areas and said; returns "" or the sentence that says what is wrong.
function measureImage(source) {
	csv = ""; areas = ""; said = "";
	work = getImageID();
	width = getWidth(); height = getHeight(); planes = nSlices;
	isHyperstack = Stack.isHyperstack;
	readPixelSize();
	newImage("rhi-board", "8-bit black", width, height, 1);
	board = getImageID();
	if (isHyperstack) return "it has channels or frames; split them (Image > Color > Split Channels), or measure it by pyrhi";
	e = loadRois(source);
	if (e == "") e = readRois();
	if (e == "" && isDrawing) startOutlines();
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
		pixelWidth /= 1000;
		pixelHeight /= 1000;
		unit = "mm";
	} else if (matches(unit, " *inch(es)? *") && pixelWidth != 1) {
		imageWarnings = "pixel size from a print resolution: check it against the scanner's";
		unit = "inch";
	} else if (matches(unit, " *|pixels?|inch(es)?")) {
		imageWarnings = "pixel size " + short(pixelWidth) + " x " + short(pixelHeight) + " without a unit of length";
		if (pixelWidth == 1 && pixelHeight == 1) imageWarnings = "no pixel size: areas are in pixel^2";
		unit = "pixel";
	}
	if (bitDepth() == 8 && !is("grayscale"))
		imageWarnings = add(imageWarnings, "colour table: its index values are measured, as in ImageJ");
}

// Lets RHI_Find_High_Intensity.ijm look in the cords that have no high ROI; what it finds is measured like a drawn one.
function findHigh() {
	normal = replace(replace(mode, "ref.*", "reference"), "auto", "cord"); // which ROIs the limit comes from
	for (k = 1; k <= planes; k++) {
		from = onSlice(normal, k);
		for (i = 0; i < from.length; i++) addRegion(k, from[i], "normal");
		cords = onSlice("cord", k);
		for (i = 0; i < cords.length; i++) {
			mine = highsOf(cords[i], k);
			if (mine.length == 0) addRegion(k, cords[i], "in " + levels[cords[i]]);
		}
	}
	e = find("action=regions high=[" + asked + "] work=" + work + " board=" + board + " first=" + firstFound);
	if (startsWith(e, "error: ")) return substring(e, 7);
	selectImage(board);
	for (i = firstFound; i < Overlay.size; i++) {
		Overlay.activateSelection(i);
		Roi.getPosition(c, k, t);
		role = replace(Roi.getName, " .*", ""); // normal, in or high
		level = replace(Roi.getName, ".* ", "");
		roles = Array.concat(roles, role);
		levels = Array.concat(levels, level);
		slices = Array.concat(slices, k);
		notes = Array.concat(notes, "");
	}
	return "";
}

// Adds the pixels of a ROI that are not excluded to the overlay of the board.
function addRegion(k, roi, name) {
	paint(k, roi, newArray(0));
	selectByBoard(1, 1);
	if (selectionType() < 0) return;
	Roi.setName(name);
	Overlay.addSelection;
	Overlay.setPosition(k);
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
	unnamed = onSlice("", k);
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
	wholeCord = -1; // the ROI that is all of the cord, or of the high area
	wholeHigh = -1;
	if (counts[9] == 0) wholeCord = cord;
	if (counts[9] == 0 && highs.length == 1 && !isClipped) wholeHigh = highs[0];
	cordMean = meanOf(k, wholeCord, 1, 2);
	highMean = 0 / 0; outsidePercent = 0 / 0; highCount = 0;
	drawn = Array.concat(cord, highs);
	if (highPixels > 0) {
		outsidePercent = 100 * counts[3] / highPixels;
		highMean = meanOf(k, wholeHigh, 2, 3);
		highCount = countRegions();
	}
	level = levels[cord];
	for (m = 0; m < highs.length && level == ""; m++) level = levels[highs[m]];
	if (outsidePercent > 1) warnings = add(warnings, d2s(outsidePercent, 1) + " % of the high area lies outside the cord");
	if (rhi > 100) warnings = add(warnings, "RHI is over 100");
	excluded = onSlice("exclude", k);
	drawn = Array.concat(drawn, excluded);
	for (m = 0; m < drawn.length; m++) warnings = add(warnings, notes[drawn[m]]);
	for (m = 0; m < unnamed.length; m++) warnings = add(warnings, "ROI " + names[unnamed[m]] + " has no role and was not counted");
	warnings = add(warnings, imageWarnings);
	pixel = pixelWidth * pixelHeight;
	percent = 100 / (width * height);
	row = newArray(patient, imageName, k, level, rhi, cordPixels * pixel, highPixels * pixel, unit + "^2", cordPixels * percent,
		highPixels * percent, highCount, outsidePercent, cordMean, highMean, counts[9], "", method, warnings);
	headings = split(HEADINGS, ",");
	cells = newArray(row.length);
	line = 0;
	if (isDrawing) line = Table.size;
	for (i = 1; i <= row.length; i++) {
		c = i % row.length; // in the table Patient, which is the same in all rows, comes last
		isText = matches(headings[c], TEXTS);
		if (isText) cell = quoted(row[c]);
		else cell = num(row[c]);
		cells[c] = cell;
		if (isDrawing && isText) Table.set(headings[c], line, row[c]);
		else if (isDrawing) Table.set(headings[c], line, parseFloat(cell));
	}
	csv += String.join(cells, ",") + "\n";
	areas += cells[5] + " " + cells[6] + " ";
	said += replace("slice " + k + " " + level, " $", "") + ": RHI " + d2s(rhi, 1) + " %\n";
	if (isDrawing) addOutlines(k, cord, highs, rhi);
	return "";
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

// Mean of what has such values on the board, where it stays selected; a ROI (not -1) that is just this need not be traced.
function meanOf(k, roi, lower, upper) {
	selectImage(board);
	if (roi >= 0) Overlay.activateSelection(roi);
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

// ---- what is shown and saved ------------------------------------------------------------------------------

// Measures once more, which fills the table RHI and the overlay.
function showFound(source) {
	isNew = !isOpen("RHI");
	Table.create("RHI");
	isDrawing = true;
	e = measureFront(source);
	Table.update;
	if (isNew) Table.setLocationAndSize(20, screenHeight - 320, minOf(1200, screenWidth - 40), 240, "RHI");
	selectImage(image);
	showStatus(substring(said, 0, indexOf(said, "\n")) + ". " + RESEARCH_USE);
}

// Takes earlier outlines off the image, and gives its copy what else the overlay has; outlines are added there.
function startOutlines() {
	selectImage(image);
	removeOutlines();
	copyOverlayTo(work);
}

// Gives another image the overlay of the active one (the same, not a copy of it), and makes it active.
function copyOverlayTo(id) {
	isEmpty = Overlay.size == 0;
	if (!isEmpty) Overlay.copy;
	selectImage(id);
	Overlay.remove;
	if (!isEmpty) Overlay.paste;
}

function removeOutlines() {
	if (Overlay.size > 0) Overlay.removeRois("RHI cord");
	if (Overlay.size > 0) Overlay.removeRois("RHI high");
}

// Outlines cord and high area of a row over the copy, and labels the cord.
function addOutlines(k, cord, highs, rhi) {
	addOutline(k, cord, "cord");
	if (isLabel) {
		size = maxOf(5, minOf(14, height / 20));
		setFont("SansSerif", size);
		getSelectionBounds(x, y, w, h);
		if (y < size + 2) y += h + size + 4;
		makeText(d2s(rhi, 1) + " %", maxOf(0, minOf(x, width - 4 * size)), y - size - 2);
		addSelection(k, "cord");
	}
	for (i = 0; i < highs.length; i++) addOutline(k, highs[i], "high");
}

function addOutline(k, roi, role) {
	selectImage(board);
	Overlay.activateSelection(roi);
	copyRoiTo(work);
	addSelection(k, role);
}

// Adds the selection of the copy to its overlay.
function addSelection(k, role) {
	color = "#00d5ff";
	if (role == "high") color = "#ff5040";
	Roi.setName("RHI " + role);
	Roi.setProperty("RHI", "outline");
	Overlay.addSelection(color, 1);
	Overlay.setPosition(k * (planes > 1));
}

// Writes NAME.rhi.csv and says what became of it.
function saveTable() {
	path = folder + stemOf(imageName) + ".rhi.csv";
	if (folder == "") said += "Not saved, because the image has no file: save it first. ";
	else if (!matches(imageName, "(?is).*\\.(tiff?|png)"))
		said += "Not saved: nothing is written into a DICOM folder, only beside a TIFF or PNG; use File > Save As of the table. ";
	else {
		File.saveString(HEADINGS + "\n" + csv, path);
		said += "Saved in " + path + ". ";
	}
}

// ---- text and numbers -------------------------------------------------------------------------------------

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

// A number with six decimals, without the zeros at the end.
function short(x) { return replace(d2s(x, 6), "\\.?0+$", ""); }
