"""What a report holds, and how it becomes one HTML file."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from muse.core.errors import MissingExtraError
from muse.experiments import atomic
from muse.trainers.report.parts import Bar, Clip, Curve


@dataclass
class Report:
    """Everything one page shows; what is empty is left out.

    Attributes:
        title: heading of the page.
        lead: one or two sentences below it.
        columns, rows: the table of results.
        bars: success rates, with `bars_title` above.
        curves: figure title -> its curves.
        clips: group title -> rollouts.
        settings: section title -> name -> value.
    """

    title: str
    lead: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    bars_title: str = "Success"
    bars: Sequence[Bar] = ()
    curves: Mapping[str, Sequence[Curve]] = field(default_factory=dict)
    clips: Mapping[str, Sequence[Clip]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def write_report(path: str | Path, report: Report) -> Path:
    """Write `report` as one HTML file that needs nothing beside it.

    Raises:
        MissingExtraError: jinja2, matplotlib or pillow is not installed.
        MuseError: the file cannot be written.
    """
    try:
        import jinja2

        from muse.trainers.report import figures, pictures
    except ImportError as error:
        raise MissingExtraError("the HTML report", "muse-train", "report") from error
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("muse.trainers.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template("report.html.j2").render(
        report=report,
        bars=figures.bars_svg(report.bars) if report.bars else "",
        curves={title: figures.curves_svg(c) for title, c in report.curves.items() if c},
        clips={
            title: [(clip, pictures.gif_uri(clip.frames)) for clip in clips if len(clip.frames)]
            for title, clips in report.clips.items()
        },
        written=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        versions=_versions(),
    )
    path = Path(path)
    atomic.write_text(path, html)
    return path


def _versions() -> str:
    """Python, platform and the packages the numbers depend on, in one line."""
    parts = [f"Python {platform.python_version()}", platform.platform(terse=True)]
    for name in ("muse-train", "torch", "numpy", "pymunk", "gymnasium"):
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return " · ".join(parts)
