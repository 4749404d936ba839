// RHI Tools: a toolset for ImageJ 1.53k or later and Fiji.
//
// RHI = 100 * area of high intensity / area of the whole cord, on T2 slices of the spine.
// Research use only; not a medical device.
//
// Install: this file in macros/toolsets/, RHI_Measure.ijm in plugins/RHI/, then choose "RHI_Tools"
// in the >> menu of the toolbar. A slice: draw the cord, 1, draw the high intensity, 2, 8.
//
// In a macro: runMacro("toolsets/RHI_Tools.ijm", "action=cord level=[L2]"), and so on, as the
// Recorder writes. It returns "" or "error: " and a sentence, which is also shown.
//
// This file must stay ASCII: ImageJ reads it once as UTF-8 and once as ISO 8859-1.

var RESEARCH_USE = "Research use only; not a medical device.";
var TOOLSET = "toolsets/RHI_Tools.ijm";
var CORE = "RHI_Measure.ijm";
var HEADINGS = "Patient,Image,Slice,Level,RHI,CordArea,HighArea,Unit,CordPercent,HighPercent,HighCount,"
	+ "HighOutsidePercent,CordMean,HighMean,ExcludedPixels,Plane,Method,Warnings";
var CORD_COLOR = "#00d5ff", HIGH_COLOR = "#ff5040", REFERENCE_COLOR = "#50ff80";
var HELP = "<html><h3>RHI = 100 &middot; high-intensity area / whole cord area</h3>"
	+ "<b>A slice</b>: outline the cord, <b>1</b>, outline the high intensity, <b>2</b>, <b>8</b>. "
	+ "Then <b>9</b> for the next image.<br>Any area tool will do: polygon, freehand, oval, rectangle, wand.<p><table>"
	+ "<tr><td><b>1</b></td><td>Cord: the selection is the whole cord (ROI group 1)</td></tr>"
	+ "<tr><td><b>2</b></td><td>High intensity: the selection is high (group 2); several are added up</td></tr>"
	+ "<tr><td><b>3</b></td><td>Normal reference: the selection is normal cord (group 3), for ref+3sd</td></tr>"
	+ "<tr><td><b>6</b></td><td>Find high intensity in the cord; correct the outline, then 2</td></tr>"
	+ "<tr><td><b>7</b></td><td>Measure: table RHI of all slices with a cord</td></tr>"
	+ "<tr><td><b>8</b></td><td>Save NAME.RoiSet.zip and NAME.rhi.csv beside the image, and show the table</td></tr>"
	+ "<tr><td><b>9</b></td><td>Next image of the folder, with its ROIs</td></tr>"
	+ "<tr><td><b>0</b></td><td>Level (L2, T12-L1, or none): asked for once, then remembered</td></tr>"
	+ "<tr><td><b>F2</b></td><td>Copy the cord of the previous slice</td></tr>"
	+ "<tr><td><b>F3</b></td><td>Interpolate the slices between two drawn ones</td></tr>"
	+ "<tr><td><b>F4</b></td><td>Undo the last key</td></tr>"
	+ "</table><p>4 and 5 are ImageJ's zoom as ever. The keys 1, 2 and 3 take the place of Analyze &gt; Gels "
	+ "while the toolset is loaded.<p>Please cite: Kong et al., Int J Med Sci 2025; 22(3): 708-715, "
	+ "<a href='https://doi.org/10.7150/ijms.103916'>doi.org/10.7150/ijms.103916</a><p><b>" + RESEARCH_USE + "</b></html>";
var ASK = "?"; // stands for a level that is remembered, or asked for
var CANCELLED = "cancelled";
var NO_CHOICE = newArray(0);

// The ROIs of the ROI Manager, as scan() finds them.
var names, roles, levels, colors, channels, slices, frames, prints;
var front, isBatch; // the image and the batch mode that hide() leaves
var drawn; // a line that draws the selection again, where the Recorder has none
var opening = false; // whether the ROI set beside the image is opened without a question, or was after one
var listed = false; // whether the ROIs that are listed are taken as those of the image without a question, or were after one

argument = getArgument();
answer = "";
if (argument != "") answer = obey(argument);
else say("This is a toolset: put it into ImageJ's folder macros/toolsets and choose RHI_Tools in the "
	+ ">> menu at the right end of the toolbar.");
return answer; // not in a block, which would clear the status bar and end the batch mode of the caller

// ---- what a user clicks or types ---------------------------------------------------------------

macro "RHI Cord (outline the whole cord, then click here or press 1) Action Tool - CeedV02gdC09cO02gdO13ebC999V4536V9536F5862" { press("cord"); }
macro "RHI High Intensity (outline the bright area in the cord, then click here or press 2) Action Tool - CeedV02gdC888O02gdC999V4536V9536F5862Ce20V7465C800O7465" { press("high"); }
macro "RHI Find High Intensity (by a threshold in the cord; or press 6) Action Tool - CeedV00bbCe21V3355C333O00bbO1199L99eeL9afeLa9ef" { press("find"); }
macro "RHI Measure (all slices with a cord; or press 7) Action Tool - C06aT0f18%" { press("measure"); }
macro "RHI Save (ROI set and table beside the image; or press 8) Action Tool - C25aF11eeCeeeF4176C25aF9224CeeeF39a6C25aF5b61F5d61" { press("save"); }
macro "RHI Next Image (opens the next TIFF of the folder; or press 9) Action Tool - C083H058581f88f8b0b00" { press("next"); }
macro "RHI Help (steps and keys) Action Tool - C06aO00ffT6d14?" { help(); }
macro "RHI Cord [1]" { press("cord"); }
macro "RHI High Intensity [2]" { press("high"); }
macro "RHI Normal Reference [3]" { press("reference"); }
macro "RHI Find High Intensity [6]" { press("find"); }
macro "RHI Measure [7]" { press("measure"); }
macro "RHI Save [8]" { press("save"); }
macro "RHI Next Image [9]" { press("next"); }
macro "RHI Level [0]" { changeLevel(); }
macro "RHI Copy Cord of Previous Slice [f2]" { press("copy"); }
macro "RHI Interpolate between Drawn Slices [f3]" { press("interpolate"); }
macro "RHI Undo Last Key [f4]" { press("undo"); }
macro "RHI Help" { help(); }

// ---- what a macro calls ------------------------------------------------------------------------

// Does what a line of the Recorder says; nothing is asked.
function obey(args) {
	opening = flag(args, "open");
	listed = flag(args, "listed");
	answer = perform(option(args, "action", ""), args, false);
	if (!startsWith(answer, "error: ")) return "";
	say(substring(answer, 7));
	return answer;
}

// Runs an action for a user, who may be asked, and writes it to the Recorder.
function press(action) {
	setKeyDown("none");
	drawn = "";
	opening = false;
	listed = false;
	answer = perform(action, "", true);
	if (startsWith(answer, "error: ")) say(substring(answer, 7));
	else if (answer != CANCELLED) record(answer);
}

// Returns what the Recorder writes, "error: ..." or CANCELLED. Without ask all comes from args.
function perform(action, args, ask) {
	requires("1.53k");
	missing = "";
	if (ask) missing = ASK;
	if (ask && matches(action, "copy|interpolate|undo|next") && isOpen("Recorder") && !recorderPauses())
		return "error: This ImageJ would record what the key does inside: close the Recorder, or use ImageJ 1.54i or later.";
	level = option(args, "level", missing);
	answer = "error: RHI_Tools does not know action '" + action + "'; use cord, high, reference, copy, interpolate, undo, find, "
		+ "measure, save or next.";
	if (matches(action, "cord|high|reference")) answer = addRoi(action, level, flag(args, "replace"), ask);
	if (action == "copy") answer = copyCord(ask);
	if (action == "interpolate") answer = interpolate(ask);
	if (action == "undo") answer = undo();
	if (action == "find") answer = findHigh(option(args, "high", "auto"), option(args, "level", ASK), ask);
	if (action == "measure") answer = measureAll(ask);
	if (action == "save") answer = save(flag(args, "replace"), ask);
	if (action == "next") answer = nextImage(flag(args, "save"), flag(args, "discard"), ask);
	return answer;
}

function record(args) {
	if (opening) args = args + " open";
	if (listed) args = args + " listed";
	line = "\"" + TOOLSET + "\", \"" + args + "\");\n";
	scripting = call("ij.plugin.frame.Recorder.scriptMode");
	if (scripting == "true") line = "IJ.runMacroFile(" + line;
	else line = drawn + "runMacro(" + line;
	call("ij.plugin.frame.Recorder.recordString", line);
}

// ---- the actions -------------------------------------------------------------------------------

// Puts the selection into the ROI Manager as cord, high or reference.
function addRoi(role, level, over, ask) {
	answer = checkSelection(role);
	if (answer != "") return answer;
	answer = checkManager(ask);
	if (answer != "") return answer;
	scan();
	cords = cordsHere();
	if (role == "reference") level = "";
	else if (role == "high" && level == ASK) level = levelOfHigh(cords);
	if (level == ASK) level = recall("level", ASK);
	if (level == ASK) level = askLevel();
	asked = level;
	level = levelOf(asked);
	if (level == "" && String.trim(asked) != "")
		return "error: '" + asked + "' is no vertebral level: use C1 to C7, T1 to T13, L1 to L6, S1 to S5, "
			+ "two of them (T12-L1), or nothing.";
	old = -1;
	if (role == "cord") {
		for (i = 0; i < cords.length; i++) {
			other = levels[cords[i]];
			if (other == level) old = cords[i];
		}
	}
	if (old >= 0 && !over) {
		where = "Slice " + getSliceNumber() + " already has a cord" + ofLevel(level) + ": ROI '" + names[old] + "'.";
		if (!ask) return "error: " + where + " Add 'replace' to replace it, or give another level.";
		question(where + " OK replaces it by the outline just drawn, Cancel keeps it. (Another cord on this slice needs "
			+ "another level: key 0.)", NO_CHOICE);
	}
	slice = getSliceNumber();
	name = freeName(role, level, slice, old);
	keepForUndo();
	drawn = drawingOf();
	added = addSelection(role, name);
	if (!added) return "error: ImageJ did not take the selection into the ROI Manager: draw it again.";
	if (old >= 0) {
		roiManager("select", old);
		roiManager("delete");
		setSlice(slice);
	}
	drawOutlines();
	tell(name + " is in the ROI Manager" + rhiHere(false));
	args = "action=" + role;
	if (level != "") args = args + " level=[" + level + "]";
	if (old >= 0) args = args + " replace";
	return args;
}

// Puts the selection into the ROI Manager under a name; false where ImageJ does not take it.
function addSelection(role, name) {
	before = roiManager("count");
	placeSelection();
	Roi.setName(name);
	setRole(role);
	setKeyDown("none");
	roiManager("add");
	isAdded = roiManager("count") == before + 1;
	return isAdded;
}

// RHI of the slice that is shown, as soon as it has cord and high; "" before, where measuring says 0.
function rhiHere(isMeasured) {
	rows = core("action=rows ignore rois=[ROI Manager]");
	if (startsWith(rows, "error: ")) return "";
	text = "";
	lines = split(replace(rows, "\"[^\"]*\"", ""), "\n"); // names in quotes may hold commas and line ends
	for (i = 0; i < lines.length; i++) {
		cells = split(lines[i], ",");
		if (parseInt(cells[2]) == getSliceNumber() && (isMeasured || parseFloat(cells[6]) > 0))
			text = text + "; " + String.trim(cells[3] + " RHI ") + " " + d2s(parseFloat(cells[4]), 1) + " %";
	}
	return text;
}

// Takes the cords of the nearest slice before this one that has any.
function copyCord(ask) {
	answer = checkManager(ask);
	if (answer != "") return answer;
	scan();
	slice = getSliceNumber();
	here = cordsHere();
	if (here.length > 0)
		return "error: Slice " + slice + " has a cord already: '" + names[here[0]] + "'. Delete it first, or correct it: choose it "
			+ "in the ROI Manager, change the outline, press Update.";
	if (nSlices == 1) { answer = copyFromFile(); return answer; }
	from = slice - 1;
	cords = newArray(0);
	while (from >= 1 && cords.length == 0) {
		cords = onSlice("cord", from);
		from--;
	}
	if (cords.length == 0) return "error: No slice before slice " + slice + " has a cord: outline the whole cord and press 1.";
	keepForUndo();
	for (i = 0; i < cords.length; i++) {
		roiManager("select", cords[i]);
		Roi.copy;
		setSlice(slice);
		Roi.paste;
		name = freeName("cord", levels[cords[i]], slice, -1);
		added = addSelection("cord", name);
	}
	setSlice(slice);
	drawOutlines();
	tell("cord of slice " + (from + 1) + " copied" + rhiHere(false) + ": choose it in the ROI Manager to correct it");
	return "action=copy";
}

// Takes the cords of the TIFF before this one, where each slice is a file.
function copyFromFile() {
	folder = getInfo("image.directory");
	rois = "";
	previous = "";
	if (folder != "") previous = fileBeside(folder, getInfo("image.filename"), true);
	if (previous != "") rois = roiFile(folder, previous);
	if (rois == "") return "error: No ROI set belongs to the TIFF before this one: outline the whole cord and press 1.";
	keepForUndo();
	before = roiManager("count");
	saved = recall("saved", "");
	openRois(rois);
	remember("saved", saved);
	copied = 0;
	hide();
	pauseRecorder("suspendRecording");
	for (i = names.length - 1; i >= before; i--) {
		if (roles[i] == "cord") copied++;
		else {
			roiManager("select", i);
			roiManager("delete");
		}
	}
	pauseRecorder("resumeRecording");
	unhide();
	drawOutlines();
	if (copied == 0) return "error: " + File.getName(rois) + " has no cord: outline the whole cord and press 1.";
	tell("cord of " + previous + " copied" + rhiHere(false) + ": choose it in the ROI Manager to correct it");
	return "action=copy";
}

// Fills the slices between two drawn ones, role by role and level by level, by ImageJ's own interpolation:
// from the drawn slice at or before this one to the next drawn one.
function interpolate(ask) {
	answer = checkManager(ask);
	if (answer != "") return answer;
	scan();
	slice = getSliceNumber();
	first = slice;
	firstCords = onSlice("cord", first);
	while (first > 1 && firstCords.length == 0) {
		first--;
		firstCords = onSlice("cord", first);
	}
	last = slice;
	lastCords = newArray(0);
	while (last < nSlices && lastCords.length == 0) {
		last++;
		lastCords = onSlice("cord", last);
	}
	if (firstCords.length == 0 || lastCords.length == 0 || last - first < 2)
		return "error: Interpolate needs a cord on a slice before and one on a slice after, with undrawn slices between: draw "
			+ "both, go to a slice between them, press F3.";
	alone = "";
	isPair = false;
	for (i = 0; i < names.length; i++) {
		if ((slices[i] == first || slices[i] == last) && matches(roles[i], "cord|high")) {
			isBoth = isOn(roles[i], levels[i], first + last - slices[i]);
			if (isBoth) isPair = true;
			else alone = alone + ", '" + names[i] + "'";
		}
	}
	if (alone != "") alone = "Not interpolated, since one of the slices " + first + " and " + last + " alone has it: " + substring(alone, 2) + ".";
	if (!isPair) return "error: " + alone + " Give both cords the same level.";
	keepForUndo();
	kept = recall("undo", "");
	if (kept == "") return "error: Nothing can be written into " + getDirectory("temp") + ": is the disk full?";
	count = 0;
	filled = newArray("cord", "high");
	for (r = 0; r < 2; r++) {
		begin = onSlice(filled[r], first);
		end = onSlice(filled[r], last);
		done = "|";
		for (i = 0; i < begin.length; i++) {
			level = levels[begin[i]];
			isBoth = isOn(filled[r], level, last);
			if (isBoth && indexOf(done, "|" + level + "|") < 0) count = count + fillBetween(filled[r], level, first, begin, last, end);
			done = done + level + "|";
		}
	}
	setSlice(slice);
	drawOutlines();
	rhi = rhiHere(false);
	tell("" + count + " outlines between slices " + first + " and " + last + rhi + ": look at each and correct it");
	if (alone != "" && ask) say(alone + " Where it goes on, draw it.");
	else if (alone != "") print("RHI: " + alone);
	return "action=interpolate";
}

// Interpolates the ROIs of one role and level; returns how many were made.
function fillBetween(role, level, first, begin, last, end) {
	id = getImageID();
	two = Array.concat(begin, end);
	batch = is("Batch Mode");
	if (!batch) setBatchMode(true);
	pauseRecorder("suspendRecording");
	path = replace(undoPath(), "undo", "between");
	roiManager("save", path);
	newImage("RHI between", "8-bit black", getWidth(), getHeight(), 1);
	between = getImageID();
	setSlice(1);
	run("From ROI Manager");
	roiManager("reset");
	for (i = 0; i < two.length; i++) {
		other = levels[two[i]];
		if (other != level) continue;
		Overlay.activateSelection(two[i]);
		slice = first;
		if (i >= begin.length) slice = last;
		// ImageJ takes the slice from a name such as 0007-0001-0001.
		Roi.setName(String.pad(slice, 4) + "-" + String.pad(i + 1, 4) + "-0001");
		Roi.setPosition(slice);
		roiManager("add");
		roiManager("select", roiManager("count") - 1);
		roiManager("rename", String.pad(slice, 4) + "-" + String.pad(i + 1, 4) + "-0001");
	}
	given = roiManager("count");
	if (given > 1) roiManager("Interpolate ROIs");
	run("Remove Overlay");
	run("From ROI Manager");
	roiManager("reset");
	roiManager("open", path);
	gone = File.delete(path);
	made = 0;
	n = Overlay.size;
	for (i = 0; i < n; i++) {
		selectImage(between);
		Overlay.activateSelection(i);
		Roi.getPosition(c, slice, f);
		if (slice <= first || slice >= last) continue;
		Roi.copy;
		selectImage(id);
		setSlice(slice);
		Roi.paste;
		name = freeName(role, level, slice, -1);
		added = addSelection(role, name);
		made++;
	}
	selectImage(between);
	close();
	selectImage(id);
	run("Select None");
	pauseRecorder("resumeRecording");
	if (!batch) setBatchMode(false);
	return made;
}

// Keeps the ROIs as they are now, before a key changes them.
function keepForUndo() {
	path = undoPath();
	if (File.exists(path)) gone = File.delete(path);
	pauseRecorder("suspendRecording");
	if (roiManager("count") > 0) roiManager("save", path);
	pauseRecorder("resumeRecording");
	isKept = roiManager("count") == 0 || File.exists(path);
	remember("undo", "");
	if (isKept) remember("undo", imageKey());
}

// A file of this ImageJ alone: another one that runs has its own.
function undoPath() {
	session = recall("session", d2s(getTime(), 0));
	remember("session", session);
	return getDirectory("temp") + "rhi-undo-" + session + ".zip";
}

// Brings back the ROIs as they were before the last key.
function undo() {
	answer = checkImage();
	if (answer != "") return answer;
	last = recall("undo", "");
	key = imageKey();
	owner = recall("owner", "");
	if (last != key || owner != key) return "error: There is nothing to undo on this image.";
	slice = getSliceNumber();
	path = undoPath();
	pauseRecorder("suspendRecording");
	roiManager("reset");
	if (File.exists(path)) roiManager("open", path);
	pauseRecorder("resumeRecording");
	remember("undo", "");
	if (nSlices > 1) setSlice(slice);
	drawOutlines();
	tell("the last key is undone" + rhiHere(false));
	return "action=undo";
}

// Indices of the ROIs of a role on a slice.
function onSlice(role, slice) {
	found = newArray(0);
	for (k = 0; k < names.length; k++) if (roles[k] == role && slices[k] == slice) found = Array.concat(found, k);
	return found;
}

// Whether a ROI of a role and level lies on a slice.
function isOn(role, level, slice) {
	found = onSlice(role, slice);
	for (j = 0; j < found.length; j++) {
		other = levels[found[j]];
		if (other == level) return true;
	}
	return false;
}

// ImageJ records polygons, ovals and rectangles, but neither freehand selections nor the brush.
function drawingOf() {
	type = selectionType();
	if (type != 3 && type != 4) return "";
	kind = "freehand";
	if (type == 4) kind = "traced";
	Roi.getCoordinates(xs, ys);
	xText = "";
	yText = "";
	for (i = 0; i < xs.length; i++) {
		xText = xText + ", " + plain(xs[i]);
		yText = yText + ", " + plain(ys[i]);
	}
	line = "makeSelection(\"" + kind + "\", newArray(" + substring(xText, 2) + "), newArray(" + substring(yText, 2) + "));\n";
	return line;
}

function plain(x) {
	text = d2s(x, 6);
	if (x == round(x)) text = d2s(x, 0);
	return text;
}

// Finds the high area inside the cord of this slice and leaves it as selection.
function findHigh(high, level, ask) {
	answer = checkManager(ask);
	if (answer != "") return answer;
	scan();
	cords = cordsHere();
	if (cords.length == 0) return "error: Slice " + getSliceNumber() + " has no cord to look in: outline the whole cord, press 1, then 6.";
	chosen = cords[0];
	known = level;
	if (known == ASK) known = recall("level", "");
	known = levelOf(known);
	match = cords.length == 1 && level == ASK;
	for (i = 0; i < cords.length; i++) {
		other = levels[cords[i]];
		if (other == known) { chosen = cords[i]; match = true; }
	}
	if (ask) {
		labels = newArray(cords.length);
		for (i = 0; i < cords.length; i++) labels[i] = names[cords[i]];
		methods = getList("threshold.methods");
		modes = Array.concat(newArray("auto", "ref+3sd", "ref+3mad"), methods);
		last = recall("high", "auto");
		other = last;
		for (i = 0; i < modes.length; i++) if (modes[i] == last) other = "";
		if (other != "") last = "auto";
		Dialog.create("RHI: find high intensity");
		Dialog.addChoice("Method", modes, last);
		Dialog.addString("or a value, or ref+2.5sd", other, 10);
		if (cords.length > 1) Dialog.addChoice("Cord", labels, names[chosen]);
		Dialog.addMessage("auto: above median + 5 robust SD of the cord. ref+...: needs a normal reference (key 3).\n"
			+ "The other methods call a large part of any cord high, lesion or not.\nCorrect the outline that is found, then press 2.");
		Dialog.addHelp(HELP);
		Dialog.show();
		high = Dialog.getChoice();
		other = String.trim(Dialog.getString());
		if (other != "") high = other;
		if (cords.length > 1) {
			label = Dialog.getChoice();
			for (i = 0; i < cords.length; i++) if (labels[i] == label) chosen = cords[i];
		}
	} else if (!match)
		return "error: Slice " + getSliceNumber() + " has no cord" + ofLevel(known) + ", or several: name one by level=[L2].";
	run("Select None");
	answer = core("action=find high=[" + high + "] cord=" + chosen);
	if (answer != "") return answer;
	remember("high", high);
	level = levels[chosen];
	args = "action=find high=[" + high + "]";
	if (cords.length > 1) args = args + " level=[" + level + "]";
	return args;
}

// Measures all slices with a cord: table RHI and outlines.
function measureAll(ask) {
	answer = checkManager(ask);
	if (answer != "") return answer;
	answer = showTable();
	if (answer != "") return answer;
	tell("RHI of " + getTitle() + rhiHere(true));
	return "action=measure";
}

// Saves NAME.RoiSet.zip and NAME.rhi.csv beside the image.
function save(over, ask) {
	answer = checkImage();
	if (answer != "") return answer;
	folder = getInfo("image.directory");
	file = getInfo("image.filename");
	if (folder == "" || file == "" || !File.exists(folder + file))
		return "error: '" + getTitle() + "' is not a file yet: save it first (File > Save As > Tiff), then press 8.";
	answer = checkManager(ask);
	if (answer != "") return answer;
	if (roiManager("count") == 0)
		return "error: There is nothing to save: outline the whole cord and press 1, then the high intensity and press 2.";
	if (isDicom(folder + file))
		return "error: Nothing is written into a DICOM folder: save the image as TIFF in a folder of your own (File > Save As), press 8.";
	if (!isWritable(folder))
		return "error: Nothing can be written into " + folder + ": copy the image to a folder of your own and open it there.";
	if (is("changes")) {
		sentence = "'" + file + "' was changed since it was opened; the ROIs would be saved for the file as it is on disk.";
		if (!ask) return "error: " + sentence + " Save it first (File > Save), or open it anew.";
		question(sentence + " OK saves them all the same.", NO_CHOICE);
	}
	stem = stemOf(file);
	roiset = folder + stem + ".RoiSet.zip";
	table = folder + stem + ".rhi.csv";
	// NAME.zip would be read instead of NAME.RoiSet.zip, so it has to go out of the way as well.
	rivals = newArray(folder + stem + ".zip", roiset, table);
	mine = recall("wrote", "");
	old = "";
	for (i = 0; i < rivals.length; i++) {
		if (File.exists(rivals[i]) && indexOf(mine, "\n" + rivals[i] + "\n") < 0) old = old + "\n" + rivals[i];
	}
	if (old != "") {
		list = split(substring(old, 1), "\n");
		shown = "";
		for (i = 0; i < list.length; i++) shown = shown + ", " + File.getName(list[i]);
		shown = substring(shown, 2);
		if (!ask && !over)
			return "error: " + shown + " beside the image would be replaced: add 'replace' to keep the old as .old and save.";
		if (ask) question("Beside the image there is already: " + shown + ". OK saves the new files and keeps the old ones, "
			+ "with .old in their names.", NO_CHOICE);
	}
	rows = core("action=rows rois=[ROI Manager]");
	problem = "";
	if (startsWith(rows, "error: ")) problem = substring(rows, 7);
	newSet = folder + stem + ".saving.zip";
	newTable = folder + stem + ".saving.csv";
	roiManager("save", newSet);
	if (!File.exists(newSet) || File.length(newSet) == 0)
		return "error: ImageJ could not write " + newSet + ": is the disk full? Nothing was replaced.";
	if (problem == "") {
		if (!endsWith(rows, "\n")) rows = rows + "\n";
		File.saveString(HEADINGS + "\n" + rows, newTable);
	}
	if (old != "") {
		for (i = 0; i < list.length; i++) {
			moved = File.rename(list[i], oldName(list[i]));
			if (moved != 1)
				return "error: " + list[i] + " cannot be renamed: close the program that has it open. The new ROI set is in "
					+ newSet + ".";
		}
	}
	wrote = "\n" + roiset + "\n";
	answer = putInPlace(newSet, roiset);
	if (answer != "") return answer;
	if (problem == "") {
		answer = putInPlace(newTable, table);
		if (answer != "") return answer;
		wrote = wrote + table + "\n";
	} else if (File.exists(table))
		moved = File.rename(table, oldName(table)); // it no longer tells of these ROIs
	remember("wrote", wrote);
	scan();
	now = fingerprint();
	remember("saved", now);
	if (problem != "") return "error: The ROIs are saved in " + File.getName(roiset) + ", but there is no table, because: " + problem;
	answer = showTable();
	if (answer != "") return answer;
	tell("saved " + File.getName(roiset) + " and .rhi.csv" + rhiHere(true));
	args = "action=save";
	if (old != "") args = args + " replace";
	return args;
}

// Opens the folder's next TIFF, with its ROI set if there is one.
function nextImage(keep, discard, ask) {
	if (nImages == 0) return "error: No image is open: open the first one of the folder (File > Open), then 9 opens the next.";
	folder = getInfo("image.directory");
	file = getInfo("image.filename");
	if (folder == "" || file == "")
		return "error: '" + getTitle() + "' is not a file, so it has no next one: open an image of the folder (File > Open).";
	following = fileBeside(folder, file, false);
	if (following == "") return "error: '" + file + "' is the last TIFF of " + folder + ".";
	answer = checkManager(ask);
	if (answer != "") return answer;
	scan();
	how = "";
	if (names.length > 0) {
		now = fingerprint();
		before = recall("saved", "");
		if (now != before) {
			if (ask) {
				keep = question("The ROIs of '" + file + "' are not saved, and '" + following + "' is to be opened.",
					newArray("Save them first (no tick: they are lost)"));
				discard = !keep;
			}
			if (!keep && !discard) return "error: The ROIs of '" + file + "' are not saved: add 'save' or 'discard'.";
			if (keep) {
				answer = save(false, ask);
				if (!startsWith(answer, "action=")) return answer;
				how = " save";
			} else how = " discard";
		}
	}
	previous = getImageID();
	width = getWidth(); height = getHeight();
	changed = is("changes");
	depth = bitDepth();
	getMinAndMax(darkest, brightest);
	getLocationAndSize(x, y, w, h);
	open(folder + following);
	opened = getInfo("image.filename");
	if (getImageID() == previous || opened != following)
		return "error: '" + following + "' could not be opened; '" + file + "' stays open.";
	next = getImageID();
	if (depth == bitDepth() && depth != 24) setMinAndMax(darkest, brightest);
	roiManager("reset");
	remember("wrote", "");
	remember("owner", imageKey());
	rois = roiFile(folder, following);
	remember("saved", "");
	if (rois != "") openRois(rois);
	if (!changed) {
		selectImage(previous);
		close();
		selectImage(next);
		if (width == getWidth() && height == getHeight()) setLocation(x, y, w, h);
	}
	drawOutlines();
	if (rois == "") tell(following + ": no ROIs yet");
	else tell(following + ": " + roiManager("count") + " ROIs of " + File.getName(rois) + rhiHere(false));
	return "action=next" + how;
}

function changeLevel() {
	requires("1.53k");
	level = askLevel();
	tell("the next ROIs are" + ofLevel(level));
}

function help() { showMessage("RHI Tools", HELP); }

// ---- checks ------------------------------------------------------------------------------------

function checkImage() {
	path = corePath();
	if (path == "") return "error: " + CORE + " is missing: copy it to " + getDirectory("plugins") + "RHI/.";
	if (nImages == 0) return "error: No image is open: open a T2 image (File > Open), outline the whole cord and press 1.";
	return "";
}

function checkSelection(role) {
	answer = checkImage();
	if (answer != "") return answer;
	what = "the whole cord";
	key = "1";
	if (role == "high") { what = "the high-intensity area in the cord"; key = "2"; }
	if (role == "reference") { what = "a piece of normal cord"; key = "3"; }
	todo = "outline " + what + " with an area tool (polygon, freehand, oval, rectangle), then press " + key + ".";
	type = selectionType();
	if (type < 0) return "error: Nothing is drawn: " + todo;
	kind = Roi.getType;
	if ((type >= 5 && type <= 8) || type == 10 || kind == "text" || kind == "image")
		return "error: The selection (" + kind + ") encloses no area: " + todo;
	getSelectionBounds(x, y, w, h);
	count = 0;
	if (x < getWidth() && y < getHeight() && x + w > 0 && y + h > 0) getRawStatistics(count);
	if (count == 0) return "error: The selection covers no pixel of the image: " + todo;
	return "";
}

// Sees to it that the ROI Manager holds the ROIs of the front image and of no other.
function checkManager(ask) {
	answer = checkImage();
	if (answer != "") return answer;
	if (!isOpen("ROI Manager")) {
		id = getImageID();
		run("ROI Manager...");
		selectImage(id);
	}
	key = imageKey();
	owner = recall("owner", "");
	count = roiManager("count");
	if (owner == key && (!opening || count > 0)) return "";
	folder = getInfo("image.directory");
	rois = "";
	if (folder != "" && (ask || opening || owner == "")) rois = roiFile(folder, getInfo("image.filename"));
	now = "";
	known = owner + rois;
	if (count > 0 && !listed && known != "") {
		scan();
		now = fingerprint();
		saved = recall("saved", "");
		choices = newArray("nothing for now", "take them off the list", "keep them: they belong to this image too");
		sentence = "The ROI Manager still lists " + count + " ROIs of '" + File.getName(owner) + "'. They are NOT saved.";
		if (owner == "") {
			isSet = isSetListed(rois);
			if (isSet) saved = now; else saved = "";
			sentence = "The ROI Manager lists " + count + " ROIs that are not those of " + File.getName(rois) + " beside the image.";
		} else if (saved == now) {
			choices = Array.slice(choices, 1);
			sentence = replace(sentence, "NOT saved.$", "saved.");
		}
		if (owner != "" || saved != now) listed = true; // in doubt
		if (listed && !ask)
			return "error: " + sentence + " Empty it first: roiManager(\"reset\"); or add 'listed' if they belong to this image.";
		choice = "keep";
		if (listed) choice = question(sentence + " The image in front is '" + getTitle() + "'.", choices);
		if (startsWith(choice, "nothing")) return CANCELLED;
		if (listed) now = "";
		if (startsWith(choice, "take")) {
			listed = false;
			roiManager("reset");
			remember("owner", "");
			remember("saved", "");
			count = 0;
		}
	}
	if (count > 0) rois = "";
	if (rois != "" && ask) {
		sentence = File.getName(rois) + " beside this image holds its ROIs.";
		if (selectionType() >= 0) sentence = sentence + " (The outline just drawn stays.)";
		opening = question(sentence, newArray("Open them first (no tick: start anew)"));
	}
	// Not before: Cancel ends the macro, and the next key has to ask again.
	remember("owner", key);
	remember("wrote", "");
	remember("saved", now);
	if (rois != "" && opening) { openRois(rois); if (selectionType() < 0) drawOutlines(); }
	return "";
}

// Whether the ROI Manager lists the ROIs of a file, under whatever names.
function isSetListed(path) {
	n = roiManager("count");
	pauseRecorder("suspendRecording");
	roiManager("open", path);
	scan();
	mine = String.join(Array.slice(prints, 0, n), "\n");
	theirs = String.join(Array.slice(prints, n), "\n");
	hide();
	for (i = names.length - 1; i >= n; i--) {
		roiManager("select", i);
		roiManager("delete");
	}
	unhide();
	pauseRecorder("resumeRecording");
	scan();
	if (mine == theirs) return true;
	return false;
}

// True for a DICOM file; its tags stay with an image that is saved as TIFF.
function isDicom(path) {
	if (matches(path, "(?is).*\\.(tiff?|png)")) return false;
	if (endsWith(File.openAsRawString(path, 132), "DICM")) return true;
	return lengthOf(getInfo("0028,0010")) > 0;
}

function isWritable(folder) {
	probe = folder + ".rhi-probe";
	File.makeDirectory(probe);
	if (!File.exists(probe)) return false;
	gone = File.delete(probe);
	return true;
}

// ---- ROIs, roles and levels, as pyrhi.rhi.roles and pyrhi.rhi.position see them ----------------

// Goes to a hidden image of the same size, where ROIs are chosen: the selection and the slice of the front image stay.
function hide() {
	front = getImageID();
	isBatch = is("Batch Mode");
	if (!isBatch) setBatchMode(true);
	newImage("RHI hidden", "8-bit black", getWidth(), getHeight(), 1);
}

function unhide() {
	close();
	if (!isBatch) setBatchMode(false);
	selectImage(front);
}

// Reads the ROI Manager.
function scan() {
	n = roiManager("count");
	names = newArray(n); roles = newArray(n); levels = newArray(n); colors = newArray(n);
	channels = newArray(n); slices = newArray(n); frames = newArray(n); prints = newArray(n);
	if (n == 0) return;
	hide();
	for (i = 0; i < n; i++) {
		roiManager("select", i);
		names[i] = RoiManager.getName(i);
		group = Roi.getGroup;
		roles[i] = group;
		colors[i] = Roi.getStrokeColor;
		Roi.getPosition(c, z, t);
		if (c == 0 && z == 0 && t == 0 && matches(names[i], "\\d{4,6}-\\d{4,6}-\\d{4,6}.*"))
			z = parseInt(substring(names[i], 0, indexOf(names[i], "-")));
		channels[i] = c; slices[i] = z; frames[i] = t;
		Roi.getCoordinates(xs, ys);
		Array.getStatistics(xs, xLow, xHigh, xMean, xSpread);
		Array.getStatistics(ys, yLow, yHigh, yMean, ySpread);
		prints[i] = String.join(newArray(group, c, z, t, Roi.getType, xs.length, xLow, xHigh, xMean,
			xSpread, yLow, yHigh, yMean, ySpread), "|");
	}
	unhide();
	// By a word of the name, else by the group; "" where a name says two, which measuring refuses.
	ofGroup = newArray("", "cord", "high", "reference");
	lines = split(shared("action=names\n" + String.join(names, "\n")), "\n");
	for (i = 0; i < n; i++) {
		cells = split(lines[i] + "| ", "|");
		group = roles[i];
		roles[i] = "";
		if (matches(lines[i], "(cord|high|reference|exclude)\\|.*")) roles[i] = cells[0];
		else if (startsWith(lines[i], "|") && group <= 3) roles[i] = ofGroup[group];
		levels[i] = replace(lines[i], ".*\\|", "");
	}
}

// A text that changes when a ROI is added, deleted, renamed or reshaped.
function fingerprint() {
	text = String.join(names, "\n") + "\n" + String.join(prints, "\n");
	return text;
}

// Indices of the cords on the current slice.
function cordsHere() {
	cords = newArray(0);
	for (i = 0; i < names.length; i++) if (roles[i] == "cord" && isHere(i)) cords = Array.concat(cords, i);
	return cords;
}

function isHere(i) {
	z = slices[i];
	if (Stack.isHyperstack) {
		Stack.getPosition(c, s, t);
		if (channels[i] == 0 && frames[i] == 0 && z == getSliceNumber()) return true;
		here = (channels[i] == 0 || channels[i] == c) && (z == 0 || z == s) && (frames[i] == 0 || frames[i] == t);
		return here;
	}
	// ImageJ's "return" does not know "||".
	here = nSlices == 1 || z == 0 || z == getSliceNumber();
	return here;
}

// The vertebral levels that a text names, as the core reads them.
function levelOf(text) {
	level = replace(String.trim(shared("action=names\n" + text)), ".*\\|", "");
	return level;
}

// A high ROI belongs to the cord of its slice; only where there are several has a level to be chosen.
function levelOfHigh(cords) {
	known = recall("level", ASK);
	if (cords.length == 0) return known;
	if (cords.length == 1) { level = levels[cords[0]]; return level; }
	labels = newArray(cords.length);
	chosen = 0;
	for (i = 0; i < cords.length; i++) {
		labels[i] = names[cords[i]];
		if (levels[cords[i]] == known) chosen = i;
	}
	Dialog.create("RHI high intensity");
	Dialog.addMessage("Slice " + getSliceNumber() + " has " + cords.length + " cords.");
	Dialog.addChoice("In which does it lie?", labels, labels[chosen]);
	Dialog.addHelp(HELP);
	Dialog.show();
	label = Dialog.getChoice();
	level = levelOf(label);
	return level;
}

function askLevel() {
	level = recall("level", "");
	if (level == ASK) level = "";
	while (true) {
		Dialog.create("RHI level");
		Dialog.addMessage("Vertebral level of the ROIs to come, such as L2 or T12-L1.\n"
			+ "Leave it empty for no level. It is remembered; key 0 changes it.");
		Dialog.addString("Level", level, 8);
		Dialog.addHelp(HELP);
		Dialog.show();
		asked = Dialog.getString();
		level = levelOf(asked);
		if (level != "" || String.trim(asked) == "") {
			remember("level", level);
			return level;
		}
		level = asked;
		say("'" + level + "' is no vertebral level: use C1 to C7, T1 to T13, L1 to L6, S1 to S5, two of them (T12-L1), or nothing.");
	}
}

function ofLevel(level) {
	if (level == "") return " without level";
	return " of level " + level;
}

// Two ROIs of a set must not have one name: ImageJ would rename one, and could cut its level off.
function freeName(role, level, slice, old) {
	base = role;
	if (level != "") base = base + " " + level;
	if (nSlices > 1) base = base + " slice " + slice;
	name = base;
	number = 2;
	for (i = 0; i < names.length; i++) {
		if (i == old || names[i] != name) continue;
		name = base + " (" + number + ")";
		number++;
		i = -1;
	}
	return name;
}

function placeSelection() {
	if (Stack.isHyperstack) {
		Stack.getPosition(c, z, t);
		Roi.setPosition(c, z, t);
	} else if (nSlices > 1) Roi.setPosition(getSliceNumber());
	else Roi.setPosition(0);
}

function setRole(role) {
	group = 1;
	color = CORD_COLOR;
	if (role == "high") { group = 2; color = HIGH_COLOR; }
	if (role == "reference") { group = 3; color = REFERENCE_COLOR; }
	Roi.setGroup(group);
	Roi.setStrokeColor(color);
}

// Opens a ROI set; ROIs without a colour get that of their role.
function openRois(path) {
	pauseRecorder("suspendRecording");
	roiManager("open", path);
	pauseRecorder("resumeRecording");
	scan();
	ofColor = newArray("cord", "high", "reference");
	tints = newArray(CORD_COLOR, HIGH_COLOR, REFERENCE_COLOR);
	hide();
	for (r = 0; r < 3; r++) {
		plainOnes = newArray(0);
		for (i = 0; i < names.length; i++) if (roles[i] == ofColor[r] && colors[i] == "none") plainOnes = Array.concat(plainOnes, i);
		if (plainOnes.length > 0) {
			roiManager("select", plainOnes);
			roiManager("Set Color", tints[r]);
		}
	}
	unhide();
	now = fingerprint();
	remember("saved", now);
}

// Outlines go into the overlay, not into Show All: there a double click in a cord would select it.
function drawOutlines() {
	clearOutlines();
	if (roiManager("count") > 0) {
		run("From ROI Manager");
		Overlay.drawLabels(false);
		Overlay.selectable(false);
	}
	run("Select None");
}

// Takes off what was drawn here; what the image had before stays.
function clearOutlines() {
	key = "own" + getImageID();
	own = parseInt(recall(key, "" + Overlay.size));
	remember(key, "" + own);
	while (Overlay.size > own) Overlay.removeSelection(Overlay.size - 1);
}

// ---- measuring ---------------------------------------------------------------------------------

function showTable() {
	clearOutlines();
	run("Select None");
	answer = core("action=table rois=[ROI Manager]");
	if (answer == "") drawOutlines();
	return answer;
}

// Where RHI_Measure.ijm is, or "".
function corePath() {
	places = newArray(getDirectory("plugins") + "RHI/", getDirectory("plugins") + "RHI/Macros/", getDirectory("macros") + "toolsets/",
		getDirectory("macros"));
	for (i = 0; i < places.length; i++) if (File.exists(places[i] + CORE)) return places[i] + CORE;
	return "";
}

// Runs RHI_Measure.ijm; returns what it returns, or "error: " and a sentence.
function core(args) { answer = answerOf(corePath(), args); return answer; }

// The same of RHI-Shared.txt beside it, which knows what names mean.
function shared(args) { answer = answerOf(File.getDirectory(corePath()) + "RHI-Shared.txt", args); return answer; }

function answerOf(path, args) {
	pauseRecorder("suspendRecording");
	answer = runMacro(path, args);
	pauseRecorder("resumeRecording");
	if (answer == "[aborted]") answer = "error: Measuring was interrupted: nothing was measured.";
	return answer;
}

// ImageJ records what a macro fills and opens, which a pasted macro would then do twice.
function pauseRecorder(method) {
	if (recorderPauses()) call("ij.plugin.frame.Recorder." + method);
}

function recorderPauses() {
	version = getVersion();
	version = substring(version, indexOf(version, "/") + 1); // Fiji says 2.16.0/1.54p
	if (version >= "1.54i") return true;
	return false;
}

// ---- files -------------------------------------------------------------------------------------

// An image's name without its extension, as the core has it.
function stemOf(file) { return replace(file, "(?i)\\.(tiff?|png|nii|nii\\.gz|dcm|dicom|ima)$", ""); }

// The ROI file that belongs to an image; "" for none, and where there are two, which is said.
function roiFile(folder, file) {
	found = String.trim(shared("action=roifiles\n" + folder + "\n" + file));
	found = replace(found, "^(-|[0-9]+ )", "");
	if (startsWith(found, "?")) {
		say(substring(found, 1) + ": none was opened for '" + file + "'.");
		return "";
	}
	return found;
}

// The TIFF before or after a file, where 10 comes after 9; "" before the first and after the last one.
function fileBeside(folder, file, isBefore) {
	list = getFileList(folder);
	here = sortKey(file);
	best = "";
	bestKey = "";
	for (i = 0; i < list.length; i++) {
		if (!matches(list[i], "(?is).*\\.tiff?")) continue;
		key = sortKey(list[i]);
		if (key == here) continue;
		if (isBefore && (key > here || (best != "" && key < bestKey))) continue;
		if (!isBefore && (key < here || (best != "" && key > bestKey))) continue;
		best = list[i];
		bestKey = key;
	}
	return best;
}

// A text that sorts numbers by their value: 12 digits each.
function sortKey(file) {
	key = replace(toLowerCase(file), "([0-9]+)", "000000000000$1");
	return replace(key, "0*([0-9]{12})(?![0-9])", "$1");
}

// The name under which an old file is kept: NAME.RoiSet.old.zip, then .old2 and so on.
function oldName(path) {
	dot = lastIndexOf(path, ".");
	free = substring(path, 0, dot) + ".old" + substring(path, dot);
	for (number = 2; File.exists(free); number++) free = substring(path, 0, dot) + ".old" + number + substring(path, dot);
	return free;
}

// Renames a finished file over the one that was saved before in this session; Windows does not replace by itself.
function putInPlace(from, to) {
	if (File.exists(to)) gone = File.delete(to);
	if (File.rename(from, to) == 1) return "";
	return "error: " + to + " cannot be replaced: close the program that has it open. The new one is in " + from + ".";
}

// ---- small things ------------------------------------------------------------------------------

// What names an image for as long as ImageJ runs.
function imageKey() {
	key = getInfo("image.directory");
	if (key != "") key = key + getInfo("image.filename");
	else key = getTitle() + getImageID();
	return key;
}

// Kept until ImageJ is quit, for all macros alike; never in the preferences.
function remember(key, value) {
	old = call("java.lang.System.setProperty", "rhi.tools." + key, value);
}

function recall(key, missing) {
	value = call("java.lang.System.getProperty", "rhi.tools." + key, missing);
	return value;
}

function option(args, key, missing) {
	start = indexOf(" " + args, " " + key + "=");
	if (start < 0) return missing;
	rest = substring(args + " ", start + lengthOf(key) + 1);
	if (startsWith(rest, "[")) value = substring(rest, 1, indexOf(rest, "]"));
	else value = substring(rest, 0, indexOf(rest, " "));
	return value;
}

function flag(args, word) { return matches(" " + args + " ", ".* " + word + " .*"); }

function say(sentence) {
	if (is("Batch Mode")) print("RHI: " + sentence);
	else showMessage("RHI", wrap(sentence));
}

// Asks: OK or Cancel, or a choice that is ticked, or one of several, which is returned; the first is the safe one.
// Cancel ends the macro, so that nothing may be half done.
function question(sentence, choices) {
	Dialog.create("RHI");
	Dialog.addMessage(wrap(sentence));
	// Not radio buttons, where Enter does nothing.
	if (choices.length == 1) Dialog.addCheckbox(choices[0], true);
	if (choices.length > 1) Dialog.addChoice("What to do:", choices);
	Dialog.addHelp(HELP);
	Dialog.show();
	answer = true;
	if (choices.length == 1) answer = Dialog.getCheckbox();
	if (choices.length > 1) answer = Dialog.getChoice();
	return answer;
}

function tell(what) {
	// The status bar is short; the whole sentence stands in the help.
	showStatus("RHI: " + what + ". Research use only.");
}

// ImageJ's dialogs do not break lines.
function wrap(sentence) { return String.trim(replace(sentence, "(.{1,70})( |$)", "$1\n")); }
