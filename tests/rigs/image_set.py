"""Images with ROI sets that hold every case by which two ways of measuring could differ.

Made anew by each test run, always the same. `make_images` gives what can be measured,
`make_failures` what must be refused.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from typing import TYPE_CHECKING, Any, Literal

import imagecodecs
import numpy as np
import roifile
import tifffile

from pyrhi.io.rois.encode import encode_mask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SEED = 20_250_307
SIZE = (64, 72)
CORD = ((20.0, 8.0), (40.5, 6.25), (46.0, 30.0), (41.0, 58.5), (22.0, 60.0), (17.0, 33.0))
"""A freehand outline with parts of pixels."""

HIGH_BOX = (26, 24, 36, 34)
MM = (1 / 0.5, 1 / 0.5)
NAMES = (
    "Größe 1, L2.tif",
    "'quoted' \"twice\".tif",
    "=1+1.tif",
    "-minus.tif",
    "@at µ.tif",
    "slice 9.tif",
    "slice 10.tif",
    "脊髓.tif",
)


def _spine(seed: int, shape: tuple[int, ...] = SIZE) -> NDArray[np.float64]:
    """Return grey values from 0 to 1: noise, a brighter cord and a bright lesion in it."""
    rng = np.random.default_rng(SEED + seed)
    values = rng.random(shape) * 0.4
    values[..., 6:60, 18:45] += 0.2
    values[..., 24:34, 26:36] += 0.35
    return values


def _grey(seed: int, top: int, dtype: str, shape: tuple[int, ...] = SIZE) -> NDArray[Any]:
    return (_spine(seed, shape) * top).astype(dtype)


def outline(name: str, points: Sequence[tuple[float, float]], /, **fields: Any) -> bytes:
    """Return a freehand ROI through points."""
    roi = roifile.ImagejRoi.frompoints(np.array(points, np.float32), name=name)
    roi.roitype = roifile.ROI_TYPE.FREEHAND
    return _bytes(roi, fields)


def box(name: str, kind: str, at: tuple[int, int, int, int], /, **fields: Any) -> bytes:
    """Return a rectangle, oval or line by left, top, right and bottom."""
    roi = roifile.ImagejRoi()
    roi.roitype = roifile.ROI_TYPE[kind]
    roi.left, roi.top, roi.right, roi.bottom = at
    if kind == "LINE":
        roi.x1, roi.y1, roi.x2, roi.y2 = map(float, at)
    roi.name = name
    return _bytes(roi, fields)


def _bytes(roi: roifile.ImagejRoi, fields: dict[str, Any]) -> bytes:
    roi.version = 228
    for key, value in fields.items():
        setattr(roi, key, value)
    return bytes(roi.tobytes())


def cord(name: str = "cord", **fields: Any) -> tuple[str, bytes]:
    """Return name and bytes of the usual cord."""
    return name, outline(name, CORD, **fields)


def high(name: str = "high", at: tuple[int, int, int, int] = HIGH_BOX, **fields: Any):  # type: ignore[no-untyped-def]
    """Return name and bytes of an oval high ROI."""
    return name, box(name, "OVAL", at, **fields)


def write_zip(path: Path, rois: Sequence[tuple[str, bytes]]) -> None:
    """Write a RoiSet; names may repeat."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # a repeated name is one of the cases
        for name, data in rois:
            archive.writestr(zipfile.ZipInfo(f"{name}.roi"), data, zipfile.ZIP_DEFLATED)
    path.write_bytes(buffer.getvalue())


def write_tiff(
    path: Path,
    values: NDArray[Any],
    /,
    resolution: tuple[float, float] | None = MM,
    **metadata: Any,
) -> None:
    """Write a TIFF as ImageJ does; without resolution it has no pixel size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {} if resolution is None else {"resolution": resolution}
    if resolution is not None:
        metadata = {"unit": "mm"} | metadata
    tifffile.imwrite(path, values, imagej=True, metadata=metadata, **options)


def _pair(path: Path, values: NDArray[Any], rois: Sequence[tuple[str, bytes]], /, **more: Any):  # type: ignore[no-untyped-def]
    write_tiff(path, values, **more)
    write_zip(path.with_suffix(".zip"), rois)


def _ring() -> NDArray[np.bool_]:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    far = np.hypot(x - 31, y - 30)
    return np.asarray((far < 9) & (far > 4.2) | (np.hypot(x - 24, y - 50) < 3))


def make_images(folder: Path, /) -> Path:
    """Write images that can be measured, several patients with several images each."""
    one = folder / "patient one"
    usual = [cord(), high()]
    _pair(one / "eight.tif", _grey(1, 255, "u1"), usual)
    _pair(one / "sixteen.tif", _grey(2, 4000, "u2"), usual)
    _pair(one / "signed.tif", _grey(3, 3000, "i2") - 700, usual)
    real = _grey(4, 1, "f4") * np.float32(812.3)
    real[30, 30] = np.nan
    _pair(one / "real.tif", real, usual)
    _pair(one / "not square.tif", _grey(5, 900, "u2"), usual, resolution=(1 / 0.35, 1 / 0.9))
    _pair(one / "uncalibrated.tif", _grey(6, 900, "u2"), usual, resolution=None)
    _pair(one / "centimetres.tif", _grey(7, 900, "u2"), usual, resolution=(31.0, 31.0), unit="cm")
    _pair(one / "rgb.tif", np.stack([_grey(i, 255, "u1") for i in (8, 9, 10)], -1), usual)
    function = {"cf": 0, "c0": -5.25, "c1": 0.731, "vunit": "HU"}
    _pair(one / "function.tif", _grey(11, 4000, "u2"), usual, **function)
    tifffile.imwrite(one / "dpi.tif", _grey(12, 255, "u1"), resolution=(150, 150))
    write_zip(one / "dpi.zip", usual)

    two = folder / "patient two, =L2"
    _pair(two / "none.tif", _grey(20, 4000, "u2"), [cord()])
    _pair(
        two / "several.tif",
        _grey(21, 4000, "u2"),
        [
            cord(),
            high("high 1"),
            high("high 2", (30, 28, 40, 50)),
            high("lesion-3", (20, 50, 23, 53)),
        ],
    )
    same = [cord(), high("high"), high("high", (24, 40, 30, 50))]
    _pair(two / "repeated names.tif", _grey(22, 4000, "u2"), same)
    levels = [
        ("cord L2", box("cord L2", "RECT", (20, 4, 40, 30))),
        ("cord L3", box("cord L3", "RECT", (20, 30, 40, 60))),
        high("high L2", (24, 10, 30, 20)),
        high("high-l3-1", (24, 40, 36, 50)),
        high("met L3", (34, 45, 38, 58)),
    ]
    _pair(two / "levels.tif", _grey(23, 4000, "u2"), levels)
    _pair(two / "joined.tif", _grey(24, 4000, "u2"), [cord("cord T12-L1"), high("high")])
    outside = [
        ("cord", box("cord", "RECT", (-6, -4, 40, 50))),
        high("high", (-5, -5, 20, 20)),
        ("Region 1", box("Region 1", "RECT", (50, 50, 60, 60))),
    ]
    _pair(two / "edge.tif", _grey(25, 4000, "u2"), outside)
    _pair(two / "beyond cord.tif", _grey(26, 255, "u1"), [cord(), high("high", (30, 30, 60, 60))])
    larger = [("cord", box("cord", "OVAL", (28, 28, 34, 34))), high("high", (20, 20, 50, 50))]
    _pair(two / "larger.tif", _grey(27, 255, "u1"), larger)
    hole = [cord(), ("high", encode_mask(_ring(), name="high"))]
    _pair(two / "hole.tif", _grey(28, 4000, "u2"), hole)
    groups = [
        ("0001-0030-0030", outline("0001-0030-0030", CORD, group=1)),
        ("0002", box("0002", "OVAL", HIGH_BOX, group=2)),
        ("a line", box("a line", "LINE", (3, 3, 30, 40))),
    ]
    _pair(two / "groups.tif", _grey(29, 4000, "u2"), groups)
    reference = [cord(), ("ref", box("ref", "RECT", (2, 40, 14, 60)))]
    _pair(two / "reference.tif", _grey(30, 4000, "u2"), reference)
    apart = [cord(), high("high", (50, 5, 60, 15))]
    _pair(two / "apart.tif", _grey(31, 4000, "u2"), apart)

    implant = ("implant", box("implant", "OVAL", (30, 28, 60, 52)))
    spared = [*reference, ("artefact", box("artefact", "RECT", (0, 36, 24, 48))), implant]
    _pair(two / "spared.tif", _grey(32, 4000, "u2"), spared)
    _pair(two / "spared high.tif", _grey(33, 255, "u1"), [cord(), *spared[2:], high()])

    stacks = folder / "Stapel"
    positions = [
        cord("cord-1", position=1),
        cord("cord-3", position=3),
        high("high-3", position=3),
        cord("0004-0030-0030 cord"),
    ]
    _pair(stacks / "positions.tif", _grey(40, 4000, "u2", (5, *SIZE)), positions, spacing=3.0)
    _pair(stacks / "everywhere.tif", _grey(41, 255, "u1", (3, *SIZE)), usual)
    _pair(stacks / "no distance.tif", _grey(44, 255, "u1", (2, *SIZE)), usual, spacing=0.0)
    once = [*reference, ("exclude", box("exclude", "RECT", (20, 20, 50, 40), position=2))]
    _pair(stacks / "spared once.tif", _grey(46, 4000, "u2", (3, *SIZE)), once, spacing=3.0)
    no_unit = {"unit": "", "spacing": 0.0}
    _pair(stacks / "no unit.tif", _grey(45, 255, "u1", (2, *SIZE)), usual, **no_unit)
    hyper = [cord("cord", z_position=2), high("high", z_position=2, t_position=1)]
    _pair(stacks / "hyper.tif", _grey(42, 4000, "u2", (2, 3, 2, *SIZE)), hyper, axes="TZCYX")
    differ = io.BytesIO()
    with tifffile.TiffWriter(differ) as writer:
        for size in (SIZE, (32, 32)):
            writer.write(_grey(43, 255, "u1", size), metadata=None)
    (stacks / "differ.tif").write_bytes(differ.getvalue())
    write_zip(stacks / "differ.zip", usual)

    inside = folder / "inside"
    blocks = {
        "Overlays": [cord()[1], high("high 1")[1]],
        "ROI": high("high 2", (30, 40, 38, 50))[1],
    }
    write_tiff(inside / "overlay.tif", _grey(50, 4000, "u2"), **blocks)
    write_tiff(inside / "named.tif", _grey(51, 4000, "u2"))
    write_zip(inside / "named.RoiSet.zip", usual)
    write_tiff(inside / "under.tif", _grey(52, 4000, "u2"))
    write_zip(inside / "under_RoiSet.zip", usual)
    write_tiff(inside / "cord.tif", _grey(53, 4000, "u2"))
    (inside / "cord.roi").write_bytes(cord()[1])
    write_tiff(folder / "alone" / "only.tif", _grey(54, 4000, "u2"))
    write_zip(folder / "alone" / "RoiSet.zip", usual)

    pictures = folder / "png"
    pictures.mkdir()
    for name, values in (("eight", _grey(60, 255, "u1")), ("sixteen", _grey(61, 60000, "u2"))):
        (pictures / f"{name}.png").write_bytes(imagecodecs.png_encode(values))
        write_zip(pictures / f"{name}.zip", usual)
    packed = one / "packed.tif"
    tifffile.imwrite(packed, _grey(62, 4000, "u2"), compression="zlib", resolution=MM)
    write_zip(packed.with_suffix(".zip"), usual)

    named = folder / "Namen"
    for i, name in enumerate(NAMES):
        _pair(named / name, _grey(70 + i, 4000, "u2"), [cord(f"cord Größe {i}"), high("high '1'")])
    return folder


DAMAGED_TAGS = {
    "no height": (257, 0, 65000),
    "no strips": (273, 0, 65000),
    "one bit": (258, 8, 1),
    "resolution outside": (282, 8, 2**31),
    "huge": (257, 8, 2**27),
}
"""Tag, which of its fields (0 its own number, 8 its value), and what stands there."""


def changed_tag(data: bytes, tag: int, field: int, value: int) -> bytes:
    """Return a TIFF with one field of one tag of its first directory changed."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    start = int.from_bytes(data[4:8], order)
    count = int.from_bytes(data[start : start + 2], order)
    for at in range(start + 2, start + 2 + 12 * count, 12):
        if int.from_bytes(data[at : at + 2], order) == tag:
            short = field == 0 or data[at + 2 : at + 4] == (3).to_bytes(2, order)
            place, size = at + field, 2 if short and value < 2**16 else 4
            if size == 4:  # a long, whatever it was
                data = data[: at + 2] + _long_or_same(data[at + 2 : at + 4], order) + data[at + 4 :]
            return data[:place] + value.to_bytes(size, order) + data[place + size :]
    raise KeyError(tag)


def _long_or_same(kind: bytes, order: Literal["little", "big"]) -> bytes:
    return (4).to_bytes(2, order) if kind == (3).to_bytes(2, order) else kind


def in_a_circle(data: bytes) -> bytes:
    """Return a TIFF whose only directory names itself as the next one."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    start = int.from_bytes(data[4:8], order)
    end = start + 2 + 12 * int.from_bytes(data[start : start + 2], order)
    return data[:end] + data[4:8] + data[end + 4 :]


def _damaged_rois() -> dict[str, bytes]:
    traced, ring = bytearray(cord()[1]), bytearray(encode_mask(_ring(), name="cord"))
    ring[64 + 8 : 64 + 12] = b"\x7f\xc0\0\0"
    unknown, wrong, many = bytearray(traced), bytearray(traced), bytearray(ring)
    unknown[6] = 200
    wrong[36:40] = (5).to_bytes(4, "big")
    many[36:40] = (2**30).to_bytes(4, "big")
    return {
        "roi of NaN": bytes(ring),
        "unknown roi": bytes(unknown),
        "wrong composite": bytes(wrong),
        "too many points": bytes(many),
    }


def make_failures(folder: Path, /) -> Path:
    """Write images that must be refused, and one among them that is fine."""
    values = _grey(90, 4000, "u2")
    sets: dict[str, list[tuple[str, bytes]]] = {
        "fine": [cord(), high()],
        "no cord": [high(), ("Größe 'x'", box("Größe 'x'", "RECT", (1, 1, 9, 9)))],
        "two cords": [cord(), cord("whole")],
        "two cords of L2": [cord("cord L2"), cord("whole L2")],
        "two roles": [cord("cord high")],
        "line as cord": [("cord", box("cord", "LINE", (3, 3, 30, 40))), cord("whole")],
        "only a line": [("cord", box("cord", "LINE", (3, 3, 30, 40)))],
        "no cord of level": [cord("cord L2"), high("high L4")],
        "high elsewhere": [cord("cord", position=1), high("high", position=2)],
        "beyond the stack": [cord("cord", position=7)],
        "off the image": [("cord", box("cord", "RECT", (200, 200, 220, 220)))],
        "empty set": [],
    }
    for name, rois in sets.items():
        shape = (2, *SIZE) if name in ("high elsewhere", "beyond the stack") else SIZE
        _pair(folder / f"{name}.tif", _grey(91, 4000, "u2", shape), rois)
    damaged = cord()[1]
    write_tiff(folder / "not a roi.tif", values)
    write_zip(folder / "not a roi.zip", [("cord", b"nothing" * 20)])
    write_tiff(folder / "cut roi.tif", values)
    write_zip(folder / "cut roi.zip", [("cord", damaged[: len(damaged) // 2])])
    for name, data in _damaged_rois().items():
        write_tiff(folder / f"{name}.tif", values)
        write_zip(folder / f"{name}.zip", [("cord", data)])
    for name, (tag, field, value) in DAMAGED_TAGS.items():
        path = folder / f"{name}.tif"
        write_tiff(path, values)
        write_zip(path.with_suffix(".zip"), [cord()])
        path.write_bytes(changed_tag(path.read_bytes(), tag, field, value))
    write_tiff(folder / "not a zip.tif", values)
    (folder / "not a zip.zip").write_bytes(b"nothing")
    write_tiff(folder / "no rois.tif", values)
    (folder / "empty.tif").write_bytes(b"")
    (folder / "text.tif").write_bytes(b"this is no image" * 40)
    write_tiff(folder / "cut.tif", values)
    (folder / "cut.tif").write_bytes((folder / "cut.tif").read_bytes()[:3000])
    write_zip(folder / "cut.zip", [cord()])
    alpha = np.dstack([_grey(92, 255, "u1")] * 4)
    (folder / "alpha.png").write_bytes(imagecodecs.png_encode(alpha))
    write_zip(folder / "alpha.zip", [cord()])
    return folder
