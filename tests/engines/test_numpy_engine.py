"""The engine without Java gives what ImageJ gives, and leaves the pixels alone."""

from __future__ import annotations

from rigs.own_process import printed


def test_both_engines_agree_on_pixels_in_memory_which_stay_as_they_were():
    lines = printed(
        """
        import numpy as np
        from pyrhi.engines import ImageJ
        from pyrhi.engines.numpy_engine import NumpyEngine
        from pyrhi.io.images.array import array_image
        from pyrhi.io.rois import decode_roi, encode_mask

        rng = np.random.default_rng(7)
        ij = ImageJ()
        for dtype in (np.uint8, np.uint16, np.int16, np.float32):
            pixels = (rng.normal(100, 20, (2, 40, 50))).astype(dtype)
            before = pixels.copy()
            image = array_image(pixels, pixel_size=(0.5, 0.75))
            mask = np.zeros((40, 50), bool)
            mask[5:30, 8:33] = True
            mask[10:15, 12:20] = False
            roi = decode_roi(encode_mask(mask, name="cord", position=2), name="cord")
            ours, imagejs = NumpyEngine(image), ij.engine(image)
            row, region = ours.measure(roi, 2)
            java_row, java_region = imagejs.measure(roi, 2)
            np.testing.assert_array_equal(java_row, row)
            np.testing.assert_array_equal(java_region.pixels(40, 50), mask)
            np.testing.assert_array_equal(imagejs.values(region, 2), ours.values(region, 2))
            assert imagejs.mean(region, 2) == ours.mean(region, 2)
            np.testing.assert_array_equal(
                imagejs.above_threshold(region, 2, "Otsu"), ours.above_threshold(region, 2, "Otsu")
            )
            np.testing.assert_array_equal(pixels, before)
        print("same")
        """
    )
    assert lines == ["same"]
