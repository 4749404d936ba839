# -*- coding: utf-8 -*-
"""Every sentence that the scripts show; those of pyrhi word for word."""

from __future__ import unicode_literals

TITLE = "RHI"
RESEARCH_USE = "Research use only; not a medical device."

# Images ------------------------------------------------------------------------------------
NO_IMAGE = "no image is open; open a T2 image (File > Open) and draw the cord"
EMPTY_IMAGE = (
    "the image has no pixels (0 x 0): no image was given; open a T2 image, or give the script "
    "its parameter imp"
)
NO_PIXEL_SIZE = "no pixel size: areas are in pixel^2"
NO_LENGTH_UNIT = "pixel size {width} x {height} without a unit of length"
BAD_PIXEL_SIZE = "pixel size {width} x {height} cannot be used: areas are in pixel^2"
BAD_DEPTH = "slice distance {depth} cannot be used: 1 is taken"
MICRON = "pixel size in micron: areas are in mm^2"
PRINT_RESOLUTION = (
    "pixel size from a print resolution ({dpi} dpi): areas are in inch²;"
    " check it against the scanner's"
)
COLOUR_TABLE = "colour table: its index values are measured, as in ImageJ"
FIRST_ONLY = (
    "only the first of {count} images in the file is read: the others differ in size or type"
)
EMPTY_FILE = "{path}: the file is empty; export it again"
NOT_AN_IMAGE = (
    "{path}: this is no TIFF, DICOM, NIfTI or PNG file, whatever its name says;"
    " open it in ImageJ and save it as TIFF"
)
NO_PLANE = "{path}: the image is {width} x {height} pixels: the header is damaged"
PLANE_TOO_LARGE = (
    "{path}: a slice of {width} x {height} pixels is more than pyrhi reads ({limit} pixels)"
)
CANNOT_OPEN = "{path}: ImageJ cannot open it ({reason}); save it in ImageJ as TIFF"
NOT_BY_FIJI = (
    "{path}: Batch RHI measures TIFF and PNG files only; measure it by pyrhi measure, or save it"
    " in ImageJ as TIFF"
)
TRUNCATED = (
    "{path}: the header promises {needed} bytes and the file holds {held}:"
    " it is truncated or damaged; export it again"
)
SIZE_OUTSIDE = "{path}: the pixel size lies outside the file: it is damaged; export it again"
TIFF_KIND = (
    "{path}: TIFF pixels of this kind ({what})"
    " are not measured; convert it in ImageJ to 8, 16 or 32 bit"
)
NIH_IMAGE = "{path}: an NIH Image file; open it in ImageJ and save it as TIFF"
NO_PIXEL_DATA = (
    "{path}: the TIFF names no pixel data: it is truncated or damaged; export it again"
)
PNG_KIND = (
    "{path}: a PNG with transparency, fewer than 8 bits or 16-bit colours is not measured;"
    " save it as 8- or 16-bit grey"
)
PNG_DAMAGED = "{path}: the PNG is truncated or damaged; export it again"
OME = (
    "{path}: an OME-TIFF, whose pixel size ImageJ's own reader does not see; measure it by pyrhi"
    " measure, or save it in Fiji as TIFF"
)
NO_SUCH_PATH = "{path}: no such file or folder; check the path"
NO_IMAGES = "{path}: holds no image (TIFF, DICOM, NIfTI or PNG); check the folder"
UNREADABLE = "{path}: cannot be read ({reason})"
NO_FILE = "it is a pipe or a device, not a file"
NEITHER = "{path}: is neither a file nor a folder; choose an image or a folder of images"
UNEXPECTED = "{path}: cannot be measured ({what}); please report this file"
TOO_LITTLE_MEMORY = "{path}: needs more memory than there is"

# ROIs --------------------------------------------------------------------------------------
ROI_TOO_LARGE = "{path}: is larger than a ROI can be ({limit} bytes)"
ROISET_TOO_LARGE = "{path}: is larger than a RoiSet can be ({limit} bytes)"
ROISET_TOO_MANY = "{path}: holds {count} ROIs, more than pyrhi reads"
ROISET_UNPACKS = (
    "{path}: unpacks to more than {limit} bytes; this is no RoiSet of ImageJ's"
)
ROISET_BROKEN = "{path}: is not a readable RoiSet ({reason}); save it again in ImageJ"
ROISET_EMPTY = "{path}: holds no .roi files; save the set in the ROI Manager (More > Save)"
NO_ROIS = (
    "{path}: no ROIs beside it (NAME.zip, NAME.RoiSet.zip, NAME_ROIs.zip, "
    "NAME.roi) or inside it; save its ROI set there, or give --rois"
)
TWO_ROI_FILES = (
    "{path}: {both}{more} may both be its ROIs; move or delete one, or name the right one by --rois"
)
NO_ROIS_IN_WINDOW = (
    "{name}: no ROIs in the ROI Manager, in the overlay, as selection or in a file beside the"
    " image; draw the whole cord, name it 'cord' (Edit > Selection > Properties) and press t"
)
ROI_NOT_ROI = "{where} is not an ImageJ ROI; save it from the ROI Manager"
ROI_DAMAGED = "{where} is damaged or truncated; save it again in ImageJ"
ROI_UNKNOWN = "{where} has an unknown type ({type}, {subtype}); save it again in ImageJ"
ROI_COMPOSITE = "{where} is a composite of a wrong type; save it again in ImageJ"
ROI_NAN = "{where} has coordinates that are not numbers; draw it again"
COMPOSITE_NAN = "composite ROI {name} has coordinates that are not numbers"
ROI_NO_VERTICES = "{where} has no vertices; draw it again"
ROI_NO_AREA = "ROI {name} encloses no area; draw it again"
ROI_NO_PIXEL = "ROI {name} covers no pixel of slice {slice}; draw it on the image"
ROI_HUGE = (
    "a ROI of {width} x {height} pixels is larger than pyrhi measures "
    "({limit} pixels); its file is probably damaged"
)
ROI_POINTS = (
    "{where} claims {count} points, more than pyrhi reads ({limit}); it is damaged"
)
ROI_LINE = (
    "ROI {name} is a {kind} and cannot be a {role} ROI; "
    "draw an area (polygon, freehand, oval, rectangle)"
)
ROI_NOT_MEASURED = "ROI {name} is a {kind} and was not measured"
ROI_BEYOND = (
    "ROI {name} lies on {what} {value}, but the image has {size}; "
    "check that the ROI set belongs to this image"
)

STRANGERS = (
    "it is not known that the ROIs in the ROI Manager belong to {name}: {why}; empty the ROI"
    " Manager, or say where the ROIs are (rois=[ROI Manager], [overlay and selection] or [ROI file])"
)
NOT_DRAWN_HERE = "{names} not drawn on it"
NOT_OF_FILE = "{names} not drawn on it and not in {file} beside it"
DOES_NOT_FIT = "{names} beyond it"
OTHERS_IN_FILE = "{file} beside it holds other ROIs"
FOUND_AND_DRAWN = (
    "slice {slice}: the outline of Find High Intensity and a drawn one are added up; where the second"
    " is the first corrected, delete the first"
)
DRAWN_NOT_FILE = "{file} beside the image holds other ROIs than those drawn on it, which were taken"
CHANGED = (
    "{name}: the window shows {width} x {height} pixels and {count} slices, its file holds"
    " {old_width} x {old_height} and {old_count}; the ROI file beside it and its table's place are"
    " those of the file: save the changed image under a name of its own, or open the file again"
)
ASK_WHICH = (
    "It is not known that the ROIs in the ROI Manager\nbelong to {name}:\n{why}.\n"
    "Which ROIs are to be measured?"
)
CHOSEN_NOTHING = "nothing was measured: no ROIs were chosen"
NO_ROIS_IN_PLACE = "{name}: no ROIs in this place: {place}"
NOT_UPDATED = (
    "the selection {name} differs from the ROI of that name in the ROI Manager, which was"
    " measured; press Update there to measure the selection"
)

# Roles -------------------------------------------------------------------------------------
TWO_ROLES = "the name of ROI {name} says {roles}; rename it so that it says one"
NO_CORD = (
    "no cord ROI among {names}; name the whole cord 'cord' and the high-intensity area "
    "'high' (with a level where there are several: 'cord L2', 'high L2'), "
    "or give them the ROI groups 1 and 2"
)
TWO_CORDS = (
    "slice {slice} has two cord ROIs{of_level} ({first}, {second}); "
    "delete one or name their levels ('cord L2', 'cord L3')"
)
UNNAMED = (
    "ROI {names} on slice {slice} has no role, and no ROI of that slice is high: name it 'high',"
    " or 'exclude' to leave its pixels out, or delete it"
)
SOME_UNNAMED = (
    "ROIs {names} on slice {slice} have no role, and no ROI of that slice is high: name them"
    " 'high', or 'exclude' to leave their pixels out, or delete them"
)
NO_CORD_FOR_HIGH = (
    "high ROI {name} on slice {slice} has no cord{own}{cords}"
    "; draw the cord there, or name the level of both"
)

# High modes --------------------------------------------------------------------------------
UNKNOWN_MODE = (
    "--high {text} is not known; use a method ({methods}), a number, ref+3sd, ref+3mad or auto"
)
RGB_METHOD = "--high {mode}: ImageJ does not threshold RGB images; convert it to 8-bit"
NO_REFERENCE = (
    "--high {mode} needs a reference ROI (named normal, reference or ref, or in "
    "ROI group 3) and there is none; draw one, or use --high auto"
)
FEW_PIXELS = "--high {mode} needs reference pixels, and there are {count}"
NO_MODE = "choose how the high-intensity area is to be found"
NOTHING_HIGH = "slice {slice}{of_level}: no pixel of the cord is high by {mode}"
RHI = "{rhi:.1f} %"
ROW = "slice {slice}{of_level}: RHI {rhi:.1f} %"
FOUND = "slice {slice}{of_level}: RHI {rhi:.1f} % by {mode}, regions: {count}"
DRAWN_ALREADY = "slice {slice}{of_level}: a high ROI is drawn, so none was looked for"
CORRECT_IT = "Look at each outline and correct it before you measure."
AUTO_ALONE = "auto took the cord of this image alone; Batch RHI takes all images of the patient"

# Rows --------------------------------------------------------------------------------------
CLIPPED = "high area clipped to the cord"
OVER_100 = "RHI is over 100"
OUTSIDE = "{percent} % of the high area lies outside the cord"
COVERED = "slice {slice}: the exclude ROIs cover the whole cord ROI {name}; make them smaller"
NO_ROLE = "ROI {name} has no role and was not counted"
MOVED = (
    "ROI {name} has the position {position}, and the image one slice: it was measured there, as"
    " ImageJ does"
)
PARTLY_OUTSIDE = "ROI {name} reaches outside the image; the part inside is measured"

# Tables ------------------------------------------------------------------------------------
IS_A_FOLDER = "{path}: is a folder; give the name of a file to write"
IS_A_FILE = "{path}: is a file; give a folder for the results"
NOT_MADE = "{path}: cannot be made; choose another folder"
NOT_WRITTEN = "{path}: cannot be written ({reason}); nothing was changed there"
NO_PYTHON_MODE = (
    "Measure RHI in Python runs in Fiji's Python mode only, and this Fiji is not in it: use Plugins"
    " > RHI > Measure RHI, or see docs/fiji-install.md"
)
NO_PYRHI_IN_PYTHON = (
    "pyrhi is not installed in the environment of Fiji's Python mode: use Plugins > RHI >"
    " Measure RHI, or see docs/fiji-install.md"
)
NEVER_SAVED = "{name}: the image was never saved, so its table has no place; save the image first"
NOT_IN_DICOM = (
    "not saved: nothing is written into a DICOM folder; use File > Save As of the table's window"
)
NO_INPUT = "choose the folder with the images"
NO_OUTPUT = "choose a folder for the tables"
BATCH_DONE = "{done} {images} measured{failed}; tables in {output}. Research use only."
BATCH_FAILED = ", {count} failed (see {path})"
MEASURED = "rows measured: {rows}; ROIs from: {place}."
TABLE_SAVED = "table in {path}"

# Pain tiers --------------------------------------------------------------------------------
NO_MODEL = "{path}: no such model: give a JSON file, or published or cutpoints"
MODEL_NOT_INSTALLED = (
    "the model {name} is not in jars/Lib/pyrhi_fiji/models of this Fiji: run pyrhi fiji install"
    " FIJI_DIR"
)
MODEL_TOO_LARGE = "{path}: larger than {limit} bytes, so not a pain model"
MODEL_DAMAGED = "{path}: not a readable JSON file; the model is damaged: write it again"
MODEL_FOREIGN = "{path}: not a pyrhi pain model (no format {format})"
MODEL_VERSION = "{path}: model version {version}; this pyrhi reads version {wanted}"
MODEL_KIND = "{path}: model kind {kind} is unknown: {known}"
MODEL_FIELD = "{path}: field {key} must be {wanted}; the model is damaged or foreign"
RHI_IMPOSSIBLE = "RHI {rhi} is impossible: it is a percentage of the cord's area, 0 or more"
RHI_OVER_100 = "RHI {rhi} is over 100: more high-intensity area than cord; check the ROIs"
RHI_NEGATIVE = "{where}: RHI {rhi} is negative; it is a percentage of the cord's area"
NOT_A_LOCATION = "{where}: {text} is not a location: write {known} or unknown"
NOT_A_COUNT = "{where}: {text} is not a number of metastases: write 1, 2 or >2"
NOT_A_NUMBER = "{where}: {text} is not a number{hint}"
NOT_FINITE = "{where}: {text} is not a finite number"
COLUMN_MISSING = "{path}: column {column} is missing; the file has {columns}"
COLUMN_TWICE = "{path}: names the column {column} twice"
PATIENT_MISSING = "{where}: the patient's name is missing"
PATIENT_TWICE = "{where}: patient {name} is already on line {line}"
NOT_UTF8 = "{path}: is not UTF-8 text; save the table as CSV UTF-8"
NOT_A_TABLE = "{path}, line {line}: is not a CSV table ({reason})"
CELL_COUNT = "{path}, line {line}: has {cells} cells, the heading has {columns}"
NO_ROWS = "{path}: holds no row; the first line names the columns, each other is one row"
NO_RHI_TABLE = (
    "there is no table RHI with the columns Patient and RHI; run Plugins > RHI > Measure RHI"
    " first, or give the RHI itself or a CSV file"
)
NO_RHI = "give the RHI of one patient, from 0 to 100"
NO_TABLE_FILE = "choose a CSV file with the columns Patient and RHI, such as patients.csv"
NO_MODEL_FILE = "choose the JSON file of the model"
TIERS_DONE = "{count} patients, {open} indeterminate. Model: {model}"
