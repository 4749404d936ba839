#@script(label="Measure RHI in Python", description="Measures RHI on the image in front by pyrhi itself, in Fiji's Python mode. Research use only.", language="Python")
#@ ImagePlus imp
#@ String (label="Where no high area is drawn", choices={"leave it 0", "auto", "Default", "Huang", "Intermodes", "IsoData", "IJ_IsoData", "Li", "MaxEntropy", "Mean", "MinError", "Minimum", "Moments", "Otsu", "Percentile", "RenyiEntropy", "Shanbhag", "Triangle", "Yen", "ref+3sd", "ref+3mad"}, value="leave it 0") high
#@ String (label="or from a value, or your own ref+", description="Such as 1200 or ref+2.5sd; wins over the choice above", required=false, value="") custom
#@ Boolean (label="Cut the high area to the cord", value=false) clip
#@output ResultsTable table
#@output String summary
# CPython, not Jython: the pip packages of Fiji's Python mode (Edit > Options > Python...).
from scyjava import jimport

NO_HIGH = "leave it 0"
MISSING = (
    "pyrhi is missing in the Python of this Fiji: choose Edit > Options > Python..., write "
    "pyrhi[imagej] into the box of pip packages, rebuild the environment and start Fiji again"
)
MARK, OUTLINE = "RHI", "outline"


def measure(imp, mode, clip):
    """Measure the image by pyrhi; return its table and what was done in one sentence."""
    from pyrhi.notice import RESEARCH_USE
    from pyrhi.engines import ImageJ

    overlay = None if imp is None else imp.getOverlay()
    # What an earlier run has drawn is there to be looked at, and no ROI.
    for roi in [] if overlay is None else list(overlay.toArray()):
        if roi.getProperty(MARK) == OUTLINE:
            overlay.remove(roi)
    result = ImageJ().measure_open(imp, find_high=mode, clip=clip)
    found = sum(row.high_count > 0 for row in result.measured.found)
    overlay = imp.getOverlay() or jimport("ij.gui.Overlay")()
    for roi in result.rois[len(result.rois) - found :]:
        roi.setProperty(MARK, OUTLINE)
        overlay.add(roi)
    imp.setOverlay(overlay)
    notes = "".join(f" {note}." for note in result.measured.notes)
    return result.table, f"rows measured: {len(result.measured.rhi)}.{notes} {RESEARCH_USE}"


def run(imp, high, custom, clip):
    """Measure, and return a sentence in place of whatever is raised."""
    try:
        from pyrhi.errors import PyrhiError
    except ImportError:
        return None, MISSING
    mode = str(custom or "").strip() or str(high or "").strip()
    try:
        return measure(imp, None if mode in ("", NO_HIGH) else mode, bool(clip))
    except PyrhiError as error:
        return None, str(error)


table, summary = run(imp, high, custom, clip)
if jimport("java.awt.GraphicsEnvironment").isHeadless():
    jimport("java.lang.System").out.println(summary)
elif table is None:
    jimport("ij.IJ").error("RHI", summary)
else:
    table.show("RHI")
    jimport("ij.IJ").log(summary)
    # What is on the screen already need not be shown by SciJava again.
    module = globals().get("org.scijava.script.ScriptModule")
    for name in ("table", "summary") if module is not None else ():
        module.resolveOutput(name)
