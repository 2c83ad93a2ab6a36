"""Working out every Field, in the order they depend on each other."""

from __future__ import annotations

from typing import Any

from muse.configs.draft import Draft, clone, join, nodes, parent
from muse.configs.field import Field, holds_field
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, suggest

_ABSENT: Any = object()


def resolve_fields(draft: Draft) -> None:
    """Replace every Field in the draft by its value.

    Raises:
        ConfigError: an anchor is missing, Fields depend on each other in a circle, or a Field's
            function fails; the error names the Field's path.
    """
    _Resolver(draft).run()


def find_anchor(tree: AttrDict, scope: str, anchor: str, own: str = "") -> str | None:
    """Return the path that `anchor` means in the node at `scope`; see `Field`. None if absent.

    Args:
        own: the path of who asks, which is passed over.
    """
    for candidate in candidates(scope, anchor):
        if candidate != own and candidate in tree:
            return candidate
    return None


def candidates(scope: str, anchor: str) -> list[str]:
    """Return the full paths that `anchor` may mean in the node at `scope`, nearest first.

    Raises:
        ConfigError: it leads above the root or is no path.
    """
    if anchor.startswith("/"):
        return [anchor.strip("/")]
    parts = anchor.split("/")
    if parts[0] in (".", ".."):
        steps = scope.split("/") if scope else []
        for part in parts:
            if part == "..":
                if not steps:
                    raise ConfigError(f"{anchor!r} leads above the root of the config")
                steps = steps[:-1]
            elif part != ".":
                steps = [*steps, part]
        return ["/".join(steps)]
    found = [join(scope, anchor)]
    while scope:
        scope = parent(scope)
        found.append(join(scope, anchor))
    return found


class _Resolver:
    """Depth-first evaluation with the path of Fields in progress, for the cycle error."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.tree = draft.tree
        self.busy: list[str] = []

    def run(self) -> None:
        while pending := next(self._pending(""), None):
            self.resolve(pending)

    def resolve(self, path: str) -> None:
        """Replace the Field (or the list with Fields) at `path` by its value."""
        if path in self.busy:
            circle = " → ".join([*self.busy[self.busy.index(path) :], path])
            raise ConfigError(
                f"Fields depend on each other in a circle: {circle}; give one of them a value"
            )
        self.busy.append(path)
        anchors: list[str] = []
        value = self._value(path, self.tree[path], anchors)
        self.busy.pop()
        field = self.tree[path]
        self.draft.set(path, value, "Field ← " + ", ".join(dict.fromkeys(anchors)))
        self.draft.links[path] = tuple(anchors)
        if isinstance(field, Field):
            self.draft.fns[path] = field.fn
        if isinstance(value, AttrDict):
            self.draft.references.add(path)

    def _value(self, path: str, value: Any, anchors: list[str]) -> Any:
        if isinstance(value, Field):
            found = [self._anchor(path, anchor) for anchor in value.anchors]
            anchors.extend(found)
            arguments = [clone(self.tree[a] if a else self.tree) for a in found]
            try:
                result = clone(value.fn(*arguments))
            except Exception as error:
                given = ", ".join(f"{a}={v!r}" for a, v in zip(found, arguments, strict=True))
                raise ConfigError(
                    f"{path} = {value!r} failed on {given}: {type(error).__name__}: {error}"
                ) from error
            if holds_field(result):
                raise ConfigError(f"{path} = {value!r} gave another Field: expected a value")
            return result
        if type(value) in (list, tuple):
            return type(value)(self._value(path, item, anchors) for item in value)
        if type(value) is dict:
            return {key: self._value(path, item, anchors) for key, item in value.items()}
        return value

    def _anchor(self, path: str, anchor: str) -> str:
        """Return the full path of an anchor, all in and on the way to it being resolved."""
        try:
            places = candidates(parent(path), anchor)
        except ConfigError as error:
            raise ConfigError(f"{path} = Field({anchor!r}): {error}") from None
        # What the config says anywhere outwards comes before the defaults of classes, so that a
        # Field means the same whether or not the class it stands in is installed.
        for place in [*filter(self._is_written, places), *places]:
            if place != path and self._reach(place) is not _ABSENT:
                for inner in list(self._pending(place)):
                    if holds_field(self.tree.get(inner)):  # not resolved on the way meanwhile
                        self.resolve(inner)
                return place
        everything = [p for p in self.tree.node_leaf_keys() if p != path]
        near = suggest(anchor.lstrip("./"), everything) or _same_tail(anchor, everything)
        where = ", ".join("/" + p + (" (itself)" if p == path else "") for p in places)
        raise ConfigError(
            f"{path} = Field({anchor!r}): there is no such value; looked for {where}.{near}"
        )

    def _is_written(self, place: str) -> bool:
        return not any(
            place == path or place.startswith(path + "/") for path in self.draft.defaults
        )

    def _reach(self, place: str) -> Any:
        """Return what is at `place`, resolving Fields (that become groups) on the way there."""
        here: Any = self.tree
        walked = ""
        for part in place.split("/") if place else []:
            if isinstance(here, Field):
                self.resolve(walked)
                here = self.tree[walked]
            if not isinstance(here, AttrDict) or part not in here:
                return _ABSENT
            walked = join(walked, part)
            here = here[part]
        return here

    def _pending(self, path: str) -> Any:
        """Yield the paths of unresolved leaves at and below `path`."""
        value = self.tree[path] if path else self.tree
        if not isinstance(value, AttrDict):
            if holds_field(value):
                yield path
            return
        for where, node in nodes(value, path):
            for key, leaf in list(node.items()):
                if not isinstance(leaf, AttrDict) and holds_field(leaf):
                    yield join(where, key)


def _same_tail(anchor: str, paths: list[str]) -> str:
    tail = anchor.rpartition("/")[2]
    near = [p for p in paths if p.rpartition("/")[2] == tail][:3]
    return f" Did you mean {' or '.join(repr('/' + p) for p in near)}?" if near else ""
