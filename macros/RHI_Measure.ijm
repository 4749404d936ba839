// RHI Measure: RHI = 100 * high-intensity area / whole cord area, of every slice and level of the front
// image that has a cord. Research use only; not a medical device.
//
// Needs ImageJ 1.53k or later: plugins/RHI/RHI_Measure.ijm is Plugins > RHI > RHI Measure. In Fiji it hands
// its options to the script Measure RHI. ROIs are named cord, high, reference or exclude, with a level where
// there are several (cord L2, high L2), or are in the groups 1, 2, 3. See docs/macros.md.
//
// run("RHI Measure", "high=none custom=[] label=yes save rois=automatic") is what the Recorder writes.
// runMacro(path, argument) asks nothing and returns text, or "error: " and one sentence:
//   action=rows image=[TEXT] patient=[TEXT] high=[MODE] clip ignore    the lines of rhi.csv
//   action=table high=[MODE] clip ignore label=yes                     nothing; fills table and overlay
//   action=find high=[MODE] cord=INDEX                                 nothing; selects what is high in a ROI
//   action=batch high=[MODE] clip ignore, then lines of image file, its name and patient with tabs between:
//                                                                      the lines of each, and character 30
//   action=names, then lines with names of ROIs                        lines of role|level
//   action=roifile folder=[FOLDER] image=[FILE]                        the ROI file of an image
// MODE: none, a method of Image > Adjust > Threshold, a least grey value, ref+3sd, ref+3mad or auto.
// This file is ASCII: ImageJ reads macros as ISO 8859-1.

var HEADINGS = "Patient,Image,Slice,Level,RHI,CordArea,HighArea,Unit,CordPercent,HighPercent,HighCount,"
	+ "HighOutsidePercent,CordMean,HighMean,ExcludedPixels,Plane,Method,Warnings";
var TEXTS = "Patient|Image|Level|Unit|Plane|Method|Warnings"; // the columns that are no numbers
var RESEARCH_USE = "Research use only; not a medical device.";
var HELP = "<html><h3>RHI = 100 &middot; high-intensity area / whole cord area</h3>Name the ROIs <b>cord</b> and <b>high</b>"
	+ " (with a level where there are several: cord L2, high L2), <b>reference</b> for ref+3sd, <b>exclude</b> for an artefact."
	+ "<p>The modes are explained in docs/high-modes.md; <b>Custom</b> is a least grey value (1200) or ref+2.5sd."
	+ "<p>Kong et al., Int J Med Sci 2025; 22(3): 708-715, doi.org/10.7150/ijms.103916<p><b>" + RESEARCH_USE + "</b></html>";
var NONE = 0, CORD = 1, HIGH = 2, REFERENCE = 3, EXCLUDE = 4, ROLES = newArray("", "cord", "high", "reference", "exclude");
var AUTOMATIC = "automatic", MANAGER = "ROI Manager", DRAWN = "overlay and selection", BESIDE = "ROI file";

// What is asked for; a pixel is high from the limit on, or strictly above it.
var mode, limit, strict, clip, ignore, label = "";
// The image, the copy that is measured (in a batch the image itself), and a black image to paint ROIs on.
var folder, imageName, patient, image, work, board, isBatch = false, isHidden;
var width, height, planes, pixelWidth, pixelHeight, unit, imageWarnings;
// The ROIs: slices is 0 for all slices, -1 for none; outside and moved are what a row says of them.
var roiCount, names, roles, levels, slices, outside, moved, prints;
// ROI files of the folder that was looked into last.
var listed = "", roiFiles, imageCount;
// Lines of rhi.csv, the same cells one by one, outlines to draw, lines for the log.
var csv, cells, outlines, said;

requires("1.53k");
argument = getArgument();
isAction = startsWith(argument, "action=");
if (isAction) answer = act(argument);
if (isAction) return answer; // not in a block, which would end the batch mode of the caller
measureCommand(argument); // returns no text, which Fiji would show in a window

// ---- ways in -----------------------------------------------------------------------------------------

function act(argument) {
	lines = split(argument, "\n");
	action = option(lines[0], "action");
	answer = "";
	if (action == "script") answer = forScript(lines[0]);
	if (action == "roifile") answer = roiFile(option(lines[0], "folder"), option(lines[0], "image"));
	for (a = 1; a < lines.length && action == "names"; a++) answer = answer + rolesSaid(lines[a]) + "|" + levelOf(lines[a]) + "\n";
	if (matches(action, "script|roifile|names")) return answer;
	e = setMode(lines[0]);
	if (e != "" || action == "check") return replace("error: " + e, "error: $", "");
	for (a = 1; a < lines.length && action == "batch"; a++) answer = answer + measureFile(split(lines[a], "\t")) + fromCharCode(30);
	if (action == "batch") return answer;
	if (nImages == 0) return "error: no image is open; open the MRI slice and its ROIs first";
	nameImage();
	if (action == "rows") { imageName = option(lines[0], "image"); patient = option(lines[0], "patient"); }
	if (action == "table") label = "" + option(lines[0], "label") + " ";
	if (action == "find") e = findHigh(parseInt(option(lines[0], "cord")));
	else e = measureImage(MANAGER);
	if (e != "") return "error: " + e;
	if (action == "table") showTable();
	if (action == "rows") answer = String.trim(csv);
	return answer;
}

// One image of a batch: its file, its name and its patient.
function measureFile(task) {
	IJ.redirectErrorMessages();
	isBatch = true; imageName = task[1]; patient = task[2];
	before = nImages;
	source = roiFile(File.getDirectory(task[0]), File.getName(task[0]));
	e = checkRoiFile(source);
	if (source == "") source = DRAWN;
	if (e == "") open(task[0]);
	if (e == "" && nImages == before) e = "ImageJ cannot open it; see the Log, or measure it by pyrhi";
	if (e == "") e = checkLength(task[0]);
	if (e == "") e = measureImage(source);
	while (nImages > before) close();
	if (e != "") return "error: " + e;
	return csv;
}

function measureCommand(options) {
	if (options == "") options = "" + call("ij.Macro.getOptions");
	isAsked = matches(options, "null");
	headless = call("java.awt.GraphicsEnvironment.isHeadless");
	inFiji = indexOf(getVersion(), "/") > 0;
	if (inFiji && headless == "false") { List.setCommands; inFiji = lengthOf(List.get("Measure RHI")) > 0; }
	if (inFiji && isAsked) run("Measure RHI");
	else if (inFiji) run("Measure RHI", forScript(options));
	else if (headless == "true") print("RHI Measure needs a screen (or xvfb-run); without one use pyrhi measure, or Measure RHI of a Fiji.");
	if (inFiji || headless == "true") return;
	if (nImages == 0) exit("No image is open; open the MRI slice and its ROIs first.");
	nameImage();
	version = IJ.getFullVersion;
	path = roiFile(folder, imageName);
	if (version < "1.54i" && isOpen("Recorder") && path != "")
		exit("This ImageJ would record that the ROI file beside the image is opened: close the Recorder.");
	if (isAsked) options = ask();
	e = setMode(options);
	source = option(options, "rois");
	if (e == "" && matches(source, "|" + AUTOMATIC)) {
		source = sourceOfFront();
		doubt = doubtOf(source);
		if (doubt != "" && !isAsked) e = doubt + "; open that set, or choose ROIs from '" + MANAGER + "' or '" + BESIDE + "'";
		else if (doubt != "") source = askWhose(doubt);
		if (doubt != "") options = replace(options, "rois=.*", "") + "rois=[" + source + "]";
	}
	label = "yes ";
	if (matches(option(options, "label"), "no|false")) label = "no ";
	isManager = matches(source, MANAGER);
	if (source == BESIDE) source = path;
	if (e == "") e = measureImage(source);
	if (e != "") exit(toUpperCase(substring(e, 0, 1)) + substring(e, 1) + ".");
	if (isManager) old = call("java.lang.System.setProperty", "rhi.last", imageKey() + "\n" + prints);
	showTable();
	if (flag(options, "save")) saveTable();
	line = "run(\"RHI Measure\", \"" + options + "\");\n";
	if (call("ij.plugin.frame.Recorder.scriptMode") == "true") line = "IJ." + line;
	if (isAsked) call("ij.plugin.frame.Recorder.recordString", line);
	print(said + RESEARCH_USE);
}

// Asks, and returns the options. They are recorded at the end, when all went well and nothing is in doubt.
function ask() {
	methods = getList("threshold.methods");
	modes = Array.concat(newArray("none", "auto"), methods, newArray("ref+3sd", "ref+3mad"));
	Dialog.create("RHI Measure");
	Dialog.addMessage("RHI = 100 * high-intensity area / whole cord area.\n" + RESEARCH_USE);
	Dialog.addChoice("High area where none is drawn", modes, "none");
	Dialog.addString("Custom value or ref+ (wins)", "", 10);
	Dialog.addCheckbox("Clip the high area to the cord", false);
	Dialog.addChoice("Label the outlines with RHI", newArray("yes", "no"), "yes");
	Dialog.addCheckbox("Save NAME.rhi.csv beside the image", false);
	Dialog.addCheckbox("Ignore ROIs without a role", false);
	Dialog.addChoice("ROIs from", newArray(AUTOMATIC, MANAGER, DRAWN, BESIDE), AUTOMATIC);
	Dialog.addHelp(HELP);
	Dialog.show();
	call("ij.plugin.frame.Recorder.disableCommandRecording");
	options = "high=[" + Dialog.getChoice() + "] custom=[" + Dialog.getString() + "] label=" + Dialog.getChoice() + " ";
	words = newArray("clip ", "save ", "ignore ");
	for (i = 0; i < 3; i++) if (Dialog.getCheckbox()) options += words[i];
	return options + "rois=[" + Dialog.getChoice() + "]";
}

function askWhose(doubt) {
	if (getBoolean(doubt + ".\nWhich are those of this image?", BESIDE, MANAGER)) return BESIDE;
	return MANAGER;
}

// The value of key=[value] or key=value, else ""; brackets inside a value are allowed.
function option(options, key) {
	text = " " + options + " ";
	value = replace(text, "(?s).*? " + key + "=(\\[(.*?)\\]|(\\S*))(?=\\s+([a-z]+=|clip|save|ignore|$)).*", "$2$3");
	if (value == text) return "";
	return value;
}

// True for a bare word, as macros record a tick box, and for word=true.
function flag(options, word) { return matches(options, "(?s)(.* )?" + word + "(=true)?(\\s.*)?"); }

// Remembers what is asked for; fixed is how older versions wrote a value. Returns "" or why there is no such mode.
function setMode(options) {
	clip = flag(options, "clip");
	ignore = flag(options, "ignore");
	mode = option(options, "high");
	if (mode == "fixed") mode = option(options, "fixed");
	custom = option(options, "custom");
	if (custom != "") mode = custom;
	asked = replace(String.trim(mode), "^$|leave it 0", "none");
	mode = toLowerCase(asked);
	strict = matches(mode, "auto|ref\\+[0-9]+(\\.[0-9]+)?(sd|mad)");
	if (strict || mode == "none") return "";
	methods = getList("threshold.methods");
	for (i = 0; i < methods.length; i++) if (mode == toLowerCase(methods[i])) { mode = methods[i]; return ""; }
	limit = parseFloat(asked);
	mode = "fixed " + short(limit);
	if (abs(limit) < 1 / 0 && matches(asked, "[-+0-9.eE]+")) return "";
	return "high='" + asked + "' is not known; use a method (" + String.join(methods, ", ") + "), a number, ref+3sd, ref+3mad or auto";
}

// The same options for the script of Fiji, which wants all of them.
function forScript(options) {
	e = setMode(options);
	line = "high=none custom=[" + replace(mode, "none|fixed ", "") + "]";
	words = newArray("clip", "save", "ignore");
	for (i = 0; i < 3; i++) line += replace(replace(" " + words[i] + "=" + flag(options, words[i]), "=1", "=true"), "=0", "=false");
	words = newArray("label", "yes", "rois", AUTOMATIC);
	for (i = 0; i < 4; i += 2) line += replace(" " + words[i] + "=[" + option(options, words[i]) + "]", "\\[\\]", words[i + 1]);
	return line;
}

// ---- ROIs: where they come from, and whose they are --------------------------------------------------

function nameImage() {
	folder = getInfo("image.directory");
	patient = File.getName(folder);
	imageName = getInfo("image.filename");
	if (imageName == "") imageName = getTitle();
}

// What names the front image as long as ImageJ runs.
function imageKey() {
	if (folder == "") return imageName + getImageID();
	return folder + imageName;
}

function stemOf(file) { return replace(file, "(?i)\\.(tiff?|png|nii|nii\\.gz|dcm|dicom|ima)$", ""); }

// The ROI file of an image, beside it or in a folder ROIs, "" for none: NAME.zip, NAME_RoiSet.zip, NAME-rois.zip,
// NAME.tif.roi and the like, or RoiSet.zip of a folder's only image.
function roiFile(folder, file) {
	if (folder == "") return "";
	if (folder != listed) listRoiFiles(folder);
	stem = stemOf(file);
	found = newArray(0);
	alone = "";
	near = Array.filter(roiFiles, stem);
	if (near.length == 0 && imageCount == 1) near = roiFiles;
	for (i = 0; i < near.length; i++) {
		base = replace(File.getName(near[i]), "\\.[^.]*$", "");
		bare = replace(base, "(?i)(__|[-_. ])?(roisets?|rois?)$", "");
		isOthers = File.exists(folder + base + ".tif") + File.exists(folder + base + ".tiff") + File.exists(folder + base + ".png");
		if (base == stem || base == file || (bare == stem && isOthers == 0)) found = Array.concat(found, near[i]);
		if (bare == "" && imageCount == 1) alone = folder + near[i];
	}
	if (found.length == 0) return alone;
	if (found.length > 1) return "?" + String.join(found, " and ") + " may both be its ROIs; move or delete one";
	return folder + found[0];
}

function listRoiFiles(folder) {
	listed = folder; roiFiles = newArray(0); imageCount = 0;
	files = getFileList(folder);
	for (f = 0; f < files.length; f++) {
		if (matches(files[f], "(?is).*\\.(zip|roi)")) roiFiles = Array.concat(roiFiles, files[f]);
		stem = stemOf(files[f]);
		if (stem != files[f]) imageCount++;
		inside = newArray(0);
		if (matches(files[f], "(?i)(roisets?|rois?)/")) inside = getFileList(folder + files[f]);
		for (i = 0; i < inside.length; i++) if (matches(inside[i], "(?is).*\\.(zip|roi)")) roiFiles = Array.concat(roiFiles, files[f] + inside[i]);
	}
}

function sourceOfFront() {
	count = 0;
	if (isOpen("ROI Manager")) count = roiManager("count");
	if (count > 0) return MANAGER;
	path = roiFile(folder, imageName);
	if (selectionType() < 0 && Overlay.size == 0 && path != "") return BESIDE;
	return DRAWN;
}

// Why the ROIs of the ROI Manager may be those of another image, or "": they are compared with the file
// beside the image, else with those that were measured last.
function doubtOf(source) {
	last = split(call("java.lang.System.getProperty", "rhi.last", " \n "), "\n");
	key = imageKey();
	if (source != MANAGER || last[0] == key) return "";
	path = roiFile(folder, imageName);
	begin();
	e = loadRois(MANAGER);
	now = prints;
	if (path != "") e = loadRois(path);
	finish();
	if (path != "" && now != prints) return "the ROI Manager holds ROIs that are not those of " + File.getName(path) + " beside the image";
	if (path == "" && now == last[1]) return "the ROI Manager holds the ROIs that were measured on " + File.getName(last[0]);
	return "";
}

// ImageJ before 1.54i cannot be told not to record what is opened.
function record(what) {
	version = IJ.getFullVersion;
	if (version >= "1.54i") call("ij.plugin.frame.Recorder." + what + "Recording");
}

// Puts the ROIs of a source, or of a ROI file, as overlay onto the board; prints becomes a text that tells sets apart.
function loadRois(source) {
	isFile = indexOf(MANAGER + DRAWN, source) < 0;
	first = 0;
	if (isFile && isOpen("ROI Manager")) first = roiManager("count");
	if (isFile) { record("suspend"); roiManager("open", source); record("resume"); }
	selectImage(work);
	hasOverlay = Overlay.size > 0 && source == DRAWN;
	if (hasOverlay) Overlay.copy;
	selectImage(image);
	copyRoiTo(board);
	if (Overlay.size > 0) Overlay.remove;
	if (hasOverlay) Overlay.paste;
	removeOutlines();
	if (source == DRAWN && selectionType() >= 0) Overlay.addSelection;
	if (source != DRAWN && roiManager("count") > first) run("From ROI Manager");
	for (i = 0; i < first && isFile; i++) Overlay.removeSelection(0);
	roiCount = Overlay.size;
	names = newArray(roiCount);
	prints = "";
	for (i = 0; i < roiCount; i++) {
		Overlay.activateSelection(i);
		name = "";
		if (source != DRAWN) name = RoiManager.getName(first + i);
		else if (selectionType() >= 0) name = Roi.getName;
		if (isFile && endsWith(toLowerCase(source), ".roi")) name = File.getNameWithoutExtension(source);
		// A name in a zip may have folders before it; the / of "high L5/S1" belongs to it.
		if (!matches(name, ".*[0-9]/[A-Za-z]*[0-9].*")) name = substring(name, lastIndexOf(name, "/") + 1);
		names[i] = name;
		if (selectionType() >= 0) Roi.getFloatBounds(x, y, w, h);
		if (selectionType() >= 0) prints += String.join(newArray(name, x, y, w, h, getValue("selection.size")), " ") + "|";
	}
	// What the user has in the list stays there.
	record("suspend");
	if (isFile && first == 0) roiManager("reset");
	for (i = roiManager("count") - 1; isFile && i >= maxOf(1, first); i--) { roiManager("select", i); roiManager("delete"); }
	record("resume");
	if (roiCount > 0) return "";
	return "the ROI Manager is empty, and no ROIs are beside the image (NAME.zip, NAME_RoiSet.zip, NAME.roi) or inside it;"
		+ " draw the whole cord and the high-intensity area, press t after each, and name them 'cord' and 'high'";
}

// Gives another image the selection of the active one, and makes it active.
function copyRoiTo(id) {
	hasRoi = selectionType() >= 0;
	if (hasRoi) Roi.copy;
	selectImage(id);
	run("Select None");
	if (hasRoi) Roi.paste;
}

// Takes off the active image what an earlier measurement has drawn.
function removeOutlines() {
	if (Overlay.size > 0) Overlay.removeRois("RHI cord");
	if (Overlay.size > 0) Overlay.removeRois("RHI high");
}

// ---- roles, levels, slices ---------------------------------------------------------------------------

function readRois() {
	roles = newArray(roiCount); levels = newArray(roiCount); slices = newArray(roiCount);
	outside = newArray(roiCount); moved = newArray(roiCount);
	hasCord = false;
	selectImage(board);
	for (i = 0; i < roiCount; i++) {
		Overlay.activateSelection(i);
		text = understand(names[i]);
		levels[i] = substring(text, indexOf(text, "\t") + 1);
		text = substring(text, 0, indexOf(text, "\t"));
		roles[i] = -1;
		for (r = 0; r <= EXCLUDE; r++) if (text == ROLES[r]) roles[i] = r;
		if (roles[i] < 0) return "the name of ROI '" + names[i] + "' says " + text + "; rename it so that it says one";
		group = 0;
		if (selectionType() >= 0) group = Roi.getGroup;
		if (roles[i] == NONE && group <= REFERENCE) roles[i] = group;
		if (roles[i] == CORD) hasCord = true;
	}
	if (!hasCord) return "no cord ROI among " + listOf(Array.getSequence(roiCount)) + "; name the whole cord 'cord' and the high-intensity"
		+ " area 'high' (with a level where there are several: 'cord L2', 'high L2'), or give them the ROI groups 1 and 2";
	e = "";
	for (i = 0; i < roiCount && e == ""; i++) e = placeRoi(i);
	return e;
}

// Roles and levels that a name says, with a tab between; a batch has the same few names in every image.
function understand(name) {
	if (List.get("name " + name) == "") List.set("name " + name, rolesSaid(name) + "\t" + levelOf(name));
	return List.get("name " + name);
}

// Roles that the words of a name say, joined by " and ". The words are those of pyrhi/rhi/words.csv.
function rolesSaid(name) {
	w = " " + replace(toLowerCase(name), "[^\\p{L}]+", "  ") + " ";
	w = replace(w, " hyper(troph|osto|plas|lord|kyph|ext|flex|mob|ten)\\p{L}* ", " ");
	words = newArray("cords?|spinalcord|myelon|whole|wholecord|canals?|vertebrae?|body|bodies",
		"high|highintens\\p{L}*|hyper\\p{L}*|lesions?|mets?|metasta\\p{L}*|o?edem\\p{L}*|signals?",
		"normal|references?|refs?", "exclu(de|ded|sion)|art[ei]facts?|implants?");
	text = "";
	for (r = 0; r < 4; r++) if (matches(w, ".* (" + words[r] + ") .*")) text += " and " + ROLES[r + 1];
	if (text == "" && matches(w, ".* vertebral .*")) text = " and cord";
	if (text == " and high" && matches(w, ".* (low|hypo\\p{L}*|isoint\\p{L}*|non) .*")) text += " and not high";
	return replace(text, "^ and ", "");
}

// Vertebral levels in a name, from head to foot: "BWK 7" is T7, "L5/S1" is L5-S1, "C5/6" is C5-C6.
function levelOf(name) {
	if (!matches(name, "(?s).*[0-9].*")) return "";
	start = "(?<![\\p{L}\\p{N}])"; end = "(?![\\p{L}\\p{N}])";
	// T1 and T2 before such a word are the weighting of the image.
	weighting = "((HYPERINT|HYPOINT|ISOINT|SIGNAL|WEIGHT)[\\p{L}\\p{N}]*|WI?|TSE|FSE|STIR|FLAIR|DIXON|SPACE)";
	t = replace(toUpperCase(name), start + "T[12](?=[^\\p{L}\\p{N}]+" + weighting + end + ")", "");
	t = replace(t, start + "(HWK|BWK|LWK|SWK|TH)[ _.-](?=[1-9][0-9]?" + end + ")", "$1");
	t = replace(t, start + "HWK(?=[1-9])", "C");
	t = replace(t, start + "(TH|D|BWK)(?=[1-9])", "T");
	t = replace(t, start + "(L|S)WK(?=[1-9])", "$1");
	if (!matches(t, "(?s).*" + start + "[CTLS][1-9].*")) return "";
	letters = newArray("C", "T", "L", "S"); counts = newArray(7, 13, 6, 5);
	found = "";
	for (r = 0; r < 4; r++) {
		for (n = 1; n <= counts[r]; n++) {
			before = letters[r] + (n - 1);
			t = replace(t, start + before + "\\s*/\\s*" + n + end, before + " " + letters[r] + n);
			if (matches(t, "(?s).*" + start + letters[r] + n + end + ".*")) found += "-" + letters[r] + n;
		}
	}
	return replace(found, "^-", "");
}

// The slice on which a ROI lies, and whether it can be measured there.
function placeRoi(i) {
	Overlay.activateSelection(i);
	roi = "ROI '" + names[i] + "'";
	type = selectionType();
	kind = "";
	if (type >= 0) kind = Roi.getType;
	outside[i] = ""; moved[i] = ""; slices[i] = -1;
	if ((type > 4 && type != 9) || kind == "text" || kind == "image") {
		if (roles[i] == NONE) return "";
		e = roi + " is a " + kind + " selection and cannot be a " + ROLES[roles[i]] + " ROI; draw an area (polygon, freehand, oval, rectangle)";
		return replace(e, "a exclude", "an exclude");
	}
	c = 0; z = 0; t = 0; n = 0; x = 0; y = 0; w = 0; h = 0;
	if (type >= 0) Roi.getPosition(c, z, t);
	if (type >= 0) Roi.getBounds(x, y, w, h);
	if (planes == 1) {
		if (maxOf(c, maxOf(z, t)) > 1)
			moved[i] = "ROI " + names[i] + " has the position " + maxOf(c, maxOf(z, t)) + ", and the image one slice: it was measured there, as ImageJ does";
		z = 0;
	} else if (z == 0 && matches(names[i], "(?s)[0-9]{4,6}-[0-9]{4,6}-[0-9]{4,6}.*")) {
		z = parseInt(substring(names[i], 0, indexOf(names[i], "-"))); // label of an old ROI set: slice, y, x
		if (z > planes) z = 0;
	}
	if (z > planes) return roi + " lies on slice " + z + ", but the image has " + planes + "; check that the ROI set belongs to this image";
	slices[i] = z;
	if (x < 0 || y < 0 || x + w > width || y + h > height) outside[i] = "ROI " + names[i] + " reaches outside the image; the part inside is measured";
	// Wholly outside, ImageJ would measure the whole image.
	if (w > 0 && h > 0 && x < width && y < height && x + w > 0 && y + h > 0) getRawStatistics(n);
	if (n == 0 && roles[i] != NONE) return roi + " covers no pixel of slice " + maxOf(1, z) + "; draw it on the image";
	return "";
}

// ROIs of a role that lie on a slice.
function onSlice(role, k) {
	found = newArray(0);
	for (i = 0; i < roiCount; i++) if (roles[i] == role && (slices[i] == 0 || slices[i] == k)) found = Array.concat(found, i);
	return found;
}

// ---- measuring ---------------------------------------------------------------------------------------

// Fills csv and cells; returns "" or the sentence that says what is wrong.
function measureImage(source) {
	csv = ""; said = ""; cells = newArray(0); outlines = newArray(0);
	if (Stack.isHyperstack) return "it has channels or frames; split them (Image > Color > Split Channels), or measure it by pyrhi";
	begin();
	e = loadRois(source);
	if (e == "") e = readRois();
	if (e == "") e = readReference();
	for (k = 1; k <= planes && e == ""; k++) e = measureSlice(k);
	if (e == "" && label != "") showOutlines();
	finish();
	return e;
}

// A batch measures its image itself; else it is a copy, so that selection, slice and threshold stay.
function begin() {
	image = getImageID(); work = image;
	width = getWidth(); height = getHeight(); planes = nSlices;
	isHidden = is("Batch Mode");
	readPixelSize();
	if (!isBatch) {
		if (!isHidden) setBatchMode(true);
		run("Duplicate...", "title=rhi-copy duplicate ignore");
		work = getImageID();
	}
	newImage("rhi-board", "8-bit black", width, height, 1);
	board = getImageID();
}

function finish() {
	selectImage(board); close();
	if (isBatch) return;
	selectImage(work); close();
	selectImage(image);
	if (!isHidden) setBatchMode(false);
}

function readPixelSize() {
	getPixelSize(unit, pixelWidth, pixelHeight);
	imageWarnings = "";
	if (matches(unit, "(?i) *(microns?|microm(et[er]{2})|um|[\\u00b5\\u03bc]m) *")) {
		imageWarnings = "pixel size in micron: areas are in mm^2";
		pixelWidth /= 1000; pixelHeight /= 1000; unit = "mm";
	} else if (matches(unit, " *inch(es)? *") && pixelWidth != 1) {
		imageWarnings = "pixel size from a print resolution: check it against the scanner's";
		unit = "inch";
	} else if (matches(unit, " *|pixels?|inch(es)?")) {
		imageWarnings = "pixel size " + short(pixelWidth) + " x " + short(pixelHeight) + " without a unit of length";
		if (pixelWidth == 1 && pixelHeight == 1) imageWarnings = "no pixel size: areas are in pixel^2";
		unit = "pixel";
	}
	if (bitDepth() == 8 && !is("grayscale")) imageWarnings = add(imageWarnings, "colour table: its index values are measured, as in ImageJ");
}

// Rows of a slice: each cord with its high ROIs, by level where levels are named.
function measureSlice(k) {
	cords = onSlice(CORD, k); highs = onSlice(HIGH, k); unnamed = onSlice(NONE, k);
	for (j = 0; j < cords.length; j++)
		for (m = 0; m < j; m++)
			if (levels[cords[j]] == levels[cords[m]])
				return "slice " + k + " has two cord ROIs" + ofLevel(cords[j], "") + " (" + listOf(newArray(cords[m], cords[j]))
					+ "); delete one or name their levels ('cord L2', 'cord L3')";
	owners = newArray(highs.length);
	for (h = 0; h < highs.length; h++) {
		level = levels[highs[h]];
		owners[h] = -1;
		for (j = 0; j < cords.length; j++) if (levels[cords[j]] == level) owners[h] = j;
		if (owners[h] < 0 && cords.length == 1) { if (level == "" || levels[cords[0]] == "") owners[h] = 0; } // && looks at both sides
		if (owners[h] < 0)
			return "high ROI '" + names[highs[h]] + "' on slice " + k + " has no cord" + ofLevel(highs[h], " of its own")
				+ "; draw the cord there, or name the level of both";
	}
	if (cords.length > 0 && unnamed.length > 0 && highs.length == 0 && !ignore)
		return "ROI " + listOf(unnamed) + " on slice " + k + " has no role, and no ROI of that slice is high: name it 'high', or 'exclude'"
			+ " to leave its pixels out, or delete it, or choose Ignore ROIs without a role to count it as nothing";
	e = "";
	for (j = 0; j < cords.length && e == ""; j++) {
		mine = newArray(0);
		for (h = 0; h < highs.length; h++) if (owners[h] == j) mine = Array.concat(mine, highs[h]);
		e = measureCord(k, cords[j], mine, unnamed);
	}
	return e;
}

function ofLevel(i, other) {
	if (levels[i] == "") return other;
	return " of level " + levels[i];
}

// One row. On the board the cord is 1, the high area 3, and what is both 2.
function measureCord(k, cord, highs, unnamed) {
	lost = paint(k, cord, highs);
	method = "drawn";
	if (highs.length == 0) method = replace(mode, "none", "drawn");
	e = "";
	if (method != "drawn") e = findInside(k);
	if (e != "") return e;
	counts = countsOnBoard();
	cordPixels = counts[1] + counts[2];
	if (cordPixels == 0) return "slice " + k + ": the exclude ROIs cover the whole cord ROI '" + names[cord] + "'; make them smaller";
	warnings = "";
	isClipped = clip && counts[3] > 0;
	if (isClipped) { changeValues(3, 3, 0); counts[3] = 0; warnings = "high area clipped to the cord"; }
	if (lost == 0) cordMean = meanOf(k, cord, 1, 2);
	else cordMean = meanOf(k, -1, 1, 2);
	highPixels = counts[2] + counts[3];
	highMean = 0 / 0; outsidePercent = 0 / 0; highCount = 0;
	drawn = Array.concat(cord, highs);
	if (highPixels > 0) {
		outsidePercent = 100 * counts[3] / highPixels;
		alone = -1;
		if (highs.length == 1 && lost == 0 && !isClipped) alone = drawn[1];
		highMean = meanOf(k, alone, 2, 3);
		copyRoiTo(board);
		if (method != "drawn") { highs = newArray(1); highs[0] = Overlay.size; Overlay.addSelection; }
		highCount = countRegions();
	}
	rhi = 100 * highPixels / cordPixels;
	if (outsidePercent > 1) warnings = add(warnings, d2s(outsidePercent, 1) + " % of the high area lies outside the cord");
	if (rhi > 100) warnings = add(warnings, "RHI is over 100");
	for (m = 0; m < drawn.length; m++) warnings = add(warnings, outside[drawn[m]]);
	drawn = Array.concat(drawn, onSlice(EXCLUDE, k));
	for (m = 0; m < drawn.length; m++) warnings = add(warnings, moved[drawn[m]]);
	for (m = 0; m < unnamed.length; m++) warnings = add(warnings, "ROI " + names[unnamed[m]] + " has no role and was not counted");
	warnings = add(warnings, imageWarnings);
	level = levels[cord];
	for (m = 0; m < highs.length && level == "" && method == "drawn"; m++) level = levels[highs[m]];
	pixel = pixelWidth * pixelHeight;
	all = width * height;
	addRow(newArray(patient, imageName, k, level, rhi, cordPixels * pixel, highPixels * pixel, unit + "^2", 100 * cordPixels / all,
		100 * highPixels / all, highCount, outsidePercent, cordMean, highMean, lost, "", method, warnings));
	said += replace("slice " + k + " " + level, " $", "") + ": RHI " + d2s(rhi, 1) + " %\n";
	outlines = Array.concat(outlines, "cord\t" + cord + "\t" + k + "\t" + d2s(rhi, 1) + " %");
	for (m = 0; m < highs.length; m++) outlines = Array.concat(outlines, "high\t" + highs[m] + "\t" + k);
	return "";
}

// Paints cord and high ROIs onto the board and takes excluded pixels off; returns how many these were.
function paint(k, cord, highs) {
	selectImage(board); run("Select None"); setColor(0); fill();
	fillRois(highs, 3);
	Overlay.activateSelection(cord);
	changeValues(0, 0, 1);
	changeValues(3, 3, 2);
	excluded = onSlice(EXCLUDE, k);
	if (excluded.length == 0) return 0;
	before = countsOnBoard();
	fillRois(excluded, 0);
	after = countsOnBoard();
	lost = after[0] - before[0];
	return lost;
}

function fillRois(indexes, value) {
	setColor(value);
	for (r = 0; r < indexes.length; r++) { Overlay.activateSelection(indexes[r]); fill(); }
}

function countsOnBoard() {
	selectImage(board); run("Select None");
	getRawStatistics(n, mean, min, max, std, counts);
	return counts;
}

// Mean on a slice of a ROI, or (-1) of what has such values on the board; it is selected then.
function meanOf(k, roi, lower, upper) {
	if (roi < 0) selectByBoard(k, lower, upper);
	else {
		selectImage(board); Overlay.activateSelection(roi);
		copyRoiTo(work);
		if (planes > 1) setSlice(k);
	}
	getStatistics(area, mean);
	return mean;
}

// Selects on a slice of the working image what has such values on the board.
function selectByBoard(k, lower, upper) {
	selectImage(board); run("Select None");
	setThreshold(lower, upper); run("Create Selection"); resetThreshold();
	copyRoiTo(work);
	if (planes > 1) setSlice(k);
}

// 8-connected regions of the selection on the board. In a macro of its own, because one with "var"
// writes floodFill into an open Recorder.
function countRegions() {
	count = eval("Roi.getContainedPoints(xs, ys); setColor(254); fill(); setColor(255); n = 0; for (i = 0; i < xs.length; i++) {"
		+ "if (getPixel(xs[i], ys[i]) == 254) { floodFill(xs[i], ys[i], '8-connected'); n++; } } return '' + n;");
	return parseInt(count);
}

// ---- finding the high area ---------------------------------------------------------------------------

// Paints what is high by the mode inside the cord of the board as 2.
function findInside(k) {
	selectByBoard(k, 1, 2);
	if (selectionType() < 0) return "";
	lower = limit;
	upper = 1 / 0;
	if (!strict && !startsWith(mode, "fixed")) {
		method = getInfo("threshold.method");
		setAutoThreshold(mode + " dark");
		getThreshold(lower, upper);
		back = call("ij.plugin.frame.ThresholdAdjuster.setMethod", method);
		isFloat = bitDepth() == 32;
		if (!isFloat) run("Create Selection");
		resetThreshold();
		if (!isFloat) copyRoiTo(board);
		if (!isFloat && selectionType() >= 0) changeValues(1, 1, 2);
		if (!isFloat) return "";
		if (!(abs(lower) < 1 / 0 && abs(upper) < 1 / 0) || (lower == -1 && upper == -1))
			return mode + ": no threshold, the image's range is not finite; remove NaN and infinite pixels";
	}
	Roi.getContainedPoints(xs, ys);
	values = valuesAt(xs, ys);
	selectImage(board);
	for (p = 0; p < xs.length; p++)
		if (values[p] <= upper && (values[p] > lower || (values[p] == lower && !strict))) setPixel(xs[p], ys[p], 2);
	return "";
}

// Calibrated values of pixels; of RGB the mean, rounded, as in ImageJ's histogram.
function valuesAt(xs, ys) {
	values = newArray(xs.length);
	for (p = 0; p < xs.length; p++) {
		c = getPixel(xs[p], ys[p]);
		if (bitDepth() == 24) values[p] = floor((((c >> 16) & 255) + ((c >> 8) & 255) + (c & 255)) / 3 + 0.5);
		else values[p] = getValue(xs[p], ys[p]);
	}
	return values;
}

// Sets the limit above which pixels are high: by the reference ROIs (ref+3sd), or by all cords (auto).
function readReference() {
	selectImage(work);
	if (bitDepth() == 24 && !strict && !matches(mode, "none|fixed.*"))
		return "high=" + mode + ": ImageJ does not threshold RGB images; convert it to 8-bit";
	if (!strict) return "";
	role = REFERENCE;
	if (mode == "auto") role = CORD;
	all = newArray(0);
	for (k = 1; k <= planes; k++) {
		on = onSlice(role, k);
		for (r = 0; r < on.length; r++) {
			lost = paint(k, on[r], newArray(0));
			selectByBoard(k, 1, 1);
			if (selectionType() < 0) continue;
			Roi.getContainedPoints(xs, ys);
			values = valuesAt(xs, ys);
			all = Array.concat(all, values);
		}
	}
	if (all.length == 0)
		return "high=" + mode + " needs a reference ROI (named normal, reference or ref, or in ROI group 3) and there is none; draw one, or use high=auto";
	n = 0;
	for (p = 0; p < all.length; p++) if (abs(all[p]) < 1 / 0) { all[n] = all[p]; n++; }
	if (n < 2) return "high=" + mode + " needs reference pixels, and there are " + n;
	all = Array.trim(all, n);
	Array.getStatistics(all, low, high, center, spread);
	spreads = 5;
	if (mode != "auto") spreads = parseFloat(replace(mode, "ref.|sd|mad", ""));
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

// Selects what is high inside a ROI of the ROI Manager, whatever its name.
function findHigh(index) {
	if (mode == "none") return "high=none finds nothing; choose a method, a number, ref+3sd or auto";
	count = 0;
	if (isOpen("ROI Manager")) count = roiManager("count");
	if (!(index >= 0 && index < count)) return "there is no ROI " + index + " in the ROI Manager; select the cord in its list";
	k = getSliceNumber();
	begin();
	e = loadRois(MANAGER);
	names[index] = "cord";
	if (e == "") e = readRois();
	if (e == "") e = readReference();
	if (e == "") {
		if (slices[index] > 0) k = slices[index];
		lost = paint(k, index, newArray(0));
		e = findInside(k);
	}
	if (e == "") {
		selectByBoard(k, 2, 2);
		if (selectionType() < 0) e = "no pixel of ROI '" + RoiManager.getName(index) + "' on slice " + k + " is high by " + mode + "; try another mode, or draw it";
		else Roi.copy;
	}
	finish();
	if (e != "") return e;
	if (planes > 1) setSlice(k);
	Roi.paste;
	return "";
}

// ---- what is shown and saved -------------------------------------------------------------------------

function addRow(row) {
	headings = split(HEADINGS, ",");
	for (c = 0; c < row.length; c++) {
		if (indexOf(TEXTS, headings[c]) >= 0) cell = quoted(row[c]);
		else { cell = num(row[c]); row[c] = cell; }
		csv = csv + cell + ",";
	}
	csv = substring(csv, 0, lengthOf(csv) - 1) + "\n";
	cells = Array.concat(cells, row);
}

// The table on the screen: Patient, which is the same in all rows, comes last.
function showTable() {
	headings = split(HEADINGS, ",");
	n = headings.length;
	isNew = !isOpen("RHI");
	Table.create("RHI");
	for (row = 0; row < cells.length / n; row++) {
		for (c = 1; c <= n; c++) {
			heading = headings[c % n];
			cell = cells[row * n + c % n];
			if (matches(heading, TEXTS)) Table.set(heading, row, cell);
			else Table.set(heading, row, parseFloat(cell));
		}
	}
	Table.update;
	if (isNew) Table.setLocationAndSize(20, screenHeight - 320, minOf(1200, screenWidth - 40), 240, "RHI");
	selectImage(image);
	showStatus(substring(said, 0, indexOf(said, "\n")) + ". " + RESEARCH_USE);
}

// Draws what was measured into the overlay, in place of what was drawn before; the working image is where
// it is put together, so that selection and slice of the other stay.
function showOutlines() {
	selectImage(image);
	removeOutlines();
	hasOverlay = Overlay.size > 0;
	if (hasOverlay) Overlay.copy;
	selectImage(work);
	Overlay.remove;
	if (hasOverlay) Overlay.paste;
	size = maxOf(5, minOf(14, height / 20));
	setFont("SansSerif", size);
	for (o = 0; o < outlines.length; o++) {
		part = split(outlines[o], "\t");
		selectImage(board);
		Overlay.activateSelection(parseInt(part[1]));
		copyRoiTo(work);
		getSelectionBounds(x, y, w, h);
		addOutline(part[0], parseInt(part[2]));
		if (part[0] != "cord" || label != "yes ") continue;
		if (y < size + 2) y = y + h + size + 4;
		makeText(part[3], maxOf(0, minOf(x, width - 4 * size)), y - size - 2);
		addOutline("cord", parseInt(part[2]));
	}
	Overlay.copy;
	selectImage(image);
	Overlay.paste; Overlay.show;
}

function addOutline(role, k) {
	color = "#00d5ff";
	if (role == "high") color = "#ff5040";
	Roi.setName("RHI " + role);
	Roi.setProperty("RHI", "outline");
	Overlay.addSelection(color, 1);
	Overlay.setPosition(k * (planes > 1));
}

// Writes NAME.rhi.csv, under another name first; says what became of it.
function saveTable() {
	path = folder + stemOf(imageName) + ".rhi.csv";
	if (folder == "") said += "Not saved, because the image has no file: save it first. ";
	else if (isDicom(folder + imageName))
		said += "Not saved: nothing is written into a DICOM folder; use File > Save As of the table. ";
	else {
		File.saveString(HEADINGS + "\n" + csv, path);
		said += "Saved in " + path + ". ";
	}
}

// ---- checks, text and numbers ------------------------------------------------------------------------

// ImageJ would take the part of a set that is there when its file ends early.
function checkRoiFile(path) {
	if (startsWith(path, "?")) return substring(path, 1);
	if (!endsWith(toLowerCase(path), ".zip")) return "";
	data = File.openAsRawString(path, parseFloat(File.length(path)));
	end = lastIndexOf(data, "PK" + fromCharCode(5, 6));
	if (end < 0 || end + 22 > lengthOf(data)) return path + ": is not a readable RoiSet; save it again in ImageJ";
	return "";
}

// ImageJ fills what an uncompressed TIFF lacks with zeros.
function checkLength(path) {
	size = parseFloat(File.length(path));
	needed = getWidth() * getHeight() * nSlices * bitDepth() / 8;
	if (size >= needed) return "";
	head = File.openAsRawString(path, minOf(size, 100000));
	tag = indexOf(head, fromCharCode(3, 1, 3, 0, 1, 0, 0, 0, 1, 0)) + indexOf(head, fromCharCode(1, 3, 0, 3, 0, 0, 0, 1, 0, 1));
	if (tag == -2) return "";
	return "the header promises " + d2s(needed, 0) + " bytes and the file holds " + d2s(size, 0) + ": it is truncated or damaged; export it again";
}

// True for a DICOM file; its tags stay with an image that is saved as TIFF.
function isDicom(path) {
	if (matches(path, "(?is).*\\.(tiff?|png)")) return false;
	if (endsWith(File.openAsRawString(path, 132), "DICM")) return true;
	return lengthOf(getInfo("0028,0010")) > 0;
}

// A text as cell of a CSV that no spreadsheet takes for a formula.
function quoted(text) {
	if (matches(text, "(?s)[=+\\-@\t\r].*")) text = "'" + text;
	if (matches(text, "(?s).*[\",\n\r].*")) text = "\"" + replace(text, "\"", "\"\"") + "\"";
	return text;
}

// Names of ROIs for a message, at most five.
function listOf(indexes) {
	text = "'" + names[indexes[0]] + "'";
	for (i = 1; i < minOf(indexes.length, 5); i++) text += ", '" + names[indexes[i]] + "'";
	if (indexes.length > 5) text += " and " + (indexes.length - 5) + " more";
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
