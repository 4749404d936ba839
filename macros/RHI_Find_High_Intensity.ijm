// RHI Find High Intensity: outlines what is bright inside a cord of the front image, as a selection to be corrected.
// Research use only; not a medical device. For ImageJ 1.53k or later; in Fiji it calls Find High Intensity.
//
// The cord is the selection (draw it, or choose it in the ROI Manager), else the only cord in the ROI Manager. The
// modes ref+3sd and ref+3mad take the ROIs named reference, or in ROI group 3. RHI_Measure.ijm lies beside this file
// and calls it for the cords that have no high ROI. See docs/macros.md and docs/high-modes.md.
//
// run("RHI Find High Intensity", "high=[auto] custom=[]") is what the Recorder writes.

var RESEARCH_USE = "Research use only; not a medical device.";

// The mode: a pixel is high from the limit on or, if it is strict, above it. Otherwise it is a method of ImageJ.
var mode, limit, isStrict, isFixed;
// The image that is looked at, and the board, an image of the same size; its overlay holds the regions, which are named
// "normal", where the limit comes from, or "in NAME", where is looked; what is found there is called "high NAME".
var work, board, region, regionSlice;
var cordName, cordSlice; // the cord of the front image
var here; // the folder of the macros

requires("1.53k");
here = findShared();
argument = getArgument();
action = call("ij.Macro.getValue", argument, "action", "");
e = setMode(argument);
if (e == "" && action == "regions") e = findFor(split(argument, "\n"));
if (e == "" && action == "find") e = findInFront(argument);
if (e != "" && action != "") return "error: " + e;
if (action == "mode") return mode;
if (action != "") return "";
if (argument == "") argument = "" + call("ij.Macro.getOptions");
done = shared("action=fiji script=[Find High Intensity] " + argument);
if (done != "done") findForUser(argument);

// ---- ways in ----------------------------------------------------------------------------------------------

// For runMacro(path, ARGUMENT) in other macros: asks nothing; "error: " and one sentence says what is wrong.
//   action=find high=[MODE] cord=INDEX          selects what is high in that ROI of the ROI Manager (or as the command)
//   action=mode high=[MODE] custom=[MODE]       the name of the mode
//   action=regions high=[MODE] work=ID board=ID, then lines     as RHI_Measure.ijm calls it

// Where RHI-Shared.txt is. In Fiji macro.filepath is that of the macro that called this one.
function findShared() {
	places = newArray(File.getDirectory(getInfo("macro.filepath")), getDirectory("plugins") + "RHI/", getDirectory("plugins") + "RHI/Macros/");
	for (p = 0; p < 3; p++) if (File.exists(places[p] + "RHI-Shared.txt")) return places[p];
	exit("RHI-Shared.txt was not found; put it beside RHI_Find_High_Intensity.ijm");
}

// What RHI-Shared.txt says; where a dialog was cancelled there, this macro ends too.
function shared(argument) {
	text = "" + runMacro(here + "RHI-Shared.txt", argument);
	if (text == "[aborted]") exit;
	return text;
}

function findForUser(options) {
	isAsked = matches(options, "null");
	if (nImages == 0) exit("No image is open; open the MRI slice first.");
	if (isAsked) options = shared("action=ask command=[RHI Find High Intensity]");
	e = setMode(options);
	if (e == "") e = findInFront(options);
	if (e != "") exit(toUpperCase(substring(e, 0, 1)) + substring(e, 1) + ".");
	if (isAsked) done = shared("action=record\nRHI Find High Intensity\n" + options);
	showStatus("Look at the outline and correct it before you measure. " + RESEARCH_USE);
}

// Remembers what is asked for. Returns "" or why there is no such mode.
function setMode(options) {
	mode = String.trim(call("ij.Macro.getValue", options, "custom", ""));
	if (mode == "") mode = String.trim(call("ij.Macro.getValue", options, "high", "auto"));
	isStrict = matches(mode, "auto|ref\\+[0-9]+(\\.[0-9]+)?(sd|mad)");
	isFixed = matches(mode, "[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");
	methods = getList("threshold.methods");
	methods = String.join(methods, ", ");
	if (!isStrict && !isFixed && indexOf(", " + methods + ", ", ", " + mode + ", ") < 0)
		return "high='" + mode + "' is not known; use a method (" + methods + "), a number, ref+3sd, ref+3mad or auto";
	limit = parseFloat(mode);
	if (isFixed) mode = "fixed " + replace(d2s(limit, 6), "\\.?0+$", "");
	return "";
}

// ---- the front image --------------------------------------------------------------------------------------

// Finds on a copy of the front image, so that its slice and threshold stay. Returns "" or what is wrong.
function findInFront(options) {
	if (nImages == 0) return "no image is open; open the MRI slice and its ROIs first";
	if (Stack.isHyperstack) return "it has channels or frames; split them (Image > Color > Split Channels)";
	image = getImageID();
	slice = getSliceNumber();
	isHidden = is("Batch Mode");
	done = shared("action=suspend");
	if (!isHidden) setBatchMode(true);
	hasRoi = selectionType() >= 0;
	if (hasRoi) Roi.copy;
	run("Duplicate...", "title=rhi-copy duplicate ignore");
	work = getImageID();
	planes = nSlices;
	newImage("rhi-board", "8-bit black", getWidth(), getHeight(), 1);
	board = getImageID();
	roles = rolesOfRois();
	if (hasRoi) Roi.paste;
	e = addRegions(call("ij.Macro.getValue", options, "cord", ""), roles, slice, planes);
	if (e == "") e = findInRegions(roles.length);
	selectImage(board);
	if (e == "") {
		Overlay.activateSelection(Overlay.size - 1);
		if (!startsWith(Roi.getName, "high "))
			e = "no pixel of " + cordName + " on slice " + cordSlice + " is high by " + mode + "; try another mode, or draw it";
		Roi.setName("high");
		Roi.copy;
	}
	close();
	selectImage(work);
	close();
	selectImage(image);
	if (!isHidden) setBatchMode(false);
	if (e == "" && planes > 1) setSlice(cordSlice);
	if (e == "") Roi.paste;
	done = shared("action=resume");
	return e;
}

// Makes the ROIs of the ROI Manager the overlay of the board. Returns their roles: by their names, as RHI-Shared.txt
// reads them, or by their groups.
function rolesOfRois() {
	count = 0;
	if (isOpen("ROI Manager")) count = roiManager("count");
	roles = newArray(count);
	if (count == 0) return roles;
	run("From ROI Manager");
	names = "";
	for (i = 0; i < count; i++) names += "\n" + RoiManager.getName(i);
	said = split(shared("action=names" + names), "\n");
	ofGroup = newArray("", "cord", "high", "reference");
	for (i = 0; i < count; i++) {
		roles[i] = replace(said[i], "\\|.*", "");
		Overlay.activateSelection(i);
		group = Roi.getGroup;
		if (roles[i] == "" && group < 4) roles[i] = ofGroup[group];
	}
	Roi.remove;
	return roles;
}

// Adds the regions: the references, and the cord. That is a ROI of the ROI Manager, the selection, or the only cord.
function addRegions(index, roles, slice, planes) {
	if (index == "" && selectionType() < 0) {
		cords = 0;
		for (i = 0; i < roles.length; i++) if (roles[i] == "cord") {
			index = "" + i;
			cords++;
		}
		if (cords != 1) return "no cord is selected; draw it, or choose it in the ROI Manager";
	}
	name = "the selection";
	if (index != "") {
		i = parseInt(index);
		if (i >= roles.length) return "there is no ROI " + i + " in the ROI Manager; select the cord in its list";
		name = "ROI '" + RoiManager.getName(i) + "'";
		Overlay.activateSelection(i);
	}
	type = selectionType();
	if (type > 4 && type != 9)
		return name + " is a " + Roi.getType + " selection and cannot be a cord ROI; draw an area (polygon, freehand, oval, rectangle)";
	Roi.getBounds(x, y, w, h);
	n = 0;
	if (x < getWidth() && y < getHeight() && x + w > 0 && y + h > 0) getRawStatistics(n);
	Roi.getPosition(c, z, t);
	if (planes > 1 && z > 0) slice = z;
	if (slice > planes)
		return name + " lies on slice " + slice + ", but the image has " + planes + "; check that the ROI set belongs to this image";
	if (n == 0) return name + " covers no pixel of slice " + slice + "; draw it on the image";
	cordName = name;
	cordSlice = slice;
	if (mode == "auto") addRegion("normal", slice);
	addRegion("in " + name, slice);
	for (k = 1; k <= planes; k++) for (i = 0; i < roles.length; i++) {
		if (roles[i] != "reference") continue;
		Overlay.activateSelection(i);
		Roi.getPosition(c, z, t);
		if (planes == 1 || z == 0 || z == k) addRegion("normal", k);
	}
	return "";
}

// Adds a copy of the selection, with a name of its own, to the overlay.
function addRegion(name, slice) {
	Roi.copy;
	Roi.paste;
	Roi.setName(name);
	Overlay.addSelection;
	Overlay.setPosition(slice);
}

// ---- finding ----------------------------------------------------------------------------------------------

// For RHI_Measure.ijm: looks in ROIs of the overlay of the board, in each line slice, index and "normal", "in LEVEL" or,
// for one that the others of its slice go without, "not". What is found becomes "high LEVEL" of that overlay.
function findFor(lines) {
	work = parseInt(call("ij.Macro.getValue", lines[0], "work", ""));
	board = parseInt(call("ij.Macro.getValue", lines[0], "board", ""));
	selectImage(board);
	first = Overlay.size;
	for (a = 1; a < lines.length; a++) {
		cells = split(lines[a], " ");
		name = substring(lines[a], lengthOf(cells[0] + cells[1]) + 2);
		if (name == "not") continue;
		paintRegion(parseInt(cells[1]));
		setColor(0);
		for (b = 1; b < lines.length; b++) if (matches(lines[b], cells[0] + " .* not")) {
			without = split(lines[b], " ");
			Overlay.activateSelection(parseInt(without[1]));
			fill();
		}
		selectByBoard(1);
		if (selectionType() >= 0) addRegion(name, parseInt(cells[0]));
	}
	last = Overlay.size;
	e = findInRegions(first);
	selectImage(board);
	for (i = first; i < last; i++) Overlay.removeSelection(first);
	return e;
}

// Looks in the regions from an index on. Returns "" or what is wrong.
function findInRegions(first) {
	selectImage(work);
	if (bitDepth() == 24 && !isStrict && !isFixed)
		return "high=" + mode + ": ImageJ does not threshold RGB images; convert it to 8-bit";
	selectImage(board);
	last = Overlay.size;
	e = "";
	if (isStrict) e = findLimit(first, last);
	for (i = first; i < last && e == ""; i++) {
		selectRegion(i);
		if (startsWith(region, "in ") && selectionType() >= 0) e = findHere();
		selectByBoard(2);
		if (selectionType() >= 0) addRegion("high " + substring(region, 3), regionSlice);
	}
	return e;
}

// Paints a region as 1 on the board, and selects it on the image that is looked at.
function selectRegion(i) {
	paintRegion(i);
	region = Roi.getName;
	Roi.getPosition(c, regionSlice, t);
	selectByBoard(1);
	copyRoiTo(work);
	if (nSlices > 1) setSlice(regionSlice);
}

function paintRegion(i) {
	selectImage(board);
	Roi.remove;
	setColor(0);
	fill();
	Overlay.activateSelection(i);
	setColor(1);
	fill();
}

// Selects the pixels of the board that have a value.
function selectByBoard(value) {
	selectImage(board);
	Roi.remove;
	setThreshold(value, value);
	run("Create Selection");
	resetThreshold();
}

// Gives another image the selection of the active one, and makes it active.
function copyRoiTo(id) {
	hasRoi = selectionType() >= 0;
	if (hasRoi) Roi.copy;
	selectImage(id);
	Roi.remove;
	if (hasRoi) Roi.paste;
}

// Paints what is high in the region that is selected as 2 on the board. Returns "" or what is wrong.
function findHere() {
	lower = limit; upper = 1 / 0;
	values = valuesHere();
	Roi.getContainedPoints(xs, ys);
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
	selectImage(board);
	for (p = 0; p < xs.length; p++)
		if (values[p] <= upper && (values[p] > lower || (values[p] == lower && !isStrict))) setPixel(xs[p], ys[p], 2);
	return "";
}

// Calibrated values of the pixels that are selected; of RGB the rounded mean.
function valuesHere() {
	Roi.getContainedPoints(xs, ys);
	values = newArray(xs.length);
	for (p = 0; p < xs.length; p++) {
		c = getPixel(xs[p], ys[p]);
		if (bitDepth() == 24) values[p] = floor((((c >> 16) & 255) + ((c >> 8) & 255) + (c & 255)) / 3 + 0.5);
		else values[p] = getValue(xs[p], ys[p]);
	}
	return values;
}

// Sets the limit above which pixels are high by the normal regions: the references (ref+3sd) or the cords (auto).
function findLimit(first, last) {
	spreads = parseFloat(replace(mode, "ref.|sd|mad", ""));
	if (mode == "auto") spreads = 5;
	all = newArray(0);
	for (i = first; i < last; i++) {
		selectRegion(i);
		if (region != "normal" || selectionType() < 0) continue;
		values = valuesHere();
		all = Array.concat(all, values);
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
