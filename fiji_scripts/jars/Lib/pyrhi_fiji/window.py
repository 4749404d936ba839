"""The image in front: its ROIs in, outlines out. Headless nothing touches the ROI Manager."""

from __future__ import unicode_literals

from ij import IJ, WindowManager
from ij.gui import GenericDialog, Overlay, Roi, TextRoi
from ij.io import RoiDecoder, RoiEncoder
from java.awt import Color, Font, GraphicsEnvironment
from java.io import File

from pyrhi_fiji import messages
from pyrhi_fiji.beside import find_rois, forget
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.images import path_of
from pyrhi_fiji.rois import named, read_rois
from pyrhi_fiji.roles import CORD, HIGH, REFERENCE, listed
from pyrhi_fiji.text import quoted

MARK = "RHI"
"""Property of ROIs that the scripts made: what for."""

OUTLINE = "outline"
"""Drawn by Measure RHI, only to be looked at: it never counts as a ROI."""

FOUND = "found"
"""Made by Find High Intensity: the next search replaces it."""

COLORS = {CORD: Color(0x00D5FF), HIGH: Color(0xFF5040), REFERENCE: Color(0x50FF80)}
HIGH_GROUP = 2
_STACK_DIMENSIONS = 3
TABLE_WIDTH, TABLE_HEIGHT = 1000, 250

AUTOMATIC = "automatic"
MANAGER = "ROI Manager"
DRAWN = "overlay and selection"
BESIDE = "ROI file"

_TIED = "RHI ROIs"
"""Property of an image, in memory alone: the ROIs that were said to be its own, or not."""

LABEL_SHARE = 28
"""An image is this many times as large as the letters of its label with the RHI."""

LEAST_LABEL = 6


class Source(object):
    """ROIs of an image, and where they were found: MANAGER, DRAWN or BESIDE."""

    def __init__(self, rois, place, notes):
        self.rois = rois
        self.place = place
        self.notes = notes


def has_screen():
    """Tell whether there is a screen, and so a ROI Manager."""
    return not GraphicsEnvironment.isHeadless()


def rois_of(imp, place=AUTOMATIC, with_found=True):
    """Return the ROIs of an image: of the ROI Manager, else drawn on it, else beside its file.

    Parameters
    ----------
    imp
        The image.
    place
        MANAGER, DRAWN or BESIDE takes those alone; AUTOMATIC asks where the ROI Manager may hold
        another image's.
    with_found
        False leaves out those that Find High Intensity made.
    """
    unwanted = (OUTLINE,) if with_found else (OUTLINE, FOUND)
    managed = [roi for roi in _managed() if roi.getProperty(MARK) != OUTLINE]
    drawn = [roi for roi in _drawn(imp) if roi.getProperty(MARK) not in unwanted]
    path = path_of(imp)
    forget()
    beside = find_rois(path) if path is not None and File(path).isFile() else None
    places = [MANAGER] * bool(managed) + [DRAWN] * bool(drawn) + [BESIDE] * bool(beside)
    if place in ("", AUTOMATIC):
        if not places:
            raise RhiError(messages.NO_ROIS_IN_WINDOW.format(name=imp.getTitle()))
        place = _asked(imp, managed, beside, places) if managed else places[0]
    elif place not in places:
        raise RhiError(messages.NO_ROIS_IN_PLACE.format(name=imp.getTitle(), place=place))
    if place == BESIDE:
        return Source(read_rois(beside), BESIDE, [])
    if place == DRAWN:
        return Source([named(roi) for roi in drawn], DRAWN, [])
    kept = [roi for roi in managed if roi.getProperty(MARK) not in unwanted]
    return Source([named(roi) for roi in kept], MANAGER, _unsaved(imp, managed))


def _asked(imp, managed, beside, places):
    """Return which ROIs to take: those of the ROI Manager only where they are this image's."""
    known = imp.getProperty(_TIED) or {}
    keys = [(roi, _key(roi)) for roi in managed]
    strangers = [
        (roi, key)
        for roi, key in keys
        if roi.getImageID() != imp.getID() and known.get(key) != MANAGER
    ]
    if strangers and beside is not None:
        of_file = frozenset(_key(item.roi) for item in read_rois(beside))
        strangers = [(roi, key) for roi, key in strangers if key not in of_file]
    if not strangers:
        return MANAGER
    answers = set(known.get(key) for _, key in strangers)
    if len(answers) == 1 and answers.issubset(places):
        return answers.pop()
    why = _why(imp, [roi for roi, _ in strangers], beside)
    if IJ.isMacro() or not has_screen():
        raise RhiError(messages.STRANGERS.format(name=imp.getTitle(), why=why))
    answer = _ask(imp, why, places)
    remember(imp, managed, answer)
    return answer


def _why(imp, strangers, beside):
    width, height, count = imp.getWidth(), imp.getHeight(), imp.getStackSize()
    beyond = []
    for roi in strangers:
        box = roi.getBounds()
        if box.x + box.width > width or box.y + box.height > height or roi.getPosition() > count:
            beyond.append(roi)
    sentence = messages.NOT_DRAWN_HERE if beside is None else messages.NOT_OF_FILE
    if beyond:
        sentence, strangers = messages.DOES_NOT_FIT, beyond
    names = listed([roi.getName() or "" for roi in strangers])
    verb = " is" if len(strangers) == 1 else " are"
    return sentence.format(names=names + verb, file=File(beside).getName() if beside else "")


def _ask(imp, why, places):
    dialog = GenericDialog(messages.TITLE)
    dialog.addMessage(messages.ASK_WHICH.format(name=imp.getTitle(), why=why))
    # The others first: the ROI Manager is what is in doubt.
    order = [place for place in places if place != MANAGER] + [MANAGER]
    dialog.addRadioButtonGroup("", order, len(order), 1, order[0])
    dialog.showDialog()
    if dialog.wasCanceled():
        raise RhiError(messages.CHOSEN_NOTHING)
    return dialog.getNextRadioButton()


def remember(imp, rois, place):
    """Remember, as long as the image is open, where its ROIs are while the others are there."""
    known = imp.getProperty(_TIED) or {}
    known.update((_key(roi), place) for roi in rois)
    imp.setProperty(_TIED, known)


def _key(roi):
    """Return the outline of a ROI, to know it again; the ROI Manager may have changed its name."""
    if roi.getType() == Roi.COMPOSITE:
        points = list(roi.getShapeAsArray())
    else:
        polygon = roi.getFloatPolygon()
        points = list(polygon.xpoints[: polygon.npoints]) + list(polygon.ypoints[: polygon.npoints])
    return roi.getType(), tuple(points)


def _managed():
    if not has_screen():
        return []
    from ij.plugin.frame import RoiManager

    manager = RoiManager.getInstance2()
    return list(manager.getRoisAsArray()) if manager is not None else []


def _unsaved(imp, managed):
    """Say that the selection is an edited ROI which the ROI Manager does not know."""
    selection = imp.getRoi()
    if selection is None or not selection.getName():
        return []
    same = [roi for roi in managed if roi.getName() == selection.getName()]
    if not same or any(_same_outline(roi, selection) for roi in same):
        return []
    return [messages.NOT_UPDATED.format(name=quoted(selection.getName()))]


def _drawn(imp):
    overlay, selection = imp.getOverlay(), imp.getRoi()
    found = [] if overlay is None else list(overlay.toArray())
    # A ROI of the overlay that was clicked on is the selection too.
    if selection is not None and not any(_alike(selection, roi) for roi in found):
        found.append(selection)
    return found


def _alike(one, other):
    return one.getName() == other.getName() and _same_outline(one, other)


def _same_outline(one, other):
    """Compare outlines; ``Roi.equals`` takes lengths in units of the image, if it has one."""
    if one.getType() != other.getType() or one.getFloatBounds() != other.getFloatBounds():
        return False
    if one.getType() == Roi.COMPOSITE:
        return list(one.getShapeAsArray()) == list(other.getShapeAsArray())
    a, b = one.getFloatPolygon(), other.getFloatPolygon()
    return (list(a.xpoints), list(a.ypoints)) == (list(b.xpoints), list(b.ypoints))


def show_outlines(imp, source, rows, with_labels):
    """Put the outlines of what was measured over the image, in place of earlier ones."""
    overlay = imp.getOverlay() or Overlay()
    for roi in overlay.toArray():
        if roi.getProperty(MARK) == OUTLINE:
            overlay.remove(roi)
    for row in rows:
        shown = [(CORD, row.cord)] + [(HIGH, item) for item in row.highs]
        for role, item in shown:
            if source.place != DRAWN or not any(
                _alike(item.roi.roi, roi) for roi in overlay.toArray()
            ):
                overlay.add(_outline(imp, item.roi.roi, role, row.slice))
        if not row.highs and row.high.pixel_count:
            overlay.add(_outline(imp, row.found, HIGH, row.slice))
        if with_labels:
            overlay.add(_label(imp, row))
    imp.setOverlay(overlay)


def _outline(imp, roi, role, number):
    copy = _copied(roi)
    copy.setStrokeColor(COLORS[role])
    copy.setProperty(MARK, OUTLINE)
    _place(imp, copy, number)
    return copy


def _label(imp, row):
    """Return the RHI of a row as text above the outline of its cord."""
    size = max(min(imp.getWidth(), imp.getHeight()) // LABEL_SHARE, LEAST_LABEL)
    box = row.cord.roi.roi.getBounds()
    font = Font(Font.SANS_SERIF, Font.PLAIN, size)
    text = TextRoi(0, 0, messages.RHI.format(rhi=row.rhi), font)
    width, height = text.getBounds().width, text.getBounds().height
    left = min(max(box.x + (box.width - width) // 2, 0), max(imp.getWidth() - width, 0))
    # Above the cord, or below it where there is no room.
    text.setLocation(left, box.y - height if box.y >= height else box.y + box.height)
    text.setStrokeColor(COLORS[HIGH] if row.high.pixel_count else COLORS[CORD])
    text.setProperty(MARK, OUTLINE)
    _place(imp, text, row.slice)
    return text


def _copied(roi):
    """Return a copy with properties of its own, which ``clone`` would share."""
    return RoiDecoder.openFromByteArray(RoiEncoder.saveAsByteArray(roi))


def _place(imp, roi, number):
    """Put a ROI on a slice of the image."""
    if imp.getStackSize() == 1:
        return
    if imp.getNDimensions() > _STACK_DIMENSIONS:
        channel, slice_, frame = imp.convertIndexToPosition(number)
        roi.setPosition(channel, slice_, frame)
    else:
        roi.setPosition(number)


def found_roi(imp, region_roi, row):
    """Return a found region as a ROI like one that was drawn: name, group, colour, place."""
    name = "high" + ("-" + row.level if row.level else "")
    if imp.getStackSize() > 1:
        name += "-%03d" % row.slice
    region_roi.setName(name)
    region_roi.setGroup(HIGH_GROUP)
    region_roi.setStrokeColor(COLORS[HIGH])
    region_roi.setProperty(MARK, FOUND)
    _place(imp, region_roi, row.slice)
    return region_roi


def keep_found(imp, source, found):
    """Put found ROIs with the others, in place of those of an earlier search.

    With a screen all go to the ROI Manager, without one, or where that holds another image's, to
    the overlay. The ROI of the shown slice becomes the selection.
    """
    if has_screen() and (source.place == MANAGER or not _managed()):
        _keep_in_manager(source, found)
        remember(imp, _managed(), MANAGER)
    else:
        _keep_in_overlay(imp, source, found)
    here = [roi for roi in found if _is_here(imp, roi)]
    if here:
        imp.setRoi(_copied(here[0]))
    else:
        imp.deleteRoi()


def _is_here(imp, roi):
    if imp.getStackSize() == 1:
        return True
    if roi.hasHyperStackPosition():
        place = (roi.getCPosition(), roi.getZPosition(), roi.getTPosition())
        return place == (imp.getC(), imp.getZ(), imp.getT())
    return roi.getPosition() == imp.getCurrentSlice()


def _keep_in_manager(source, found):
    from ij.plugin.frame import RoiManager

    manager = RoiManager.getRoiManager()
    if source.place != MANAGER:
        for roi in source.rois:
            manager.addRoi(_renamed(roi))
            last = manager.getCount() - 1
            # Names of digits are replaced by the ROI Manager, and role and slice with them.
            if manager.getName(last) != roi.name:
                manager.rename(last, roi.name)
    earlier = [
        i
        for i, roi in enumerate(manager.getRoisAsArray())
        if roi.getProperty(MARK) == FOUND
    ]
    if earlier:
        manager.setSelectedIndexes(earlier)
        manager.runCommand("Delete")
    for roi in found:
        manager.addRoi(roi)


def _keep_in_overlay(imp, source, found):
    overlay = imp.getOverlay() or Overlay()
    for roi in overlay.toArray():
        if roi.getProperty(MARK) == FOUND:
            overlay.remove(roi)
    for roi in source.rois:
        if not any(_alike(roi.roi, other) for other in overlay.toArray()):
            overlay.add(_renamed(roi))
    for roi in found:
        overlay.add(roi)
    imp.setOverlay(overlay)


def _renamed(roi):
    """Return a ROI under the name by which it is known: its file's."""
    roi.roi.setName(roi.name)
    return roi.roi


def show_table(table):
    """Show the table of RHI in front, wide enough for the columns that say it, below the log."""
    is_open = WindowManager.getWindow(messages.TITLE) is not None
    table.show(messages.TITLE)
    shown = WindowManager.getWindow(messages.TITLE)
    if shown.getWidth() < TABLE_WIDTH:
        shown.setSize(TABLE_WIDTH, max(shown.getHeight(), TABLE_HEIGHT))
    log = WindowManager.getWindow("Log")
    if log is not None and not is_open:
        below = log.getY() + log.getHeight()
        lowest = IJ.getScreenSize().height - shown.getHeight()
        shown.setLocation(shown.getX(), min(below, max(lowest, 0)))
    shown.toFront()
