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
//   action=batch high=[MODE] clip ignore, then lines of image file, ROI file, name and patient with tabs
//                                                                      lines of rhi.csv, and character 30
// MODE: none, a method of Image > Adjust > Threshold, a least grey value, ref+3sd, ref+3mad or auto.
// This file is ASCII: ImageJ reads macros as ISO 8859-1.

var HEADINGS = "Patient,Image,Slice,Level,RHI,CordArea,HighArea,Unit,CordPercent,HighPercent,HighCount,HighOutsidePercent,CordMean,HighMean,ExcludedPixels,Plane,Method,Warnings";
var TEXTS = "Patient|Image|Level|Unit|Plane|Method|Warnings"; // the columns that are no numbers
var RESEARCH_USE = "Research use only; not a medical device.";
var NO_IMAGE = "no image is open; open the MRI slice and its ROIs first";
var HELP = "<html><h3>RHI = 100 &middot; high-intensity area / whole cord area</h3>Name the ROIs <b>cord</b> and <b>high</b> (with a level where there are several: cord L2, high L2), <b>reference</b> for ref+3sd, <b>exclude</b> for an artefact."
	+ "<p><b>High area where none is drawn</b>: none leaves it 0; a method of Image &gt; Adjust &gt; Threshold; ref+3sd and ref+3mad: above the reference; auto: above median + 5 robust SD of the cord.<br><b>Custom</b>: a least grey value (1200) or ref+2.5sd."
	+ "<p>Kong et al., Int J Med Sci 2025; 22(3): 708-715, doi.org/10.7150/ijms.103916<p><b>" + RESEARCH_USE + "</b></html>";
var NONE = 0, CORD = 1, HIGH = 2, REFERENCE = 3, EXCLUDE = 4, ROLES = newArray("", "cord", "high", "reference", "exclude");
var MANAGER = "ROI Manager", DRAWN = "overlay and selection", BESIDE = "ROI file", AUTOMATIC = "automatic";

// What is asked for; a pixel is high from the limit on, or strictly above it.
var mode, limit, strict, clip, ignore, label = "";
// The image, the copy that is measured (in a batch the image itself), and a black image to paint ROIs on.
var imageName, patient, image, work, board, isOwn = false, isHidden;
var width, height, planes, pixelWidth, pixelHeight, unit, imageWarnings;
// The ROIs, one entry each: spans is "|1|2|" with its slices, the others what a row has to say of it.
var roiCount, names, roles, levels, spans, reaches, moved, roleless;
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
	e = setOptions(lines[0]);
	answer = "";
	if (action == "script") answer = scriptOptions(lines[0]);
	if (action == "script") return answer;
	if (e == "" && action == "batch") {
		for (a = 1; a < lines.length; a++) {
			e = measureFile(split(lines[a], "\t"));
			if (e != "") csv = "error: " + e;
			answer = answer + csv + fromCharCode(30);
		}
		return answer;
	}
	if (e == "" && nImages == 0 && action != "check") e = NO_IMAGE;
	if (e != "" || action == "check") return replace("error: " + e, "error: $", "");
	nameImage();
	if (action == "rows") { imageName = option(lines[0], "image"); patient = option(lines[0], "patient"); }
	if (action == "table") label = "" + option(lines[0], "label") + " ";
	if (action == "find") e = findHigh(parseInt(option(lines[0], "cord")));
	else e = measureImage(MANAGER);
	if (e != "") return "error: " + e;
	if (action == "rows") answer = String.trim(csv);
	if (action == "table") showTable();
	return answer;
}

// One image of a batch: its file, its ROI file (or "embedded"), its name and its patient.
function measureFile(task) {
	IJ.redirectErrorMessages();
	isOwn = true; imageName = task[2]; patient = task[3];
	before = nImages;
	e = "";
	if (task[1] == "embedded") task[1] = DRAWN;
	else if (startsWith(task[1], "?")) e = substring(task[1], 1);
	else e = checkRoiFile(task[1]);
	if (e == "") open(task[0]);
	if (e == "" && nImages == before) e = "ImageJ cannot open it; see the Log, or measure it by pyrhi";
	if (e == "") e = checkLength(task[0]);
	if (e == "") e = measureImage(task[1]);
	while (nImages > before) close();
	return e;
}

function measureCommand(options) {
	if (options == "") options = "" + call("ij.Macro.getOptions");
	headless = call("java.awt.GraphicsEnvironment.isHeadless");
	inFiji = indexOf(getVersion(), "/") > 0;
	if (inFiji && headless == "false") { List.setCommands; inFiji = lengthOf(List.get("Measure RHI")) > 0; }
	if (inFiji) {
		if (options == "null") run("Measure RHI");
		else run("Measure RHI", scriptOptions(options));
		return;
	}
	if (headless == "true") { print("RHI Measure needs a screen (or xvfb-run); without one use pyrhi measure, or Measure RHI of a Fiji."); return; }
	if (nImages == 0) exit("No image is open; open the MRI slice and its ROIs first.");
	nameImage();
	isAsked = matches(options, "null");
	if (isAsked) options = ask();
	source = option(options, "rois");
	e = setOptions(options);
	if (e == "" && (source == "" || source == AUTOMATIC)) {
		source = sourceOf();
		doubt = doubtOf(source);
		if (doubt != "" && isAsked) source = askWhose(doubt);
		else if (doubt != "") e = doubt + "; open that set, or choose ROIs from '" + MANAGER + "' or '" + BESIDE + "'";
		if (doubt != "") options = replace(options, "rois=.*", "") + "rois=[" + source + "]";
	}
	if (source == BESIDE && isRecorded()) e = "this ImageJ would record that the ROI file is opened; open it yourself, or close the Recorder";
	if (source == BESIDE) source = roiFile();
	label = "yes ";
	if (matches(option(options, "label"), "no|false")) label = "no ";
	if (e == "") e = measureImage(source);
	if (e != "") exit(toUpperCase(substring(e, 0, 1)) + substring(e, 1) + ".");
	if (source == MANAGER && !isRecorded()) old = call("java.lang.System.setProperty", "rhi.last", imageKey() + "\n" + printOf(MANAGER));
	showTable();
	if (flag(options, "save")) saveResults();
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
	Dialog.create("RHI Measure: whose ROIs?");
	Dialog.addMessage("Look: " + doubt + ".");
	Dialog.addChoice("ROIs from", newArray(BESIDE, MANAGER, DRAWN), BESIDE);
	Dialog.addHelp(HELP);
	Dialog.show();
	return Dialog.getChoice();
}

// The same options for the script of Fiji, which wants all of them.
function scriptOptions(options) {
	line = "custom=[" + modeOf(options) + "]";
	if (matches(line, ".*\\[(none|leave it 0)\\]")) line = "custom=[]";
	words = newArray("clip", "save", "ignore");
	for (i = 0; i < 3; i++) line += replace(" " + words[i] + "=" + flag(options, words[i]), "=1$", "=true");
	words = newArray("label", "yes", "rois", AUTOMATIC);
	for (i = 0; i < 4; i += 2) line += replace(" " + words[i] + "=[" + option(options, words[i]) + "]", "=\\[\\]", "=" + words[i + 1]);
	return "high=none " + replace(line, "=0", "=false");
}

// The mode that options ask for; fixed is how older versions wrote a value.
function modeOf(options) {
	high = option(options, "high");
	custom = option(options, "custom");
	if (high == "fixed") high = option(options, "fixed");
	if (custom != "") high = custom;
	return String.trim(high);
}

// The value of key=[value] or key=value; brackets inside a value are allowed.
function option(text, key) {
	at = indexOf(" " + text, " " + key + "=");
	if (at < 0) return "";
	value = substring(text, at + lengthOf(key) + 1);
	if (startsWith(value, "[")) value = replace(substring(value, 1), "(?s)\\](?=\\s*$| +(clip|save|ignore|[a-z]+=)).*", "");
	else value = replace(value, "(?s) .*", "");
	return value;
}

// True for a bare word, as macros record a tick box, and for word=true.
function flag(text, word) { return matches(text, "(?s)(.* )?" + word + "(=true)?(\\s.*)?"); }

// Remembers what is asked for; returns "" or why there is no such mode.
function setOptions(options) {
	clip = flag(options, "clip");
	ignore = flag(options, "ignore");
	mode = toLowerCase(modeOf(options));
	if (matches(mode, "|leave it 0")) mode = "none";
	if (matches(mode, "none|auto|ref\\+[0-9]+(\\.[0-9]+)?(sd|mad)")) return "";
	methods = getList("threshold.methods");
	for (i = 0; i < methods.length; i++) if (mode == toLowerCase(methods[i])) { mode = methods[i]; return ""; }
	limit = parseFloat(mode);
	if (!matches(mode, "[-+0-9.e]+") || !(abs(limit) < 1 / 0))
		return "high='" + modeOf(options) + "' is not known; use a method (" + String.join(methods, ", ") + "), a number, ref+3sd, ref+3mad or auto";
	mode = "fixed " + short(limit);
	return "";
}

// ---- ROIs: where they come from, and whose they are --------------------------------------------------

function nameImage() {
	patient = File.getName(getInfo("image.directory"));
	imageName = getInfo("image.filename");
	if (imageName == "") imageName = getTitle();
}

function imageKey() {
	if (getInfo("image.directory") == "") return imageName + getImageID();
	return getInfo("image.directory") + imageName;
}

// Path of the image without its ending.
function stem() { return getInfo("image.directory") + replace(imageName, "(?i)\\.(tiff?|png)$", ""); }

// The ROI file beside the front image, or "".
function roiFile() {
	endings = newArray(".zip", ".RoiSet.zip", "_RoiSet.zip", ".roi");
	for (i = 0; i < endings.length; i++) if (File.exists(stem() + endings[i])) return "" + stem() + endings[i];
	return "";
}

function sourceOf() {
	count = 0;
	if (isOpen("ROI Manager")) count = roiManager("count");
	if (count > 0) return MANAGER;
	path = roiFile();
	if (selectionType() < 0 && Overlay.size == 0 && path != "") return BESIDE;
	return DRAWN;
}

// Why the ROIs of the ROI Manager may be those of another image, or "": they are compared with the file
// beside the image, else with those that were measured last.
function doubtOf(source) {
	last = split(call("java.lang.System.getProperty", "rhi.last", " \n "), "\n");
	key = imageKey();
	if (source != MANAGER || last[0] == key) return "";
	path = roiFile();
	if (path != "" && isRecorded()) return "this ImageJ cannot compare the ROIs of the ROI Manager with " + File.getName(path) + " while the Recorder is open";
	if (isRecorded()) return "";
	record("suspend");
	now = printOf(MANAGER);
	beside = now;
	if (path != "") beside = printOf(path);
	record("resume");
	if (path == "" && now == last[1]) return "the ROI Manager holds the ROIs that were measured on " + File.getName(last[0]);
	if (now == beside) return "";
	return "the ROI Manager holds ROIs that are not those of " + File.getName(path) + " beside the image";
}

// A text that tells sets of ROIs apart.
function printOf(source) {
	begin();
	e = loadRois(source);
	selectImage(board);
	text = "";
	for (i = 0; i < roiCount; i++) {
		Overlay.activateSelection(i);
		if (selectionType() < 0) continue;
		Roi.getFloatBounds(x, y, w, h);
		Roi.getCoordinates(xs, ys);
		Array.getStatistics(xs, low, high, xMean);
		Array.getStatistics(ys, low, high, yMean);
		text += names[i] + " " + String.join(newArray(x, y, w, h, xs.length, xMean, yMean), " ") + "|";
	}
	finish();
	return text;
}

// ImageJ before 1.54i records what is opened here, and cannot be told not to.
function isRecorded() {
	version = IJ.getFullVersion;
	if (version < "1.54i" && isOpen("Recorder")) return 1;
	return 0;
}

function record(what) {
	version = IJ.getFullVersion;
	if (version >= "1.54i") call("ij.plugin.frame.Recorder." + what + "Recording");
}

// Takes the ROIs of a file off the list again; what the user has there stays. Newer versions do it without
// selecting them, which would put one onto the image.
function forgetRois(first) {
	count = roiManager("count");
	version = IJ.getFullVersion;
	if (first == 0) roiManager("reset");
	else if (version >= "1.54") { for (i = count - 1; i >= first; i--) RoiManager.delete(i); }
	else { roiManager("select", Array.slice(Array.getSequence(count), first)); roiManager("delete"); }
}

// Puts the ROIs of a source, or of a ROI file, as overlay onto the board and the working image.
function loadRois(source) {
	isFile = indexOf(MANAGER + DRAWN, source) < 0;
	first = 0;
	if (isFile && isOpen("ROI Manager")) first = roiManager("count");
	if (isFile) { record("suspend"); roiManager("open", source); record("resume"); }
	selectImage(image);
	hasOverlay = Overlay.size > 0;
	if (hasOverlay && source == DRAWN) Overlay.copy;
	copyRoiTo(board);
	if (hasOverlay && source == DRAWN) Overlay.paste;
	removeOutlines();
	if (source != DRAWN && roiManager("count") > first) run("From ROI Manager");
	else if (source == DRAWN && selectionType() >= 0) Overlay.addSelection;
	for (i = 0; i < first; i++) Overlay.removeSelection(0);
	roiCount = Overlay.size;
	if (roiCount == 0) return "the ROI Manager is empty, and no ROIs are beside the image (NAME.zip, NAME_RoiSet.zip, NAME.roi) or inside it; draw the whole cord and the high-intensity area, press t after each, and name them 'cord' and 'high'";
	names = newArray(roiCount);
	for (i = 0; i < roiCount; i++) {
		Overlay.activateSelection(i);
		name = "";
		if (source != DRAWN) name = RoiManager.getName(first + i);
		else if (selectionType() >= 0) name = Roi.getName;
		if (isFile && endsWith(toLowerCase(source), ".roi")) name = File.getNameWithoutExtension(source);
		// A name in a zip may have folders before it; the / of "high L5/S1" belongs to it.
		if (!matches(name, ".*[0-9]/[A-Za-z]*[0-9].*")) name = substring(name, lastIndexOf(name, "/") + 1);
		names[i] = name;
	}
	if (isFile) forgetRois(first);
	Overlay.copy;
	selectImage(work);
	Overlay.paste;
	return "";
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
function removeOutlines() { if (Overlay.size > 0) { Overlay.removeRois("RHI cord"); Overlay.removeRois("RHI high"); } }

// ---- roles, levels, slices ---------------------------------------------------------------------------

function readRois() {
	roles = newArray(roiCount); levels = newArray(roiCount); spans = newArray(roiCount);
	reaches = newArray(roiCount); moved = newArray(roiCount); roleless = newArray(roiCount);
	hasCord = false;
	selectImage(board);
	for (i = 0; i < roiCount; i++) {
		Overlay.activateSelection(i);
		text = rolesSaid(names[i]);
		roles[i] = -1;
		for (r = 0; r <= EXCLUDE; r++) if (text == ROLES[r]) roles[i] = r;
		if (roles[i] < 0) return "the name of ROI '" + names[i] + "' says " + text + "; rename it so that it says one";
		group = 0;
		if (selectionType() >= 0) group = Roi.getGroup;
		if (roles[i] == NONE && group <= REFERENCE) roles[i] = group;
		if (roles[i] == CORD) hasCord = true;
		level = levelOf(names[i]);
		levels[i] = level; reaches[i] = ""; moved[i] = ""; roleless[i] = "ROI " + names[i] + " has no role and was not counted";
	}
	if (!hasCord) return "no cord ROI among " + listOf(Array.getSequence(roiCount)) + "; name the whole cord 'cord' and the high-intensity area 'high' (with a level where there are several: 'cord L2', 'high L2'), or give them the ROI groups 1 and 2";
	for (i = 0; i < roiCount; i++) {
		e = placeRoi(i);
		if (e != "") return e;
	}
	return "";
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
	t = replace(toUpperCase(name), start + "T[12](?=[^\\p{L}\\p{N}]+((HYPERINT|HYPOINT|ISOINT|SIGNAL|WEIGHT)[\\p{L}\\p{N}]*|WI?|TSE|FSE|STIR|FLAIR|DIXON|SPACE)" + end + ")", "");
	t = replace(t, start + "(HWK|BWK|LWK|SWK|TH)[ _.-](?=[1-9][0-9]?" + end + ")", "$1");
	t = replace(replace(t, start + "HWK(?=[1-9])", "C"), start + "(TH|D|BWK)(?=[1-9])", "T");
	t = replace(t, start + "(L|S)WK(?=[1-9])", "$1");
	if (!matches(t, "(?s).*" + start + "[CTLS][1-9].*")) return "";
	letters = newArray("C", "T", "L", "S"); counts = newArray(7, 13, 6, 5);
	found = "";
	for (r = 0; r < 4; r++) {
		for (n = 1; n <= counts[r]; n++) {
			t = replace(t, start + letters[r] + (n - 1) + "\\s*/\\s*" + n + end, letters[r] + (n - 1) + " " + letters[r] + n);
			if (matches(t, "(?s).*" + start + letters[r] + n + end + ".*")) found += "-" + letters[r] + n;
		}
	}
	return replace(found, "^-", "");
}

// Slices on which a ROI lies, and whether it can be measured there.
function placeRoi(i) {
	Overlay.activateSelection(i);
	type = selectionType();
	kind = ""; c = 0; position = 0; t = 0; n = 0; x = 0; y = 0; w = 0; h = 0;
	if (type >= 0) { kind = Roi.getType; Roi.getPosition(c, position, t); Roi.getBounds(x, y, w, h); }
	spans[i] = "|";
	if ((type > 4 && type != 9) || kind == "text" || kind == "image") {
		if (roles[i] == NONE) return "";
		return replace("ROI '" + names[i] + "' is a " + kind + " selection and cannot be a " + ROLES[roles[i]] + " ROI; draw an area (polygon, freehand, oval, rectangle)", "a exclude", "an exclude");
	}
	if (planes == 1) {
		position = maxOf(c, maxOf(position, t));
		if (position > 1) moved[i] = "ROI " + names[i] + " has the position " + position + ", and the image one slice: it was measured there, as ImageJ does";
		position = 0;
	} else if (position == 0 && matches(names[i], "(?s)[0-9]{4,6}-[0-9]{4,6}-[0-9]{4,6}.*")) {
		position = parseInt(substring(names[i], 0, indexOf(names[i], "-"))); // label of an old ROI set: slice, y, x
		if (position > planes) position = 0;
	}
	if (position > planes) return "ROI '" + names[i] + "' lies on slice " + position + ", but the image has " + planes + "; check that the ROI set belongs to this image";
	for (k = 1; k <= planes; k++) if (position == 0 || position == k) spans[i] = spans[i] + k + "|";
	if (x < 0 || y < 0 || x + w > width || y + h > height) reaches[i] = "ROI " + names[i] + " reaches outside the image; the part inside is measured";
	// Wholly outside, ImageJ would measure the whole image.
	if (w > 0 && h > 0 && x < width && y < height && x + w > 0 && y + h > 0) getRawStatistics(n);
	if (n > 0 || roles[i] == NONE) return "";
	return "ROI '" + names[i] + "' covers no pixel of slice " + maxOf(1, position) + "; draw it on the image";
}

// ROIs of a role that lie on a slice.
function onSlice(role, k) {
	found = newArray(0);
	for (i = 0; i < roiCount; i++) if (roles[i] == role && indexOf(spans[i], "|" + k + "|") >= 0) found = Array.concat(found, i);
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
	if (!isOwn) {
		if (!isHidden) setBatchMode(true);
		run("Duplicate...", "title=rhi-copy duplicate ignore");
		work = getImageID();
	}
	newImage("rhi-board", "8-bit black", width, height, 1);
	board = getImageID();
}

function finish() {
	selectImage(board); close();
	if (isOwn) return;
	selectImage(work); close();
	selectImage(image);
	if (!isHidden) setBatchMode(false);
}

function readPixelSize() {
	getPixelSize(unit, pixelWidth, pixelHeight);
	said_ = "";
	if (matches(unit, "(?i) *(microns?|microm(et[er]{2})|um|[\\u00b5\\u03bc]m) *")) {
		said_ = "pixel size in micron: areas are in mm^2";
		pixelWidth /= 1000; pixelHeight /= 1000; unit = "mm";
	} else if (matches(unit, " *inch(es)? *") && pixelWidth != 1) {
		said_ = "pixel size from a print resolution (" + short(1 / pixelWidth) + " dpi): areas are in inch" + fromCharCode(178) + "; check it against the scanner's";
		unit = "inch";
	} else if (matches(unit, " *|pixels?|inch(es)?")) {
		said_ = "pixel size " + short(pixelWidth) + " x " + short(pixelHeight) + " without a unit of length";
		if (pixelWidth == 1 && pixelHeight == 1) said_ = "no pixel size: areas are in pixel^2";
		unit = "pixel";
	}
	if (bitDepth() == 8 && !is("grayscale")) said_ = add(said_, "colour table: its index values are measured, as in ImageJ");
	imageWarnings = said_;
}

// Rows of a slice: each cord with its high ROIs, by level where levels are named.
function measureSlice(k) {
	cords = onSlice(CORD, k); highs = onSlice(HIGH, k); unnamed = onSlice(NONE, k);
	for (j = 0; j < cords.length; j++)
		for (m = 0; m < j; m++)
			if (levels[cords[j]] == levels[cords[m]])
				return "slice " + k + " has two cord ROIs" + ofLevel(cords[j], "") + " (" + listOf(newArray(cords[m], cords[j])) + "); delete one or name their levels ('cord L2', 'cord L3')";
	owners = newArray(highs.length);
	for (h = 0; h < highs.length; h++) {
		owners[h] = -1;
		for (j = 0; j < cords.length; j++) if (levels[cords[j]] == levels[highs[h]]) owners[h] = j;
		if (owners[h] < 0 && cords.length == 1) { if (levels[highs[h]] == "" || levels[cords[0]] == "") owners[h] = 0; }
		if (owners[h] < 0) return "high ROI '" + names[highs[h]] + "' on slice " + k + " has no cord" + ofLevel(highs[h], " of its own") + "; draw the cord there, or name the level of both";
	}
	if (cords.length > 0 && unnamed.length > 0 && highs.length == 0 && !ignore) {
		text = "ROI " + listOf(unnamed) + " on slice " + k + " has no role, and no ROI of that slice is high: name it 'high', or 'exclude' to leave its pixels out, or delete it, or choose Ignore ROIs without a role to count it as nothing";
		if (unnamed.length > 1) text = replace(replace(replace(replace(text, "^ROI ", "ROIs "), " has no role", " have no role"), " it\\b", " them"), " its pixels", " their pixels");
		return text;
	}
	for (j = 0; j < cords.length; j++) {
		mine = newArray(0);
		for (h = 0; h < highs.length; h++) if (owners[h] == j) mine = Array.concat(mine, highs[h]);
		e = measureCord(k, cords[j], mine, unnamed);
		if (e != "") return e;
	}
	return "";
}

function ofLevel(i, other) { if (levels[i] == "") return other; return " of level " + levels[i]; }

// One row. On the board the cord is 1, the high area 3, and what is both 2.
function measureCord(k, cord, highs, unnamed) {
	lost = paint(k, cord, highs);
	counts = countsOnBoard();
	cordPixels = counts[1] + counts[2];
	if (cordPixels == 0) return "slice " + k + ": the exclude ROIs cover the whole cord ROI '" + names[cord] + "'; make them smaller";
	isOne = lost == 0;
	cordMean = meanOf(k, cord, isOne, 1, 2);
	method = "drawn"; warnings = ""; e = "";
	if (highs.length == 0 && mode != "none") { method = mode; e = findInside(k); }
	if (e != "") return e;
	counts = countsOnBoard();
	if (clip && counts[3] > 0) {
		changeValues(3, 3, 0);
		counts[3] = 0;
		warnings = "high area clipped to the cord";
	}
	highPixels = counts[2] + counts[3];
	highMean = 0 / 0; outsidePercent = 0 / 0; highCount = 0;
	if (highPixels > 0) {
		outsidePercent = 100 * counts[3] / highPixels;
		isOne = highs.length == 1 && lost == 0 && warnings == "";
		drawn = Array.concat(highs, cord);
		highMean = meanOf(k, drawn[0], isOne, 2, 3);
		copyRoiTo(board);
		if (method != "drawn") Overlay.addSelection;
		highCount = countRegions();
	}
	rhi = 100 * highPixels / cordPixels;
	if (outsidePercent > 1) warnings = add(warnings, d2s(outsidePercent, 1) + " % of the high area lies outside the cord");
	if (rhi > 100) warnings = add(warnings, "RHI is over 100");
	drawn = Array.concat(cord, highs);
	warnings = addAll(addAll(warnings, drawn, reaches), Array.concat(drawn, onSlice(EXCLUDE, k)), moved);
	warnings = add(addAll(warnings, unnamed, roleless), imageWarnings);
	level = levels[cord];
	for (m = 0; m < highs.length && level == ""; m++) level = levels[highs[m]];
	pixel = pixelWidth * pixelHeight;
	addRow(newArray(patient, imageName, k, level, rhi, cordPixels * pixel, highPixels * pixel, unit + "^2", 100 * cordPixels / (width * height),
		100 * highPixels / (width * height), highCount, outsidePercent, cordMean, highMean, lost, "", method, warnings));
	said += replace("slice " + k + " " + level, " $", "") + ": RHI " + d2s(rhi, 1) + " %\n";
	outlines = Array.concat(outlines, "cord\t" + cord + "\t" + k + "\t" + d2s(rhi, 1) + " %");
	for (m = 0; m < highs.length; m++) outlines = Array.concat(outlines, "high\t" + highs[m] + "\t" + k);
	if (method != "drawn" && highPixels > 0) outlines = Array.concat(outlines, "high\t" + (Overlay.size - 1) + "\t" + k);
	return "";
}

// Paints cord and high ROIs onto the board and takes excluded pixels off; returns how many these were.
function paint(k, cord, highs) {
	selectImage(board);
	run("Select None"); setColor(0); fill();
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

// Mean of a ROI on the slice, or else of what has such values on the board; it is selected then.
function meanOf(k, roi, isRoi, lower, upper) {
	if (!isRoi) selectByBoard(lower, upper);
	selectImage(work);
	if (isRoi) Overlay.activateSelection(roi);
	if (planes > 1) setSlice(k);
	getStatistics(area, mean);
	return mean;
}

// Selects on the working image what has such values on the board.
function selectByBoard(lower, upper) {
	selectImage(board); run("Select None");
	setThreshold(lower, upper); run("Create Selection"); resetThreshold();
	copyRoiTo(work);
}

// 8-connected regions of the selection on the board. In a macro of its own, because one with "var"
// writes floodFill into an open Recorder.
function countRegions() {
	count = eval("Roi.getContainedPoints(xs, ys); setColor(254); fill(); setColor(255); n = 0; "
		+ "for (i = 0; i < xs.length; i++) { if (getPixel(xs[i], ys[i]) == 254) { floodFill(xs[i], ys[i], '8-connected'); n++; } } return '' + n;");
	return parseInt(count);
}

// ---- finding the high area ---------------------------------------------------------------------------

// Paints what is high by the mode inside the cord of the board as 2.
function findInside(k) {
	selectByBoard(1, 2);
	if (planes > 1) setSlice(k);
	lower = limit; upper = 1 / 0;
	if (!strict && !startsWith(mode, "fixed")) {
		method = getInfo("threshold.method");
		setAutoThreshold(mode + " dark");
		getThreshold(lower, upper);
		back = call("ij.plugin.frame.ThresholdAdjuster.setMethod", method);
		if (bitDepth() != 32) {
			run("Create Selection"); resetThreshold();
			copyRoiTo(board);
			if (selectionType() >= 0) changeValues(1, 1, 2);
			return "";
		}
		resetThreshold();
		if (!(abs(lower) < 1 / 0 && abs(upper) < 1 / 0) || (lower == -1 && upper == -1)) return mode + ": no threshold, the image's range is not finite; remove NaN and infinite pixels";
	}
	Roi.getContainedPoints(xs, ys);
	values = selectedValues();
	selectImage(board);
	for (p = 0; p < xs.length; p++) if (values[p] <= upper && (values[p] > lower || (values[p] == lower && !strict))) setPixel(xs[p], ys[p], 2);
	return "";
}

// Calibrated values of the selection; of RGB the mean, rounded, as in ImageJ's histogram.
function selectedValues() {
	if (selectionType() < 0) return newArray(0);
	Roi.getContainedPoints(xs, ys);
	for (p = 0; p < xs.length; p++) {
		c = getPixel(xs[p], ys[p]);
		if (bitDepth() == 24) xs[p] = floor((((c >> 16) & 255) + ((c >> 8) & 255) + (c & 255)) / 3 + 0.5);
		else xs[p] = getValue(xs[p], ys[p]);
	}
	return xs;
}

// Sets the limit above which pixels are high: by the reference ROIs (ref+3sd), or by all cords (auto).
function readReference() {
	strict = matches(mode, "auto|ref.*");
	selectImage(work);
	if (bitDepth() == 24 && !strict && !matches(mode, "none|fixed.*")) return "high=" + mode + ": ImageJ does not threshold RGB images; convert it to 8-bit";
	if (!strict) return "";
	role = REFERENCE; spreads = 5;
	if (mode == "auto") role = CORD;
	else spreads = parseFloat(replace(mode, "ref.|sd|mad", ""));
	all = newArray(0);
	for (k = 1; k <= planes; k++) {
		on = onSlice(role, k);
		for (r = 0; r < on.length; r++) {
			lost = paint(k, on[r], newArray(0));
			selectByBoard(1, 1);
			if (planes > 1) setSlice(k);
			values = selectedValues();
			all = Array.concat(all, values);
		}
	}
	if (all.length == 0) return "high=" + mode + " needs a reference ROI (named normal, reference or ref, or in ROI group 3) and there is none; draw one, or use high=auto";
	n = 0;
	for (p = 0; p < all.length; p++) if (abs(all[p]) < 1 / 0) { all[n] = all[p]; n++; }
	if (n < 2) return "high=" + mode + " needs reference pixels, and there are " + n;
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
	sorted = Array.copy(values); Array.sort(sorted);
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
	if (e == "" && indexOf(spans[index], "|" + k + "|") < 0) k = parseInt(substring(spans[index], 1, indexOf(spans[index], "|", 1)));
	if (e == "") { lost = paint(k, index, newArray(0)); e = findInside(k); }
	if (e == "") {
		selectByBoard(2, 2);
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
		if (matches(headings[c], TEXTS)) cell = textCell(row[c]);
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
function saveResults() {
	path = "" + stem() + ".rhi.csv";
	if (getInfo("image.directory") == "") said += "Not saved, because the image has no file: save it first. ";
	else if (endsWith(File.openAsRawString(getInfo("image.directory") + imageName, 132), "DICM") || lengthOf(getInfo("0028,0010")) > 0)
		said += "Not saved: nothing is written into a DICOM folder; use File > Save As of the table. ";
	else {
		e = "" + call("ij.IJ.saveString", HEADINGS + "\n" + csv, path + ".part");
		if (File.exists(path) && !startsWith(e, "java")) ok = File.delete(path);
		if (File.rename(path + ".part", path) != 1) exit(path + " cannot be written (" + e + "); choose another folder.");
		said += "Saved in " + path + ". ";
	}
}

// ---- checks, text and numbers ------------------------------------------------------------------------

// ImageJ would stop at a set that ends early.
function checkRoiFile(path) {
	if (!endsWith(toLowerCase(path), ".zip")) return "";
	data = File.openAsRawString(path, parseFloat(File.length(path)));
	end = lastIndexOf(data, "PK" + fromCharCode(5, 6));
	if (end < 0 || end + 22 > lengthOf(data)) return path + ": is not a readable RoiSet; save it again in ImageJ";
	if (indexOf(data, ".roi") < 0) return path + ": holds no .roi files; save the set in the ROI Manager (More > Save)";
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

function textCell(text) {
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

function addAll(text, indexes, texts) {
	for (i = 0; i < indexes.length; i++) text = add(text, texts[indexes[i]]);
	return text;
}

// A number with ten digits or more.
function num(x) {
	if (x == floor(x) && abs(x) < 1e9) return d2s(x, 0);
	if (abs(x) >= 1 && abs(x) < 1e9) return d2s(x, 9);
	if (x > 0.001 && x < 0.999) return "0." + String.pad(d2s(x * 1e12, 0), 12);
	return d2s(x, -9);
}

// A number with six decimals, without the zeros at the end.
function short(x) { return replace(d2s(x, 6), "\\.?0+$", ""); }
