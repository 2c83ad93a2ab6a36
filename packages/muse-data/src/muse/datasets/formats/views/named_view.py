"""A source with other column names, or fewer columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError, suggest
from muse.core.spec import EnvSpec
from muse.datasets.formats.roles import default_spec
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.formats.views.source_view import SourceView


class NamedView(SourceView):
    """Renames and drops columns, in the env spec too.

    Args:
        base: the source.
        rename: old name -> new name.
        drop: names left out.

    Raises:
        DataError: a name is not there, or a new name is taken.
    """

    def __init__(
        self,
        base: EpisodeSource,
        rename: Mapping[str, str] | None = None,
        drop: Collection[str] = (),
    ) -> None:
        super().__init__(base)
        self._rename = dict(rename or {})
        self._drop = set(drop)
        names = [c.name for c in base.columns()]
        for name in (*self._rename, *self._drop):
            if name not in names:
                raise DataError(
                    f"{base.path} has no column {name!r}; it has: {', '.join(names)}."
                    f"{suggest(name, names)}"
                )
        self._old: dict[str, str] = {}
        for name in names:
            if name not in self._drop:
                self._take(self._rename.get(name, name), name)

    def _take(self, new: str, old: str) -> None:
        if new in self._old:
            raise DataError(
                f"{self.path}: both {self._old[new]!r} and {old!r} would be named {new!r}; rename "
                "or drop one of them"
            )
        self._old[new] = old

    def columns(self) -> list[Column]:
        old = {c.name: c for c in self.base.columns()}
        return [replace(old[name], name=new) for new, name in self._old.items()]

    def read(self, name: str, episode: int) -> NDArray[Any]:
        return self.base.read(self._old[name], episode)

    def spec_params(self) -> AttrDict | None:
        params = self.base.spec_params()
        if params is None:
            return None
        params = params.copy()
        params["names_shapes_limits_dtypes"] = [
            (self._rename.get(row[0], row[0]), *row[1:])
            for row in params["names_shapes_limits_dtypes"]
            if row[0] not in self._drop
        ]
        by_name, here = default_spec(self.base.columns()), default_spec(self.columns())
        goes_by_name = all(params.get(g, []) == by_name.get(g, []) for g in EnvSpec.groups)
        for group in EnvSpec.groups:
            if goes_by_name:  # a new name may say that a column is something else
                params[group] = here.get(group, [])
            elif group in params:
                kept = [name for name in params[group] if name not in self._drop]
                params[group] = [self._rename.get(name, name) for name in kept]
        return params
