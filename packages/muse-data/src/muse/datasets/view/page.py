"""One HTML file that shows a data set and needs nothing beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import MissingExtraError
from muse.datasets.formats.roles import roles_of
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.tools.column_check import flat_size
from muse.datasets.tools.examination import Examination
from muse.datasets.view.film_strips import FilmStrips
from muse.datasets.view.series import ColumnSeries, stride_of
from muse.experiments import atomic

_FRAME_BYTES = 64 << 10  # about what a page has without data
_ORDER = ("action", "observation", "output", "extra", "param")


class Page:
    """The page of a data set.

    Args:
        source: the data set.
        found: what `examine` found in it.
        episodes: the episodes that can be looked at; their own numbers are shown.
        max_mb: MiB the file should not exceed; pictures get smaller and fewer to fit.

    Raises:
        MissingExtraError: jinja2, or pillow for pictures, is not installed.
    """

    def __init__(
        self,
        source: EpisodeSource,
        found: Examination,
        episodes: Sequence[int],
        max_mb: float = 25.0,
    ) -> None:
        try:
            import jinja2
        except ImportError as error:
            raise MissingExtraError("the page of a data set", "muse-data", "view") from error
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("muse.datasets.view", "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._source = source
        self._found = found
        self._episodes = list(episodes)
        self._bytes = max_mb * 2**20

    def write(self, path: Path, advance: Callable[[], None] = lambda: None) -> None:
        """Write the page, atomically; `advance` is called after each episode."""
        series = self._series()
        points = sum(each.bytes_of(self._source.lengths[self._episodes]) for each in series)
        cameras = [c for c in self._source.columns() if c.is_image]
        room = max(0.95 * self._bytes - points - _FRAME_BYTES, 0.05 * self._bytes)
        films = FilmStrips(self._source, cameras, len(self._episodes), room) if cameras else None
        strips = []
        for episode in self._episodes:
            for each in series:
                each.add(self._source, episode)
            strips.append(films.strips(self._source, episode) if films else {})
            advance()
        page = self._environment.get_template("page.html.j2").render(
            title=self._source.path.name,
            found=self._found,
            lengths=self._found.lengths,
            drawn=len(self._episodes),
            facts=self._facts(),
            data=_script_json(self._data(series, strips)),
            written=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        )
        atomic.write_text(path, page)

    def _series(self) -> list[ColumnSeries]:
        roles = roles_of(self._source)

        def is_drawn(column: Column) -> bool:
            numeric = column.dtype.kind in "fiub" and column.name in self._found.statistics
            return numeric and column.per == "step" and not column.is_image

        columns = [c for c in self._source.columns() if is_drawn(c)]
        columns.sort(key=lambda c: _ORDER.index(roles[c.name]))
        return [
            ColumnSeries(c, self._found.statistics[c.name], roles[c.name], self._labels(c))
            for c in columns
        ]

    def _labels(self, column: Column) -> list[str]:
        """Return what the dimensions of a column are called, if `info` has `names` of them."""
        names = self._source.info.get("names")
        found = names.get(column.source, ()) if isinstance(names, Mapping) else ()
        return [str(each) for each in np.asarray(found).reshape(-1)] if found else []

    def _data(self, series: list[ColumnSeries], strips: list[dict[str, Any]]) -> dict[str, Any]:
        lengths = self._source.lengths[self._episodes]
        per_episode = [
            c.name for c in self._source.columns() if c.per == "episode" and flat_size(c) <= 8
        ]
        once = [{n: _words(self._source.read(n, i)) for n in per_episode} for i in self._episodes]
        names = {i: [k for k, v in self._source.filters.items() if i in v] for i in self._episodes}
        return {
            "episodes": self._episodes,
            "lengths": lengths.tolist(),
            "strides": [stride_of(int(length)) for length in lengths],
            "fps": self._source.info.get("fps"),
            "columns": [each.as_json() for each in series],
            "strips": strips,
            "once": once,
            "filters": [names[i] for i in self._episodes],
        }

    def _facts(self) -> list[tuple[str, str]]:
        """Further things that are known of the whole."""
        shown = []
        for name, value in self._source.info.items():
            if name == "names":  # they label the charts
                continue
            text = value if isinstance(value, str) else json.dumps(value, default=str)
            shown.append((name, text if len(text) <= 300 else text[:300] + " …"))
        for name, episodes in self._source.filters.items():
            shown.append((f"filter {name}", f"{len(episodes)} episodes"))
        return shown


def _words(value: NDArray[Any]) -> str:
    """Return the value of an episode column as text."""
    items = np.asarray(value).reshape(-1).tolist()
    return ", ".join(f"{item:.6g}" if isinstance(item, float) else str(item) for item in items)


def _script_json(data: Any) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
