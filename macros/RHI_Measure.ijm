// RHI Measure: RHI = 100 * high-intensity area / whole cord area, of each slice and level of the front image that
// has a cord. Research use only; not a medical device. For ImageJ 1.53k or later; in Fiji it calls Measure RHI.
//
// ROIs are named cord, high, reference or exclude, with a level where there are several (cord L2, high L2), or are
// in the ROI groups 1, 2 and 3. See docs/macros.md.
//
// How it measures: the ROIs become the overlay of a copy of the image. On the "board", an image of the same size,
// the pixels of a cord are painted 1, those of its high area 3, those of both 2, and what is excluded 9, so that
// no pixel counts twice; the histogram counts them. Only ASCII here: ImageJ reads macros as ISO 8859-1.

var HEADINGS = "Patient,Image,Slice,Level,RHI,CordArea,HighArea,Unit,CordPercent,HighPercent,HighCount,"
	+ "HighOutsidePercent,CordMean,HighMean,ExcludedPixels,Plane,Method,Warnings";
var TEXTS = "Patient|Image|Level|Unit|Plane|Method|Warnings"; // the columns that are no numbers
var RESEARCH_USE = "Research use only; not a medical device.";
var PAGE = "https://doi.org/10.7150/ijms.103916"; // Kong et al., Int J Med Sci 2025; 22(3): 708-715
var ROLES = newArray("", "cord", "high", "reference", "exclude"); // the first four as ROI groups
var MANAGER = "ROI Manager", DRAWN = "overlay and selection", BESIDE = "ROI file";
var IMAGES = "(?i)\\.(tiff?|png|nii|nii\\.gz|dcm|dicom|ima)$";
var AT_ONCE = 600; // images of a batch in one run of this macro

// What is asked for: a pixel is high from the limit on or, if it is strict, above it; what becomes of the outlines.
var mode, limit, isStrict, isFixed, isClip, isIgnore, isLabel, isDrawing = false;
var onlyCord = -1, onlySlice; // the ROI of the ROI Manager to find the high area in, if only that is asked
// The front image, the copy that is measured (in a batch the image itself), and the board.
var folder, imageName, imageKey, patient, image, work, board;
var width, height, planes, pixelWidth, pixelHeight, unit, imageWarnings;
// The ROIs: slices is 0 for all slices and -1 for none, notes are warnings.
var roiCount, names, roles, levels, slices, notes;
// What was found: lines of rhi.csv, a text that tells sets of ROIs apart, lines of the log.
var csv, areas, said;

requires("1.53k");
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
//   action=find cord=INDEX    nothing; selects what is high inside that ROI of the ROI Manager
//   action=batch, then lines of image file, its name and patient, with tabs: the lines of each, then character 30
//   action=names, then lines with names of ROIs: lines of role|level
//   action=roifile folder=[FOLDER] image=[FILE]: the ROI file of an image
// The first four take high=[MODE] clip ignore as the command does. RHI_Batch.ijm calls action=folder.
function answer(argument) {
	lines = split(argument, "\n");
	action = option(lines[0], "action");
	text = "";
	if (action == "folder") measureFolder(replace(argument, "action=folder ", ""));
	if (action == "roifile") text = roiFile(option(argument, "folder"), option(argument, "image"));
	for (a = 1; a < lines.length && action == "names"; a++) text = text + roleOf(lines[a]) + "|" + levelOf(lines[a]) + "\n";
	if (matches(action, "folder|roifile|names")) return text;
	e = setMode(lines[0]);
	for (a = 1; a < lines.length && e == ""; a++) text = text + measureFile(split(lines[a], "\t")) + fromCharCode(30);
	if (e == "" && lines.length == 1) {
		if (nImages == 0) return "error: no image is open; open the MRI slice and its ROIs first";
		nameImage();
		if (action == "find") onlyCord = parseInt(option(lines[0], "cord"));
		e = measureFront(MANAGER);
		isLabel = matches(option(lines[0], "label"), "yes|true");
		if (e == "" && action == "table") showFound(MANAGER);
		if (e == "" && action == "rows") text = String.trim(csv);
	}
	if (e != "") return "error: " + e;
	return text;
}

// True where the script of Fiji has done it, or where there is no screen.
function isElsewhere(script, options) {
	headless = call("java.awt.GraphicsEnvironment.isHeadless");
	inFiji = indexOf(getVersion(), "/") > 0;
	if (inFiji && headless == "false") {
		List.setCommands;
		inFiji = lengthOf(List.get(script)) > 0;
	}
	if (inFiji && options == "null") run(script);
	else if (inFiji) {
		e = setMode(options); // the script wants all parameters; the first of a name counts
		mode = replace(mode, "none|fixed ", "");
		options = replace(" " + options + " ", " (clip|save|ignore)(?= )", " $1=true");
		run(script, "high=none custom=[" + mode + "]" + options
			+ "clip=false label=yes save=false ignore=false rois=automatic");
	} else if (headless == "true")
		print("It needs a screen (or xvfb-run); without one use pyrhi measure, or " + script + " of a Fiji.");
	if (headless == "true") return true;
	return inFiji;
}

function measureForUser(options) {
	isAsked = matches(options, "null");
	if (nImages == 0) exit("No image is open; open the MRI slice and its ROIs first.");
	nameImage();
	path = roiFile(folder, imageName);
	version = IJ.getFullVersion;
	if (version < "1.54i" && isOpen("Recorder") && path != "")
		exit("This ImageJ would record that the ROI file beside the image is opened: close the Recorder.");
	if (isAsked) options = ask("RHI Measure");
	e = setMode(options);
	isLabel = !matches(option(options, "label"), "no|false");
	source = option(options, "rois");
	isAutomatic = matches(source, "|automatic");
	if (isAutomatic) source = DRAWN;
	if (isAutomatic && selectionType() < 0 && Overlay.size == 0 && path != "") source = path;
	if (isAutomatic && managerCount() > 0) source = MANAGER;
	doubt = "";
	if (isAutomatic && source == MANAGER && e == "") doubt = doubtOf(path);
	if (doubt != "" && isAsked) {
		if (getBoolean(doubt + ".\nWhich are those of this image?", BESIDE, MANAGER)) source = BESIDE;
		options = replace(options, "rois=.*", "rois=[" + source + "]");
	} else if (doubt != "") e = doubt + "; open that set, or choose ROIs from '" + MANAGER + "' or '" + BESIDE + "'";
	if (source == BESIDE) source = path;
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
	mode = String.trim(option(options, "custom"));
	if (mode == "") mode = String.trim(option(options, "high"));
	if (mode == "fixed") mode = option(options, "fixed"); // as older versions wrote a value
	if (mode == "") mode = "none";
	isStrict = matches(mode, "auto|ref\\+[0-9]+(\\.[0-9]+)?(sd|mad)");
	isFixed = matches(mode, "[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");
	methods = getList("threshold.methods");
	methods = String.join(methods, ", ");
	if (!isStrict && !isFixed && indexOf(", none, " + methods + ", ", ", " + mode + ", ") < 0)
		return "high='" + mode + "' is not known; use a method (" + methods + "), a number, ref+3sd, ref+3mad or auto";
	limit = parseFloat(mode);
	if (isFixed) mode = "fixed " + short(limit);
	return "";
}

// ---- a folder ---------------------------------------------------------------------------------------------

function measureFolder(options) {
	core = option(options, "core");
	options = replace(options, "core=\\[.*?\\] ", "");
	if (isElsewhere("Batch RHI", options)) return;
	isAsked = matches(options, "null");
	if (isAsked) options = ask("RHI Batch");
	input = replace(option(options, "input") + "/", "[/\\\\]+", "/");
	output = replace(option(options, "output") + "/", "[/\\\\]+", "/");
	e = setMode(options);
	if (mode == "auto") e = "the batch does not find the high area by auto, which needs all images of a patient at once;"
		+ " use another mode, or pyrhi measure";
	if (input == "/") e = "no input folder was given; choose the folder with the images (input=[FOLDER])";
	else if (!File.isDirectory(input)) e = input + ": there is no such folder; check the path";
	if (output == "/") e = "no output folder was given; choose where the tables go (output=[FOLDER])";
	if (managerCount() > 0)
		e = "the ROI Manager is not empty, and the ROI sets are opened there; save its ROIs and empty it";
	if (e == "") makeFolder(output);
	if (e == "" && !File.isDirectory(output)) e = output + ": the folder cannot be made; choose another";
	if (e != "") exit(e);
	tasks = split(listImages(input, ""), "\n");
	isHidden = is("Batch Mode");
	if (!isHidden) setBatchMode(true);
	recorder("suspend");
	rows = HEADINGS + "\n"; failures = "Image,Error\n"; failed = 0;
	for (first = 0; first < tasks.length; first += AT_ONCE) {
		showProgress(first, tasks.length);
		some = Array.slice(tasks, first, minOf(first + AT_ONCE, tasks.length));
		answers = measureSome(core, options, some);
		for (i = 0; i < some.length; i++) {
			found = answers[i];
			if (!startsWith(found, "error: ")) rows += found;
			else {
				task = split(some[i], "\t");
				name = task[1];
				why = task[0] + substring(found, 5);
				failures = failures + quoted(name) + "," + quoted(why) + "\n";
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
	print("" + (tasks.length - failed) + " images measured, " + failed + " failed; tables in " + output + ". " + RESEARCH_USE);
}

// Makes a folder, and those above it.
function makeFolder(path) {
	if (path == "" || File.exists(path)) return;
	makeFolder(File.getDirectory(path));
	File.makeDirectory(path);
}

// Lines of file, name and patient of the images of a folder, then of the folders in it.
function listImages(top, here) {
	files = getFileList(top + here);
	lines = "";
	for (f = 0; f < files.length; f++) if (matches(files[f], "(?is).*\\.(tiff?|png)"))
		lines += top + here + files[f] + "\t" + here + files[f] + "\t" + File.getName(top + here) + "\n";
	for (f = 0; f < files.length; f++) {
		below = "";
		if (endsWith(files[f], "/")) below = listImages(top, here + files[f]);
		lines = lines + below;
	}
	return lines;
}

// Rows or error of each image. A damaged file ends the macro that opens it: then each is measured by itself.
function measureSome(core, options, some) {
	before = nImages;
	text = "" + runMacro(core, "action=batch " + options + "\n" + String.join(some, "\n"));
	while (nImages > before) close();
	if (!startsWith(text, "[aborted]")) return split(text, fromCharCode(30));
	if (some.length == 1) return newArray("error: ImageJ cannot read it; see the Log, and save it again in ImageJ", "");
	answers = newArray(some.length);
	for (i = 0; i < some.length; i++) {
		one = measureSome(core, options, Array.slice(some, i, i + 1));
		answers[i] = one[0];
	}
	return answers;
}

// The lines of one image of a batch: its file, its name in the table, and its patient.
function measureFile(task) {
	IJ.redirectErrorMessages();
	imageName = task[1];
	patient = task[2];
	others = nImages;
	source = roiFile(File.getDirectory(task[0]), File.getName(task[0]));
	if (source == "") source = DRAWN;
	open(task[0]);
	e = "ImageJ cannot open it; see the Log, or measure it by pyrhi";
	if (nImages > others) e = checkLength(task[0]);
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
	if (found == "" || startsWith(found, "?")) return found;
	return folder + found;
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
		found = files[f];
		other = List.get("rois " + folder + stem);
		if (other != "") found = "?" + other + " and " + found + " may both be its ROIs; move or delete one";
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

// Makes the ROIs of the ROI Manager, those drawn on the image, or those of a file the overlay of the active image.
function loadRois(source) {
	if (startsWith(source, "?")) return substring(source, 1);
	isFile = !matches(source, MANAGER + "|" + DRAWN);
	first = 0;
	count = managerCount();
	if (isFile) {
		data = File.openAsRawString(source, parseFloat(File.length(source)));
		end = lastIndexOf(data, "PK" + fromCharCode(5, 6)); // without it ImageJ takes the part of a set that is there
		if (endsWith(source, ".zip") && (end < 0 || end + 22 > lengthOf(data)))
			return source + ": is not a readable RoiSet; save it again in ImageJ";
		first = count; // what the user has in the list stays there
		roiManager("open", source);
		count = roiManager("count");
	}
	if (source == DRAWN) {
		removeOutlines();
		if (selectionType() >= 0) Overlay.addSelection;
	} else {
		Overlay.remove;
		if (count > 0) run("From ROI Manager");
		for (i = 0; i < first; i++) Overlay.removeSelection(0);
	}
	roiCount = Overlay.size;
	names = newArray(roiCount);
	for (i = 0; i < roiCount; i++) {
		Overlay.activateSelection(i);
		names[i] = "";
		if (source != DRAWN) names[i] = RoiManager.getName(first + i);
		else if (selectionType() >= 0) names[i] = Roi.getName;
		if (endsWith(source, ".roi")) names[i] = File.getNameWithoutExtension(source);
		// A name in a zip may have folders before it; the / of "high L5/S1" belongs to it.
		if (!matches(names[i], ".*[0-9]/[A-Za-z]*[0-9].*")) names[i] = replace(names[i], "(?s).*/", "");
	}
	if (isFile && first == 0) roiManager("reset");
	for (i = count - 1; isFile && first > 0 && i >= first; i--) {
		roiManager("select", i);
		roiManager("delete");
	}
	if (roiCount > 0) return "";
	return "the ROI Manager is empty, and no ROIs are beside the image (NAME.zip, NAME_RoiSet.zip, NAME.roi) or inside it;"
		+ " draw the whole cord and the high-intensity area, press t after each, and name them 'cord' and 'high'";
}

// ---- roles, levels, slices --------------------------------------------------------------------------------

function readRois() {
	roles = newArray(roiCount); levels = newArray(roiCount); slices = newArray(roiCount); notes = newArray(roiCount);
	hasCord = false;
	for (i = 0; i < roiCount; i++) {
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
	selectImage(work);
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
	if (onlyCord >= 0 && role != "reference") role = "unasked";
	if (onlyCord == i) role = "cord";
	roles[i] = role;
	if (indexOf(role, " and ") > 0) return "the name of " + roi + " says " + role + "; rename it so that it says one";
	if ((type > 4 && type != 9) || kind == "text" || kind == "image") {
		if (matches(role, "|unasked")) return "";
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
	if (onlyCord == i && z == 0 && planes > 1) z = onlySlice;
	if (z > planes) return roi + " lies on slice " + z + ", but the image has " + planes + "; check that the ROI set belongs to this image";
	slices[i] = z;
	if (x < 0 || y < 0 || x + w > width || y + h > height)
		notes[i] = replace("ROI " + names[i] + " reaches outside the image; the part inside is measured; " + notes[i], "; $", "");
	// Wholly outside, ImageJ would measure the whole image.
	if (w > 0 && h > 0 && x < width && y < height && x + w > 0 && y + h > 0) {
		copyRoiTo(board);
		getRawStatistics(n);
	}
	if (n == 0 && !matches(role, "|unasked")) return roi + " covers no pixel of slice " + maxOf(1, z) + "; draw it on the image";
	return "";
}

// ROIs of a role that lie on a slice.
function onSlice(role, k) {
	found = newArray(0);
	for (i = 0; i < roiCount; i++) if (roles[i] == role && (slices[i] == 0 || slices[i] == k)) found = Array.concat(found, i);
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
	onlySlice = getSliceNumber();
	isHidden = is("Batch Mode");
	recorder("suspend");
	if (!isHidden) setBatchMode(true);
	board = 0;
	hasRoi = selectionType() >= 0;
	if (hasRoi) Roi.copy;
	run("Duplicate...", "title=rhi-copy duplicate ignore");
	if (hasRoi) Roi.paste;
	e = measureImage(source);
	if (e == "" && onlyCord >= 0) e = copyFound();
	if (e == "" && isDrawing) {
		selectImage(board);
		Overlay.copy;
		selectImage(image);
		Overlay.paste;
		Overlay.show;
	}
	if (board != 0) {
		selectImage(board);
		close();
	}
	selectImage(work);
	close();
	selectImage(image);
	if (!isHidden) setBatchMode(false);
	if (e == "" && onlyCord >= 0) {
		if (planes > 1) setSlice(onlySlice);
		Roi.paste;
	}
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
	if (Stack.isHyperstack) return "it has channels or frames; split them (Image > Color > Split Channels), or measure it by pyrhi";
	if (bitDepth() == 24 && !isStrict && !matches(mode, "none|fixed.*"))
		return "high=" + mode + ": ImageJ does not threshold RGB images; convert it to 8-bit";
	readPixelSize();
	e = loadRois(source);
	if (e == "" && onlyCord >= roiCount) e = "there is no ROI " + onlyCord + " in the ROI Manager; select the cord in its list";
	if (e != "") return e;
	newImage("rhi-board", "8-bit black", width, height, 1);
	board = getImageID();
	if (isDrawing) startOutlines();
	e = readRois();
	if (e == "" && isStrict) e = findLimit();
	for (k = 1; k <= planes && e == ""; k++) e = measureSlice(k);
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

// Rows of a slice: each cord with its high ROIs, by level where levels are named.
function measureSlice(k) {
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
	e = "";
	for (j = 0; j < cords.length && e == ""; j++) {
		mine = newArray(0);
		for (h = 0; h < highs.length; h++) if (cordOf(highs[h], cords) == cords[j]) mine = Array.concat(mine, highs[h]);
		e = measureCord(k, cords[j], mine, unnamed);
	}
	return e;
}

// The first cord of the level of a ROI, or a slice's only cord where one of the two has no level; else -1.
function cordOf(roi, cords) {
	for (j = 0; j < cords.length; j++) if (levels[cords[j]] == levels[roi]) return cords[j];
	if (cords.length != 1) return -1;
	if (levels[roi] == "") return cords[0];
	if (levels[cords[0]] == "") return cords[0];
	return -1;
}

function ofLevel(roi) { return replace(" of level " + levels[roi], " of level $", ""); }

// One row.
function measureCord(k, cord, highs, unnamed) {
	paint(k, cord, highs);
	method = "drawn";
	if (highs.length == 0) method = replace(mode, "none", "drawn");
	e = "";
	if (method != "drawn") e = findInside(k);
	if (e != "") return e;
	selectImage(board);
	Roi.remove;
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
		copyRoiTo(board);
		if (method != "drawn") addOutline("high", k);
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
	line = "" + quoted(patient) + "," + quoted(imageName);
	for (c = 2; c < 15; c++) {
		cell = "" + row[c];
		if (c != 3 && c != 7) cell = num(row[c]);
		row[c] = cell;
		line = line + "," + cell;
	}
	csv = csv + line + ",," + method + "," + quoted(warnings) + "\n";
	areas += row[5] + " " + row[6] + " ";
	said += replace("slice " + k + " " + level, " $", "") + ": RHI " + d2s(rhi, 1) + " %\n";
	if (isDrawing) showRow(row, cord, highs);
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
		selectOnBoard(highs[i]);
		fill();
	}
	selectOnBoard(cord);
	changeValues(0, 0, 1);
	changeValues(3, 3, 2);
	excluded = onSlice("exclude", k);
	for (i = 0; i < excluded.length; i++) {
		selectOnBoard(excluded[i]);
		changeValues(1, 3, 9);
	}
}

// Selects a ROI on the board.
function selectOnBoard(i) {
	selectImage(work);
	Overlay.activateSelection(i);
	copyRoiTo(board);
}

// Gives another image the selection of the active one, and makes it active.
function copyRoiTo(id) {
	hasRoi = selectionType() >= 0;
	if (hasRoi) Roi.copy;
	selectImage(id);
	Roi.remove;
	if (hasRoi) Roi.paste;
}

// Mean of a ROI or (-1) of what has such values on the board; it is selected then.
function meanOf(k, roi, lower, upper) {
	selectImage(work);
	if (roi >= 0) Overlay.activateSelection(roi);
	else selectByBoard(lower, upper);
	if (planes > 1) setSlice(k);
	getStatistics(area, mean);
	return mean;
}

// Selects on the image that is measured what has such values on the board.
function selectByBoard(lower, upper) {
	selectImage(board);
	Roi.remove;
	setThreshold(lower, upper);
	run("Create Selection");
	resetThreshold();
	copyRoiTo(work);
}

// 8-connected regions of the selection on the board. In a macro of its own, because one with "var" writes
// floodFill into an open Recorder.
function countRegions() {
	n = eval("Roi.getContainedPoints(xs, ys); setColor(254); fill(); setColor(255); n = 0; for (i = 0; i < xs.length; i++) {"
		+ "if (getPixel(xs[i], ys[i]) == 254) { floodFill(xs[i], ys[i], '8-connected'); n++; } } return '' + n;");
	return parseInt(n);
}

// ---- finding the high area --------------------------------------------------------------------------------

// Paints what is high by the mode inside the cord of the board as 2.
function findInside(k) {
	values = valuesInCord(k);
	if (values.length == 0) return "";
	lower = limit; upper = 1 / 0;
	if (!isStrict && !isFixed) {
		method = getInfo("threshold.method"); // that of the user
		setAutoThreshold(mode + " dark");
		getThreshold(lower, upper);
		old = call("ij.plugin.frame.ThresholdAdjuster.setMethod", method);
		isFloat = bitDepth() == 32;
		if (!isFloat) run("Create Selection");
		resetThreshold();
		if (!isFloat) {
			copyRoiTo(board);
			if (selectionType() >= 0) changeValues(1, 1, 2);
			return "";
		}
		if (!(abs(lower) < 1 / 0 && abs(upper) < 1 / 0) || (lower == -1 && upper == -1))
			return mode + ": no threshold, the image's range is not finite; remove NaN and infinite pixels";
	}
	Roi.getContainedPoints(xs, ys);
	selectImage(board);
	for (p = 0; p < xs.length; p++)
		if (values[p] <= upper && (values[p] > lower || (values[p] == lower && !isStrict))) setPixel(xs[p], ys[p], 2);
	return "";
}

// Calibrated values of the pixels that are 1 on the board, which are selected then; of RGB the rounded mean.
function valuesInCord(k) {
	selectByBoard(1, 1);
	if (planes > 1) setSlice(k);
	if (selectionType() < 0) return newArray(0);
	Roi.getContainedPoints(xs, ys);
	values = newArray(xs.length);
	for (p = 0; p < xs.length; p++) {
		c = getPixel(xs[p], ys[p]);
		if (bitDepth() == 24) values[p] = floor((((c >> 16) & 255) + ((c >> 8) & 255) + (c & 255)) / 3 + 0.5);
		else values[p] = getValue(xs[p], ys[p]);
	}
	return values;
}

// Sets the limit above which pixels are high: by the reference ROIs (ref+3sd), or by all cords (auto).
function findLimit() {
	role = "reference";
	spreads = parseFloat(replace(mode, "ref.|sd|mad", ""));
	if (mode == "auto") {
		role = "cord";
		spreads = 5;
	}
	all = newArray(0);
	for (k = 1; k <= planes; k++) {
		on = onSlice(role, k);
		for (r = 0; r < on.length; r++) {
			paint(k, on[r], newArray(0));
			values = valuesInCord(k);
			all = Array.concat(all, values);
		}
	}
	n = 0;
	for (p = 0; p < all.length; p++) if (abs(all[p]) < 1 / 0) { all[n] = all[p]; n++; }
	if (n < 2) return "high=" + mode + " needs a reference ROI (named normal, reference or ref, or in ROI group 3) of two pixels or more;"
		+ " draw one, or use high=auto";
	all = Array.trim(all, n);
	Array.getStatistics(all, low, high, center, spread);
	if (!endsWith(mode, "sd")) {
		center = median(all);
		for (p = 0; p < n; p++) all[p] = abs(all[p] - center);
		spread = 1.4826 * median(all);
	}
	limit = center + spreads * spread;
	return "";
}

function median(values) {
	sorted = Array.copy(values);
	Array.sort(sorted);
	middle = (sorted[floor((sorted.length - 1) / 2)] + sorted[floor(sorted.length / 2)]) / 2;
	return middle;
}

// Copies what was found in the cord that was asked for.
function copyFound() {
	if (slices[onlyCord] > 0) onlySlice = slices[onlyCord];
	selectImage(board);
	if (Overlay.size == 0) return "no pixel of ROI '" + RoiManager.getName(onlyCord) + "' on slice " + onlySlice
		+ " is high by " + mode + "; try another mode, or draw it";
	Overlay.activateSelection(0);
	Roi.copy;
	return "";
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

// Takes earlier outlines off the image and gives the board the rest of its overlay, to which outlines are added.
function startOutlines() {
	selectImage(image);
	removeOutlines();
	if (Overlay.size == 0) return;
	Overlay.copy;
	selectImage(board);
	Overlay.paste;
}

function removeOutlines() {
	if (Overlay.size > 0) Overlay.removeRois("RHI cord");
	if (Overlay.size > 0) Overlay.removeRois("RHI high");
}

// Adds a row to the table, where Patient, which is the same in all rows, comes last, and its outlines to the board.
function showRow(row, cord, highs) {
	headings = split(HEADINGS, ",");
	last = Table.size;
	for (c = 1; c <= row.length; c++) {
		i = c % row.length;
		if (matches(headings[i], TEXTS)) Table.set(headings[i], last, row[i]);
		else Table.set(headings[i], last, parseFloat(row[i]));
	}
	k = parseInt(row[2]);
	selectOnBoard(cord);
	addOutline("cord", k);
	if (isLabel) {
		size = maxOf(5, minOf(14, height / 20));
		setFont("SansSerif", size);
		getSelectionBounds(x, y, w, h);
		if (y < size + 2) y += h + size + 4;
		makeText(d2s(parseFloat(row[4]), 1) + " %", maxOf(0, minOf(x, width - 4 * size)), y - size - 2);
		addOutline("cord", k);
	}
	for (i = 0; i < highs.length; i++) {
		selectOnBoard(highs[i]);
		addOutline("high", k);
	}
}

// Adds the selection of the board to its overlay.
function addOutline(role, k) {
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
