"""Figures as SVG text for inlining.

The SVGs take their colours from the page's CSS variables, so they follow its light or dark theme:
matplotlib draws with placeholder colours, which are then replaced.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from muse.trainers.report.parts import Bar, Curve

_INK, _SOFT, _GRID = "#010203", "#010204", "#010205"
_SERIES = tuple(f"#0102{i:02x}" for i in range(0x10, 0x16))
_VARIABLES = {
    _INK: "var(--ink)",
    _SOFT: "var(--soft)",
    _GRID: "var(--line)",
    **{colour: f"var(--s{i})" for i, colour in enumerate(_SERIES)},
}
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "muse",
    "font.family": "sans-serif",
    "font.size": 10.0,
    "text.color": _INK,
    "axes.labelcolor": _SOFT,
    "axes.edgecolor": _GRID,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
    "grid.color": _GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def curves_svg(curves: Sequence[Curve]) -> str:
    """Line chart of curves over training steps; a log axis where values span decades."""
    with _axes(6.0, 3.0) as (figure, axes):
        values = [v for curve in curves for v in curve.values if math.isfinite(v)]
        if values and min(values) > 0 and max(values) / min(values) > 50:
            axes.set_yscale("log")
        for index, curve in enumerate(curves):
            colour = _SERIES[index % len(_SERIES)]
            axes.plot(curve.steps, curve.values, color=colour, linewidth=1.8, label=curve.label)
            if len(curve.steps) == 1:
                axes.plot(curve.steps, curve.values, "o", color=colour)
        axes.set_xlabel("training step")
        axes.grid(True, axis="y", linewidth=0.6)
        if curves:
            axes.legend(frameon=False, labelcolor=_INK)
        return _svg(figure)


def bars_svg(bars: Sequence[Bar]) -> str:
    """Horizontal bars of rates with their 95 % intervals."""
    with _axes(7.0, 0.7 + 0.55 * len(bars)) as (figure, axes):
        for row, bar in enumerate(bars):
            colour = _SERIES[row % len(_SERIES)]
            axes.barh(row, bar.value, height=0.62, color=colour)
            # The interval lies above the bar, so it is seen on any colour and at 0 and 1.
            axes.plot([bar.low, bar.high], [row, row], color=_INK, linewidth=1.6)
            for end in (bar.low, bar.high):
                axes.plot([end, end], [row - 0.14, row + 0.14], color=_INK, linewidth=1.6)
            label = bar.note or f"{100 * bar.value:.0f} %"
            axes.text(1.02, row, label, va="center", color=_INK)
        axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0, labelcolor=_INK)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
        axes.grid(True, axis="x", linewidth=0.6)
        axes.set_axisbelow(True)
        return _svg(figure)


@contextmanager
def _axes(width: float, height: float) -> Iterator[tuple[Figure, Any]]:
    """A figure outside pyplot, so that no global state or display is touched."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        axes.patch.set_alpha(0.0)
        figure.patch.set_alpha(0.0)
        yield figure, axes


def _svg(figure: Figure) -> str:
    """The figure as an `<svg>` element that scales with the page and follows its theme."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, variable)
    head, _, rest = text.partition(">")
    width = head.split('width="')[1].split('"')[0]
    height = head.split('height="')[1].split('"')[0]
    head = head.replace(f'width="{width}"', 'width="100%"').replace(f' height="{height}"', "")
    return f"{head}>{rest}"
