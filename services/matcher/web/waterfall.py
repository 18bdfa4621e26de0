"""How a match weight comes about, as a picture: each part goes on from where the one before it ended.

The same numbers stand in a table beside it; the picture is made here, so that it prints, and needs no script.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, LABELS, ROW, MARGIN = (
    720,
    250,
    26,
    18,
)  # of the picture, its left side, a bar's room, above and below; in px
_BAR = 16
_LEAST = 2.0  # px of a bar that weighs next to nothing


@dataclass(frozen=True, slots=True)
class Bar:
    """One part: what it is called, what it adds (log2)."""

    label: str
    weight: float


def waterfall(bars: Sequence[Bar], *, link: float, review: float) -> Markup:
    """The picture of parts that add up to a weight, with the lines of linking and of review (log2)."""
    ends, reached = [], 0.0
    for bar in bars:
        ends.append((reached, reached + bar.weight))
        reached += bar.weight
    values = [0.0, link, review, *(end for pair in ends for end in pair)]
    low, high = min(values), max(values)
    scale = (WIDTH - LABELS - 2 * MARGIN) / ((high - low) or 1.0)

    def x(value: float) -> float:
        return round(LABELS + MARGIN + (value - low) * scale, 1)

    height = ROW * (len(bars) + 1) + 2 * MARGIN
    said = f"Weights that add up to {reached:+.1f}; linked from {link:+.1f}, in review from {review:+.1f}"
    drawn = [
        Markup('<line class="mark {}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            name, x(at), x(at), MARGIN, height - MARGIN
        )
        for name, at in (("nought", 0.0), ("review", review), ("link", link))
    ]
    drawn += [
        _drawn(number, bar, x(start), x(end))
        for number, (bar, (start, end)) in enumerate(zip(bars, ends, strict=True))
    ]
    drawn.append(_drawn(len(bars), Bar("In all", reached), x(0.0), x(reached), total=True))
    return Markup('<svg class="waterfall" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>').format(
        said, WIDTH, height, Markup("").join(drawn)
    )


def _drawn(number: int, bar: Bar, start: float, end: float, *, total: bool = False) -> Markup:
    top = MARGIN + ROW * number
    kind = "total" if total else "for" if bar.weight >= 0 else "against"
    left, width = min(start, end), max(_LEAST, abs(end - start))
    middle = top + _BAR / 2 + 5
    return Markup(
        '<text x="{}" y="{}" text-anchor="end">{}</text><rect class="{}" x="{}" y="{}" width="{}" height="{}"/>'
    ).format(LABELS, middle, f"{bar.label} {bar.weight:+.1f}", kind, left, top, round(width, 1), _BAR)
