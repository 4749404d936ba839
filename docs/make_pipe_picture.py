"""Draw docs/images/pipe.svg: the way of one image through ``pyrhi measure``."""

from __future__ import annotations

from pathlib import Path

TARGET = Path(__file__).parent / "images" / "pipe.svg"
STEPS = (
    ("plan", "which images,\nROIs, masks", "batch/plan.py"),
    ("resume", "done before,\nunchanged?", "batch/resume.py\nbatch/journal.py"),
    ("measure", "read, mask,\nmeasure, RHI", "batch/quick.py or\nbatch/measure.py"),
    ("name", "hide whom a\nheader names", "batch/names.py"),
    ("write", "rows as they\ncome", "batch/journal.py\nbatch/write.py"),
    ("summarise", "one row for\neach patient", "batch/summarise.py"),
)
WIDTH, HEIGHT, GAP, TOP, LEFT = 132, 96, 26, 40, 12
CARRIED = ("Task", "Item", "ImageRecord", "NamedRecord", "NamedRecord")


def lines(text: str, x: float, y: float, size: int, style: str) -> str:
    """Text of several lines, centred."""
    return "".join(
        f'<text x="{x}" y="{y + i * size * 1.25:.1f}" font-size="{size}" {style}>{line}</text>'
        for i, line in enumerate(text.split("\n"))
    )


def main() -> None:
    """Write the picture."""
    total = LEFT * 2 + len(STEPS) * WIDTH + (len(STEPS) - 1) * GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} 212" '
        'font-family="sans-serif" text-anchor="middle" role="img" '
        'aria-label="plan, resume, measure, name, write, summarise">',
        f'<rect width="{total}" height="212" fill="#ffffff"/>',
        '<defs><marker id="a" markerWidth="9" markerHeight="8" refX="7" refY="4" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z" fill="#444"/></marker></defs>',
    ]
    for number, (name, what, where) in enumerate(STEPS):
        x = LEFT + number * (WIDTH + GAP)
        fill = "#fde8d7" if name == "name" else "#e5f1fb"
        parts.append(
            f'<rect x="{x}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{fill}" '
            'stroke="#567"/>'
        )
        middle = x + WIDTH / 2
        parts.append(lines(name, middle, TOP + 26, 17, 'font-weight="bold" fill="#123"'))
        parts.append(lines(what, middle, TOP + 52, 13, 'fill="#234"'))
        parts.append(lines(where, middle, TOP + HEIGHT + 22, 12, 'fill="#567"'))
        if number + 1 < len(STEPS):
            at, end = x + WIDTH, x + WIDTH + GAP
            y = TOP + HEIGHT / 2
            parts.append(
                f'<path d="M{at},{y} H{end - 2}" stroke="#444" stroke-width="2" '
                'marker-end="url(#a)"/>'
            )
            parts.append(lines(CARRIED[number], at + GAP / 2, TOP - 14, 12, 'fill="#842"'))
    parts.append(
        lines(
            "batch/workers.py or batch/cluster.py: threads, processes, a cluster",
            LEFT + 2 * (WIDTH + GAP) + WIDTH / 2,
            TOP + HEIGHT + 62,
            12,
            'fill="#567"',
        )
    )
    parts.append("</svg>")
    TARGET.write_text("\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
