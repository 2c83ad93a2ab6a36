"""Reading robomimic's HDF5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from muse.core.errors import DataError
from muse.datasets.formats.demo_hdf5 import DemoHdf5, has_data_attribute, parsed

_NAMES = {"actions": "action", "rewards": "reward", "states": "states"}


class RobomimicHdf5(DemoHdf5):
    """`data/demo_<i>/{obs,actions,rewards,states}`, subsets in `mask/`, `env_args` on `data`.

    `obs/<k>` is named `<k>`; a dot in it becomes `/`, since robomimic allows no nested names.
    """

    summary: ClassVar[str] = "robomimic HDF5, with mask/ as subsets"

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return has_data_attribute(path, "env_args")

    def name_of(self, key: str) -> str | None:
        if key.startswith("next_obs/"):
            self.leave_out(key, "obs one step on")
        elif key == "dones":
            self.leave_out(key, "done follows from where episodes end")
        else:
            return _NAMES.get(key) or key.removeprefix("obs/").replace(".", "/")
        return None

    @property
    def info(self) -> Mapping[str, Any]:
        about = {n: parsed(v) for n, v in super().info.items()}
        args = about.get("env_args")
        if isinstance(args, dict):
            about["env"] = args.get("env_name")
            settings = args.get("env_kwargs")
            if isinstance(settings, dict) and "control_freq" in settings:
                about["fps"] = settings["control_freq"]
        return about

    @property
    def filters(self) -> Mapping[str, Sequence[int]]:
        if "mask" not in self._reader:
            return {}
        number = {demo: i for i, demo in enumerate(self.demos)}
        subsets = {}
        for name in self._reader.arrays("mask"):
            members = [_text(m) for m in self._reader.read(f"mask/{name}").reshape(-1).tolist()]
            unknown = [m for m in members if m not in number]
            if unknown:
                raise DataError(
                    f"{self.path}: mask/{name} names {unknown[0]!r}, which data does not hold; "
                    "expected names such as demo_0; mend the mask"
                )
            subsets[name] = sorted(number[m] for m in members)
        return subsets


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
