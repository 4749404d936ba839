"""What the scripts draw over the image in front: outlines, labels, what was found."""

from __future__ import unicode_literals

from ij.gui import Overlay, TextRoi
from ij.io import RoiDecoder, RoiEncoder
from java.awt import Color, Font

from pyrhi_fiji import messages
from pyrhi_fiji.roles import CORD, HIGH
from pyrhi_fiji.screen import has_screen
from pyrhi_fiji.window import DRAWN, FOUND, MANAGER, MARK, OUTLINE
from pyrhi_fiji.window import are_alike, managed_rois, remember

COLORS = {CORD: Color(0x00D5FF), HIGH: Color(0xFF5040)}
HIGH_GROUP = 2
LABEL_SHARE = 28
"""An image is this many times as large as the letters of its label with the RHI."""

LEAST_LABEL = 6
_STACK_DIMENSIONS = 3


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
                are_alike(item.roi.roi, roi) for roi in overlay.toArray()
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
    if has_screen() and (source.place == MANAGER or not managed_rois()):
        _keep_in_manager(imp, source, found)
        remember(imp, managed_rois(), MANAGER)
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


def _keep_in_manager(imp, source, found):
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
    first = manager.getCount()
    for roi in found:
        manager.addRoi(roi)
    # Update, once the outline is corrected, is for the one that is chosen.
    here = [first + i for i, roi in enumerate(found) if _is_here(imp, roi)]
    if here:
        manager.setSelectedIndexes(here[:1])


def _keep_in_overlay(imp, source, found):
    overlay = imp.getOverlay() or Overlay()
    for roi in overlay.toArray():
        if roi.getProperty(MARK) == FOUND:
            overlay.remove(roi)
    for roi in source.rois:
        if not any(are_alike(roi.roi, other) for other in overlay.toArray()):
            overlay.add(_renamed(roi))
    for roi in found:
        overlay.add(roi)
    imp.setOverlay(overlay)


def _renamed(roi):
    """Return a ROI under the name by which it is known: its file's."""
    roi.roi.setName(roi.name)
    return roi.roi
