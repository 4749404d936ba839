"""The ROIs of the image in front, and whether those of the ROI Manager are its own."""

from __future__ import unicode_literals

from ij import IJ
from ij.gui import GenericDialog, Roi
from java.io import File

from pyrhi_fiji import messages, page
from pyrhi_fiji.beside import find_rois, forget
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.images import check_unchanged, path_of
from pyrhi_fiji.rois import named, read_rois
from pyrhi_fiji.roles import listed
from pyrhi_fiji.screen import has_screen
from pyrhi_fiji.text import quoted

MARK = "RHI"
"""Property of ROIs that the scripts made: what for."""

OUTLINE = "outline"
"""Drawn by Measure RHI, only to be looked at: it never counts as a ROI."""

FOUND = "found"
"""Made by Find High Intensity: the next search replaces it."""

AUTOMATIC = "automatic"
MANAGER = "ROI Manager"
DRAWN = "overlay and selection"
BESIDE = "ROI file"

_TIED = "RHI ROIs"
"""Property of an image, in memory alone: the ROIs that were said to be its own, or not."""


class Source(object):
    """ROIs of an image, and where they were found: MANAGER, DRAWN or BESIDE."""

    def __init__(self, rois, place, notes):
        self.rois = rois
        self.place = place
        self.notes = notes


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
    managed = [roi for roi in managed_rois() if roi.getProperty(MARK) != OUTLINE]
    drawn = [roi for roi in _drawn(imp) if roi.getProperty(MARK) not in unwanted]
    path = path_of(imp)
    forget()
    beside = find_rois(path) if path is not None and File(path).isFile() else None
    notes = []
    places = [MANAGER] * bool(managed) + [DRAWN] * bool(drawn) + [BESIDE] * bool(beside)
    if place in ("", AUTOMATIC):
        if not places:
            raise RhiError(messages.NO_ROIS_IN_WINDOW.format(name=imp.getTitle()))
        place = _asked(imp, managed, beside, places) if managed else places[0]
        if place == DRAWN and not _outlines_in(beside).issubset(_key(roi) for roi in drawn):
            notes = [messages.DRAWN_NOT_FILE.format(file=File(beside).getName())]
    elif place not in places:
        raise RhiError(messages.NO_ROIS_IN_PLACE.format(name=imp.getTitle(), place=place))
    if place == BESIDE:
        check_unchanged(imp)
        return Source(read_rois(beside), BESIDE, [])
    if place == DRAWN:
        return Source([named(roi) for roi in drawn], DRAWN, notes)
    kept = [roi for roi in managed if roi.getProperty(MARK) not in unwanted]
    return Source([named(roi) for roi in kept], MANAGER, _unsaved(imp, managed))


def _asked(imp, managed, beside, places):
    """Return which ROIs to take: those of the ROI Manager only where they are this image's."""
    known = imp.getProperty(_TIED) or {}
    keys = [(roi, _key(roi)) for roi in managed]
    of_file = _outlines_in(beside)
    strangers = [
        (roi, key)
        for roi, key in keys
        if roi.getImageID() != imp.getID() and known.get(key) != MANAGER and key not in of_file
    ]
    if not strangers and not _is_other_set(known, [key for _, key in keys], of_file):
        return MANAGER
    answers = set(known.get(key) for _, key in strangers or keys)
    if len(answers) == 1 and answers.issubset(places):
        return answers.pop()
    if strangers:
        why = _why(imp, [roi for roi, _ in strangers], beside)
    else:
        why = messages.OTHERS_IN_FILE.format(file=File(beside).getName())
    if IJ.isMacro() or not has_screen():
        raise RhiError(messages.STRANGERS.format(name=imp.getTitle(), why=why))
    answer = _ask(imp, why, places)
    remember(imp, managed, answer)
    return answer


def _outlines_in(path):
    """Return the outlines of a ROI file, to know them again; none of one that cannot be read."""
    try:
        return frozenset(_key(item.roi) for item in read_rois(path)) if path else frozenset()
    except RhiError:
        return frozenset()


def _is_other_set(known, keys, of_file):
    """Tell whether the file holds other ROIs, and none of these was said to be the image's own.

    ImageJ takes a ROI that was opened from a file for drawn on the image over which it was chosen
    in the ROI Manager, so that another image's set becomes this one's by being looked at.
    """
    return not of_file.issubset(keys) and not any(known.get(key) == MANAGER for key in keys)


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
    dialog.addHelp(page.text())
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
    roi = named(roi).roi  # as a file has it, which rounds
    if roi.getType() == Roi.COMPOSITE:
        points = list(roi.getShapeAsArray())
    else:
        polygon = roi.getFloatPolygon()
        points = list(polygon.xpoints[: polygon.npoints]) + list(polygon.ypoints[: polygon.npoints])
    return roi.getType(), tuple(points)


def managed_rois():
    """Return the ROIs of the ROI Manager; without a screen there is none."""
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
    if selection is not None and not any(are_alike(selection, roi) for roi in found):
        found.append(selection)
    return found


def are_alike(one, other):
    """Tell whether two ROIs have the same name and outline."""
    return one.getName() == other.getName() and _same_outline(one, other)


def _same_outline(one, other):
    """Compare outlines; ``Roi.equals`` takes lengths in units of the image, if it has one."""
    if one.getType() != other.getType() or one.getFloatBounds() != other.getFloatBounds():
        return False
    if one.getType() == Roi.COMPOSITE:
        return list(one.getShapeAsArray()) == list(other.getShapeAsArray())
    a, b = one.getFloatPolygon(), other.getFloatPolygon()
    return (list(a.xpoints), list(a.ypoints)) == (list(b.xpoints), list(b.ypoints))
