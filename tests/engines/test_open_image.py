"""Images that are open in a real ImageJ: measured as files are, shown, and left as they were."""

from __future__ import annotations

import textwrap

from rigs.imagej_window import screen
from rigs.own_process import printed_with_a_screen
from rigs.places import DATA, SAGITTAL

STARTED = """
import scyjava
from pyrhi.engines import ImageJ, jvm
scyjava.config.set_java_constraints(fetch="auto")
scyjava.config.add_classpath(*jvm.maven_jars(jvm.IMAGEJ_COORDINATE, jvm.PATCHER_COORDINATE))
scyjava.start_jvm()
ij = ImageJ()
"""


def printed_with_windows(code: str, *arguments: object) -> list[str]:
    """Return the lines that code prints where `ij` is an ImageJ that has windows."""
    with screen() as display:
        code = STARTED + textwrap.dedent(code)
        return printed_with_a_screen(code, *arguments, DISPLAY=display)


def test_an_open_image_is_what_the_file_is():
    """Every TIFF that ImageJ wrote or opens: same calibration, same planes, same warnings."""
    lines = printed_with_a_screen(
        """
        import sys
        from pathlib import Path
        import numpy as np
        from pyrhi.engines import ImageJ, jvm
        from pyrhi.errors import PyrhiError
        from pyrhi.io.images import read_image
        ij = ImageJ()
        opener = jvm.jimport("ij.io.Opener")()
        seen = 0
        for path in sorted(Path(sys.argv[1]).glob("*.tif")):
            if path.name.startswith("plain_u8"):
                continue  # a resolution of 0 dpi, which pyrhi does not call an inch
            try:
                image = read_image(path)
            except PyrhiError:
                continue
            imp = opener.openImage(str(path))
            if imp is None:
                continue
            found = ij.open_image(imp)
            with image:
                for name in ("kind", "width", "height", "n_slices", "dimensions", "calibration"):
                    assert getattr(found, name) == getattr(image, name), (path.name, name,
                        getattr(found, name), getattr(image, name))
                for number in range(1, image.n_slices + 1):
                    np.testing.assert_array_equal(found.plane(number), image.plane(number))
            seen += 1
        print(seen)
        """,
        DATA / "images",
    )
    assert int(lines[0]) > 60


def test_an_open_image_is_measured_as_its_file_and_stays_as_it_was():
    lines = printed_with_a_screen(
        """
        import sys
        from pathlib import Path
        import pyrhi
        from pyrhi.engines import ImageJ, jvm
        from pyrhi.io.rois.files import read_rois
        path = Path(sys.argv[1])
        ij = ImageJ()
        imp = jvm.jimport("ij.io.Opener")().openImage(str(path))
        overlay = jvm.jimport("ij.gui.Overlay")()
        decode = jvm.jimport("ij.io.RoiDecoder").openFromByteArray
        for roi in read_rois(sys.argv[2]):
            java = decode(roi.data)
            java.setName(roi.name)
            overlay.add(java)
        imp.setOverlay(overlay)
        imp.setSlice(3)
        imp.setRoi(1, 2, 3, 4)
        imp.getRoi().setName("mark")
        for high in (None, "Otsu", "auto"):
            # Twice over: by the image and ROIs that the caller takes, and in one call.
            rois = [r for r in ij.open_rois(imp) if r.name != "mark"]
            of_file = pyrhi.measure(path, find_high=high).slices
            of_open = pyrhi.measure(ij.open_image(imp), rois, find_high=high, engine=ij).slices
            by_numpy = pyrhi.measure(ij.open_image(imp), rois, find_high=high).slices
            key = lambda s: (s.slice, s.level, s.rhi, s.cord_area, s.high_area, s.unit, s.method)
            assert list(map(key, of_file)) == list(map(key, of_open)) == list(map(key, by_numpy))
            result = ij.measure_open(imp, find_high=high, ignore_unnamed=True)
            table = result.table
            assert table.size() == len(of_file)
            for i, s in enumerate(of_file):
                assert table.getValue("RHI", i) == s.rhi
                assert table.getValue("CordArea", i) == s.cord_area
                assert str(table.getStringValue("Unit", i)) == s.unit
                assert str(table.getStringValue("Method", i)) == s.method
            print(len(of_file), len(result.rois), result.overlay.size(), table.getColumnHeadings())
        print(imp.getCurrentSlice(), imp.getRoi().getName(), imp.getOverlay().size())
        result.show()
        print(imp.getOverlay().size(), imp.getOverlay().get(0).getName())
        """,
        SAGITTAL / "t2_sagittal.tif",
        SAGITTAL / "t2_sagittal.RoiSet.zip",
    )
    # ImageJ from Maven Central has no LUT for the colours of groups, and says so.
    lines = [line for line in lines if not line.startswith("LUT not found")]
    headings = lines[0].split(" ", 3)[3].strip().split("\t")
    assert headings[0] == "Image"
    assert headings[-1] == "Warnings"
    drawn, otsu, auto, state, shown = (line.split()[:3] for line in lines)
    assert drawn == ["18", "23", "23"]
    assert otsu[0] == auto[0] == "18"
    assert state == ["3", "mark", "23"]
    assert shown[0] == auto[2]
    assert shown[1].startswith("cord")


def test_nothing_open_and_nothing_drawn_are_one_line_each():
    lines = printed_with_a_screen(
        """
        from pyrhi.engines import ImageJ, jvm
        from pyrhi.errors import PyrhiError
        ij = ImageJ()
        image_plus = jvm.jimport("ij.ImagePlus")
        plain = jvm.jimport("ij.IJ").createImage("plain", "8-bit black", 30, 20, 1)
        line = plain.duplicate()
        line.setRoi(jvm.jimport("ij.gui.Line")(1, 1, 9, 9))
        line.getRoi().setName("cord")
        for imp in (None, image_plus(), plain, line, "text"):
            try:
                ij.measure_open(imp)
                print("no error")
            except PyrhiError as error:
                print(error)
        """
    )
    assert (
        lines[0]
        == lines[1]
        == ("no image is open in ImageJ; open one (File > Open) or pass an ImagePlus")
    )
    assert lines[2].startswith("plain: no ROIs in the ROI Manager")
    assert "cannot be a cord ROI; draw an area" in lines[3]
    assert lines[4].startswith("str is no ij.ImagePlus")
    assert len(lines) == 5


def test_a_gateways_view_of_the_callers_array_is_copied_first():
    """pyimagej's to_imageplus is a view: without a copy ImageJ writes into the caller's pixels."""
    lines = printed_with_a_screen(
        """
        import numpy as np
        from pyrhi.engines import ImageJ, jvm
        ImageJ()
        image_plus = jvm.jimport("ij.ImagePlus")
        byte_processor = jvm.jimport("ij.process.ByteProcessor")

        class Converter:
            def to_imageplus(self, array):
                self.view = image_plus("view", byte_processor(30, 20))
                return self.view

        class Gateway:
            py = Converter()

        ij = ImageJ(Gateway())
        image = ij.open_image(np.zeros((20, 30), np.uint8))
        gateway_view = Gateway.py.view.getProcessor().getPixels()
        gateway_view[0] = 77
        print(image.width, image.height, int(image.plane(1)[0, 0]))
        """
    )
    assert lines == ["30 20 0"]


def test_the_roi_manager_is_read_where_there_is_a_screen():
    lines = printed_with_windows(
        """
        import sys
        import pyrhi
        print(ij.is_headless)
        imp = jvm.jimport("ij.IJ").openImage(sys.argv[1])
        imp.show()
        manager = jvm.jimport("ij.plugin.frame.RoiManager")()
        manager.open(sys.argv[2])
        manager.rename(0, "cord L9")
        names = [roi.name for roi in ij.open_rois()]
        print(len(names), names[0])
        manager.rename(0, "cord-010")
        result = ij.measure_open()
        of_file = pyrhi.measure(sys.argv[1]).slices
        print([r.rhi for r in result.measured.rhi] == [s.rhi for s in of_file])
        result.show()
        table = jvm.jimport("ij.measure.ResultsTable").getResultsTable("RHI")
        print(table.size(), manager.getCount(), imp.getOverlay().size())
        print(jvm.jimport("ij.WindowManager").getCurrentImage().getTitle())
        imp.close()
        """,
        SAGITTAL / "t2_sagittal.tif",
        SAGITTAL / "t2_sagittal.RoiSet.zip",
    )
    assert lines[0] == "False"
    assert lines[1] == "23 cord L9"
    assert lines[2:] == ["True", "18 23 23", "t2_sagittal.tif"]


def test_a_macro_that_waits_for_a_dialog_ends_in_time():
    """With a screen, an error in a macro is a modal dialog that nobody may ever close."""
    lines = printed_with_windows(
        """
        import time
        from pyrhi.errors import EngineError
        frame = jvm.jimport("ij.ImageJ")()
        told, wrong, endless = "exit('draw the cord');", "x = nil(1);", "while (true) wait(20);"
        for code in (told, wrong, endless):
            started = time.monotonic()
            try:
                ij.run_macro(code, seconds=3)
            except EngineError as error:
                print(error)
            assert time.monotonic() - started < 20
        print(ij.run_macro("return 'alive';", seconds=30))
        sys.stdout.flush()
        os._exit(0)
        """,
    )
    assert "draw the cord" in lines[0]
    assert lines[1] == "the macro stopped: Undefined identifier"
    assert "3 seconds" in lines[2]
    assert lines[3:] == ["alive"]
