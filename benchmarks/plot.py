"""One picture of the ratios that have a target: how far each is from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.figures import Figure
from benchmarks.report import number

_MET: Final = "#2a6f5a"
_MISSED: Final = "#b3422f"
_TICKS: Final = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def shares_of_target(figures: Sequence[Figure]) -> list[tuple[Figure, float]]:
    """Figures that have a target to reach, with how many times it they are (for an upper bound, the other way)."""
    found = []
    for figure in figures:
        if figure.met is None or not figure.value or not figure.target:
            continue
        share = figure.value / figure.target
        found.append((figure, share if figure.at_least else 1.0 / share))
    return found


def draw(figures: Sequence[Figure], title: str, path: Path) -> None:
    """Write the picture (.png, .svg, .pdf); ImportError without matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    # Differences that must only vanish would stretch the axis over many powers of ten.
    shown = [(f, share) for f, share in shares_of_target(figures) if not f.key.startswith("kernel.difference")]
    if not shown:
        raise ValueError("none of these figures has a target to draw")
    picture, axes = pyplot.subplots(figsize=(9.0, 1.2 + 0.32 * len(shown)), layout="constrained")
    places = range(len(shown), 0, -1)
    colours = [_MET if figure.met else _MISSED for figure, _ in shown]
    axes.hlines(places, 1.0, [share for _, share in shown], color=colours, linewidth=2.0)
    axes.scatter([share for _, share in shown], places, color=colours, zorder=3)
    axes.axvline(1.0, color="black", linewidth=1.0)
    axes.set_xscale("log")
    least, most = min(share for _, share in shown), max(share for _, share in shown)
    axes.set_xlim(min(0.25, least / 4.0), max(4.0, most * 4.0))
    ticks = [t for t in _TICKS if least / 2.0 <= t <= most * 2.0 or t in (0.5, 1, 2)]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    axes.set_yticks(list(places), [figure.text.strip() for figure, _ in shown], fontsize=8)
    for (figure, share), y in zip(shown, places, strict=True):
        left = share < 1.0
        axes.annotate(
            f"{number(figure.value, figure.unit)} of {number(figure.target, '')}",
            (share, y),
            xytext=(-6 if left else 6, 0),
            textcoords="offset points",
            horizontalalignment="right" if left else "left",
            verticalalignment="center",
            fontsize=7,
        )
    axes.set_xlabel("times the target (right of 1: met)")
    axes.set_title(title, fontsize=9)
    picture.savefig(path, dpi=150)
    pyplot.close(picture)
