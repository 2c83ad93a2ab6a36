"""Reading what robosuite's own collection scripts write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from muse.datasets.formats.demo_hdf5 import DemoHdf5, has_data_attribute, parsed

_NAMES = {"actions": "action"}


class RobosuiteHdf5(DemoHdf5):
    """`demo.hdf5` of robosuite 1.0 to 1.5: `states` and `actions`, no observations.

    What a policy sees has to be rendered from `states` with `muse data replay`, in the environment
    that `info` names.
    """

    summary: ClassVar[str] = "robosuite's raw demo.hdf5: states and actions"

    def __init__(self, path: Path) -> None:
        super().__init__(path / "demo.hdf5" if path.is_dir() else path)

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return has_data_attribute(path / "demo.hdf5" if path.is_dir() else path, "env")

    def name_of(self, key: str) -> str | None:
        return _NAMES.get(key, key)

    @property
    def info(self) -> Mapping[str, Any]:
        about = {n: parsed(v) if n == "env_info" else v for n, v in super().info.items()}
        settings = about.get("env_info")
        if isinstance(settings, dict) and "control_freq" in settings:
            about["fps"] = settings["control_freq"]
        return about
