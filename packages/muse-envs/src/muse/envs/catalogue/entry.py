"""`Entry`: what the catalogue knows of one environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from muse.core.attrdict import AttrDict


@dataclass(frozen=True)
class Entry:
    """One environment of the catalogue.

    Args:
        name: how `muse envs` calls it, lower case with dashes: `push-t`.
        cls: import path of the class.
        summary: one line: what is to be done.
        extra: the extra of muse-envs that brings its simulator; None when it needs none.
        params: what differs from the class's defaults.
        image_params: what to add for an image observation; None when it has none.
        expert: import path of the scripted policy that solves it; None when there is none.
        expert_params: parameters of that policy.
        presets: presets to try in a check, each honoured by the first observation.
    """

    name: str
    cls: str
    summary: str
    extra: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    image_params: Mapping[str, Any] | None = None
    expert: str | None = None
    expert_params: Mapping[str, Any] = field(default_factory=dict)
    presets: Mapping[str, Any] | None = None

    def group(self, image: bool = False, **overrides: Any) -> AttrDict:
        """Return the config group that `make` builds the environment from.

        Args:
            image: with the image observation.
            overrides: parameters on top.
        """
        added = (self.image_params or {}) if image else {}
        return AttrDict({"cls": self.cls, **self.params, **added, **overrides})
