"""What each script under Plugins > RHI does with its parameters; errors become one sentence."""

from __future__ import unicode_literals

from ij import IJ, WindowManager
from ij.text import TextWindow
from java.io import File
from java.lang import OutOfMemoryError, System, Throwable

from pyrhi_fiji import batch as batches
from pyrhi_fiji import images, measuring, messages, outlines, patients, regions, screen, status
from pyrhi_fiji import tables, tiers, window
from pyrhi_fiji.beside import stem_of
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.high import AUTO, parse_high
from pyrhi_fiji.text import one_line, quoted

NO_HIGH = ("", "none", "leave it 0")
"""The choices that find no high area where none is drawn; the last one is in older macros."""

NO = ("no", "false", "off")
"""What turns labels off."""

FROM_NUMBER = "the RHI below"
FROM_WINDOW = "the table RHI on the screen"
FROM_FILE = "a CSV file"
UNKNOWN = "unknown"
TIER_TITLE = "Pain Tier"
TIERS_TITLE = "Pain Tiers"
TEXT_SIZE = (980, 400)
PROGRESS_MILLISECONDS = 200


def _one_sentence(command):
    """Make a command show and return one sentence in place of whatever it raises."""

    def guarded(*arguments):
        try:
            return command(*arguments)
        except RhiError as error:
            sentence = error.message
        except OutOfMemoryError:
            sentence = messages.TOO_LITTLE_MEMORY.format(path=messages.TITLE)
        except (Exception, Throwable) as error:
            what = one_line("%s %s" % (type(error).__name__, error))
            sentence = messages.UNEXPECTED.format(path=messages.TITLE, what=what)
        screen.refuse(sentence)
        return sentence

    return guarded


def _with_table(command):
    """Make a command return None for its table where it only has a sentence."""

    def both(*arguments):
        result = command(*arguments)
        return result if isinstance(result, tuple) else (None, result)

    return both


def mode_of(high, custom):
    """Return the way to find the high area, or None."""
    text = (custom or "").strip() or (high or "").strip()
    return None if text in NO_HIGH else parse_high(text)


@_with_table
@_one_sentence
def measure(imp, high, custom, clip, label, save, ignore, rois):
    """Measure the image in front; return its table and what was done in one sentence."""
    mode = mode_of(high, custom)
    picture = images.picture_of(imp)
    source = window.rois_of(imp, rois or window.AUTOMATIC)
    result = measuring.measure(picture, source.rois, mode, bool(clip), ignore=bool(ignore))
    for row in result.rows:
        if not row.highs and row.high.pixel_count:
            row.found = regions.selection_of(row.high)
    cells = [tables.cells_of(_patient(imp), _name(imp), row) for row in result.rows]
    saved = [_saved(imp, cells)] if save else []
    outlines.show_outlines(imp, source, result.rows, (label or "").strip().lower() not in NO)
    table = tables.rhi_table(cells)
    notes = source.notes + result.notes + _found_and_drawn(result.rows)
    if mode is not None and mode.kind == AUTO:
        notes.append(messages.AUTO_ALONE)
    lines = [_in_words(row) + "." for row in result.rows]
    lines.append(messages.MEASURED.format(rows=len(cells), place=source.place))
    lines += [note + "." for note in notes + saved] + [messages.RESEARCH_USE]
    screen.tell(lines, imp)
    if screen.has_screen():
        screen.show_table(table, imp)
    return table, " ".join(lines)


def _found_and_drawn(rows):
    """Say where a found outline is added up with drawn ones: corrected and added, it counts twice."""
    notes = []
    for row in rows:
        marks = set(item.roi.roi.getProperty(window.MARK) == window.FOUND for item in row.highs)
        if len(marks) > 1:
            notes.append(messages.FOUND_AND_DRAWN.format(slice=row.slice))
    return notes


def _in_words(row):
    of_level = " " + row.level if row.level else ""
    return messages.ROW.format(slice=row.slice, of_level=of_level, rhi=row.rhi)


@_one_sentence
def find(imp, high, custom, rois):
    """Find the high area in every cord of the image in front; return what was found."""
    mode = mode_of(high, custom)
    if mode is None:
        raise RhiError(messages.NO_MODE)
    picture = images.picture_of(imp)
    source = window.rois_of(imp, rois or window.AUTOMATIC, with_found=False)
    # What has no role cannot be taken for the high area that is looked for here.
    result = measuring.measure(picture, source.rois, mode, ignore=True)
    found, said = [], []
    for row in result.rows:
        of_level = " of level " + row.level if row.level else ""
        if row.highs:
            sentence = messages.DRAWN_ALREADY
        elif not row.high.pixel_count:
            sentence = messages.NOTHING_HIGH
        else:
            found.append(outlines.found_roi(imp, regions.selection_of(row.high), row))
            sentence = messages.FOUND
        said.append(
            sentence.format(
                slice=row.slice,
                of_level=of_level,
                count=row.high_count,
                rhi=row.rhi,
                mode=mode.text,
            )
        )
    outlines.keep_found(imp, source, found)
    lines = [line + "." for line in said + source.notes + result.notes]
    lines += [messages.CORRECT_IT, messages.RESEARCH_USE]
    screen.tell(lines, imp)
    return " ".join(lines)


@_with_table
@_one_sentence
def pain_tier(source, rhi, location, number, table, model, json, save):
    """Say the pain tier of one patient or of a table's; return its table and the words."""
    chosen = tiers.load_model(_model_of(model, json))
    if source == FROM_NUMBER:
        patient = tiers.patient_of(_number_of(rhi), _given(location), _given(number))
        known = [("", "", patient)]
        lines = tiers.lines_of(patient, chosen.predict(patient), chosen)
    elif source == FROM_FILE:
        if not _is_given(table):
            raise RhiError(messages.NO_TABLE_FILE)
        known, lines = patients.read_patients(table.getPath()), []
    else:
        known, lines = patients.patients_of_table(_rhi_table()), []
    headings, rows = tiers.rows_of(known, chosen)
    if not lines:
        undecided = sum(row[headings.index("Indeterminate")] == "yes" for row in rows)
        lines.append(
            messages.TIERS_DONE.format(count=len(rows), open=undecided, model=chosen.name)
        )
        lines += ["- " + caveat for caveat in chosen.caveats] + [messages.RESEARCH_USE]
        if save and source == FROM_FILE:
            name = table.getName()
            stem = name[:-4] if name.lower().endswith(".csv") else name
            target = File(table.getAbsoluteFile().getParentFile(), stem + ".tiers.csv")
            tables.write_csv(target.getPath(), headings, rows)
            lines.append(messages.TABLE_SAVED.format(path=target.getPath()))
    text = "\n".join(lines)
    result = tables.results_table(headings, rows)
    if screen.has_screen():
        words = TextWindow(TIER_TITLE, text, *TEXT_SIZE)
        if source != FROM_NUMBER:
            result.show(TIERS_TITLE)
            screen.put_below(WindowManager.getWindow(TIERS_TITLE), [words])
    else:
        System.out.println(text)
    return result, text


def _model_of(model, json):
    if model in tiers.SHIPPED:
        return model
    if not _is_given(json):
        raise RhiError(messages.NO_MODEL_FILE)
    return json.getPath()


def _number_of(text):
    """Read the RHI that was typed: blank is missing, and never 0."""
    if not (text or "").strip():
        raise RhiError(messages.NO_RHI)
    try:
        return float(text)
    except ValueError:
        hint = "; write a decimal point" if "," in text else ""
        raise RhiError(messages.NOT_A_NUMBER.format(where="RHI", text=quoted(text), hint=hint))


def _is_given(file):
    return file is not None and bool(file.getPath())


def _given(choice):
    return None if choice in (None, "", UNKNOWN) else choice


def _rhi_table():
    """Return the table that Measure RHI shows, or None."""
    shown = screen.shown_table() if screen.has_screen() else None
    return shown.getResultsTable() if hasattr(shown, "getResultsTable") else None


def resolve(variables, *outputs):
    """With a screen, mark outputs as shown, which SciJava would do again, and keep the status."""
    module = variables.get("org.scijava.script.ScriptModule")
    if module is not None and screen.has_screen():
        for name in outputs:
            module.resolveOutput(name)
        status.keep(module.context())


def _patient(imp):
    path = images.path_of(imp)
    return "" if path is None else File(path).getAbsoluteFile().getParentFile().getName()


def _name(imp):
    path = images.path_of(imp)
    return imp.getTitle() if path is None else File(path).getName()


def _saved(imp, cells):
    """Write NAME.rhi.csv beside the image and say so."""
    path = images.path_of(imp)
    if path is None or not File(path).isFile():
        raise RhiError(messages.NEVER_SAVED.format(name=imp.getTitle()))
    images.check_unchanged(imp)
    if images.is_dicom(imp):
        return messages.NOT_IN_DICOM
    file = File(path)
    target = File(file.getParentFile(), stem_of(file.getName()) + ".rhi.csv").getPath()
    tables.write_csv(target, tables.RHI_HEADINGS, cells)
    return messages.TABLE_SAVED.format(path=target)


@_one_sentence
def batch(input, output, high, custom, clip, ignore):
    """Measure a folder and write its tables; return what was done in one sentence."""
    if not _is_given(input):
        raise RhiError(messages.NO_INPUT)
    if not _is_given(output):
        raise RhiError(messages.NO_OUTPUT)
    mode = mode_of(high, custom)
    result = batches.run(input.getPath(), mode, bool(clip), bool(ignore), _Progress())
    summary = batches.write(result, output.getPath())
    if screen.has_screen():
        IJ.showProgress(1.0)
    for note in result.notes:
        screen.tell(["note: " + note])
    screen.tell([summary])
    return summary


class _Progress(object):
    """Shows how far a batch is, some times a second: showing takes longer than measuring."""

    def __init__(self):
        self._shown = 0

    def __call__(self, done, total, name):
        now = System.currentTimeMillis()
        if screen.has_screen() and now - self._shown > PROGRESS_MILLISECONDS:
            self._shown = now
            IJ.showProgress(done, total)
            IJ.showStatus("RHI: %d/%d %s" % (done + 1, total, name))
