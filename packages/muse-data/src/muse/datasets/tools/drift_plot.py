"""Drift curves as a small SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from muse.datasets.tools.replay import Drift
from muse.experiments import atomic

_WIDTH, _HEIGHT, _LEFT, _TOP = 640, 200, 64, 34
_DECADES = 1e-6  # of the largest distance: where the axis begins
_STYLE = """
svg { background: #ffffff; font: 12px system-ui, sans-serif; color-scheme: light dark; }
text { fill: #5d6678; } .title { fill: #1d2330; font-weight: 600; font-size: 13px; }
line { stroke: #dfe2e8; } path { fill: none; stroke: #2f6fdb; stroke-opacity: .35; }
path.median { stroke: #e07a1f; stroke-opacity: 1; stroke-width: 2.5; }
@media (prefers-color-scheme: dark) {
  svg { background: #14171e; } text { fill: #9aa4b6; } .title { fill: #e8ebf1; }
  line { stroke: #323a48; } path { stroke: #6ea2ff; } path.median { stroke: #f5a353; }
}
"""


def write_drift_plot(path: Path, drifts: Sequence[Drift]) -> None:
    """Draw distance over steps: a chart for each observation, a line for each episode.

    The axis is logarithmic. The median over the episodes still running is drawn thick.
    """
    names, last = list(drifts[0].distances), max(int(drift.steps[-1]) for drift in drifts)
    charts = [
        _chart(name, [drift.distances[name] for drift in drifts], last, i * (_HEIGHT + 2 * _TOP))
        for i, name in enumerate(names)
    ]
    width, height = _WIDTH + _LEFT + 20, len(names) * (_HEIGHT + 2 * _TOP)
    atomic.write_text(
        path,
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">\n<style>{_STYLE}</style>\n{"".join(charts)}</svg>\n',
    )


def _chart(name: str, curves: Sequence[NDArray[np.float64]], last: int, top: float) -> str:
    longest = max(len(curve) for curve in curves)
    highest = max(float(np.max(curve)) for curve in curves) or 1.0
    floor = highest * _DECADES  # drift grows by orders of magnitude: the axis is logarithmic
    padded = np.full((len(curves), longest), np.nan)
    for row, curve in zip(padded, curves, strict=True):
        row[: len(curve)] = curve
    base = top + _TOP + _HEIGHT
    padded = np.log10(np.maximum(padded, floor) / floor) / -np.log10(_DECADES)
    lines = [f'<path d="{_path(row[np.isfinite(row)], longest, base)}"/>' for row in padded]
    if len(curves) > 1:
        median = _path(np.nanmedian(padded, axis=0), longest, base)
        lines.append(f'<path class="median" d="{median}"/>')
    right = _LEFT + _WIDTH
    return (
        f'<text class="title" x="{_LEFT}" y="{top + 20}">{escape(name)}: distance to the '
        f"recording</text>\n"
        f'<line x1="{_LEFT}" x2="{right}" y1="{base}" y2="{base}"/>\n'
        f'<line x1="{_LEFT}" x2="{_LEFT}" y1="{base - _HEIGHT}" y2="{base}"/>\n'
        f'<text x="{_LEFT - 8}" y="{base}" text-anchor="end">{floor:.3g}</text>\n'
        f'<text x="{_LEFT - 8}" y="{base - _HEIGHT + 8}" text-anchor="end">{highest:.3g}</text>\n'
        f'<text x="{_LEFT}" y="{base + 16}">step 0</text>\n'
        f'<text x="{right}" y="{base + 16}" text-anchor="end">{last}</text>\n'
        + "\n".join(lines)
        + "\n"
    )


def _path(shares: NDArray[np.float64], longest: int, base: float) -> str:
    """Return the path of values given as shares of the height."""
    across = _WIDTH / max(longest - 1, 1)
    points = [
        f"{_LEFT + i * across:.1f} {base - _HEIGHT * share:.1f}"
        for i, share in enumerate(shares.tolist())
    ]
    return "M" + "L".join(points)
