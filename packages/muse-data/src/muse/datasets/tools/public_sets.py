"""Public data sets that can be fetched by name.

Addresses and sizes are those their authors publish. Where no checksum is known, the first download
is taken as it is and remembered (`Download`).
"""

from __future__ import annotations

from dataclasses import dataclass

_CHI = "https://diffusion-policy.cs.columbia.edu/data/training"
_ROBOMIMIC = "http://downloads.cs.stanford.edu/downloads/rt_benchmark"
_D4RL = "http://rail.eecs.berkeley.edu/datasets/offline_rl"


@dataclass(frozen=True)
class PublicSet:
    """A data set somebody publishes.

    Args:
        name: what to call it, also its place below data/.
        url: where it is.
        about: one line.
        origin: who made it.
        mebibytes: about how large it is; None where nobody says.
        sha256: checksum of the file, None where none is published.
    """

    name: str
    url: str
    about: str
    origin: str
    mebibytes: float | None = None
    sha256: str | None = None

    @property
    def filename(self) -> str:
        """The last part of the address."""
        return self.url.rpartition("/")[2]


def _robomimic() -> list[PublicSet]:
    """The simulated low-dimensional sets, in the layout of robosuite 1.4 (`_v141`)."""
    kinds = {
        "ph": ("one skilled person, 200 demonstrations", "lift can square transport tool_hang"),
        "mh": ("six people of unlike skill, 300 demonstrations", "lift can square transport"),
    }
    return [
        PublicSet(
            f"robomimic/{task}_{kind}",
            f"{_ROBOMIMIC}/{task}/{kind}/low_dim_v141.hdf5",
            f"robomimic {task.replace('_', ' ')}, {about}, no pictures",
            "Mandlekar et al. 2021",
        )
        for kind, (about, tasks) in kinds.items()
        for task in tasks.split()
    ]


def _adroit() -> list[PublicSet]:
    return [
        PublicSet(
            f"adroit/{task}_human",
            f"{_D4RL}/hand_dapg_v1/{task}-human-v1.hdf5",
            f"Adroit hand, {task}, 25 human demonstrations (D4RL)",
            "Rajeswaran et al. 2018; Fu et al. 2020",
        )
        for task in ("door", "hammer", "pen", "relocate")
    ]


def _kitchen() -> list[PublicSet]:
    files = {
        "complete": (
            "mini_kitchen_microwave_kettle_light_slider-v0.hdf5",
            556_544,
            "cd797c38cd52dfbe3f960cef73935cc724847abd189e47a703a7a2315ed60a81",
        ),
        "partial": (
            "kitchen_microwave_kettle_light_slider-v0.hdf5",
            19_558_459,
            "57bfd9c5fe88a7cf702bbaf8b7cd800d30cd869e7f73416007238d26cd859800",
        ),
        "mixed": (
            "kitchen_microwave_kettle_bottomburner_light-v0.hdf5",
            19_560_760,
            "a30382a50278fdaea2e2d88e5f2836a95bcf9b581d252617872fd6537302721b",
        ),
    }
    return [
        PublicSet(
            f"kitchen/{name}",
            f"{_D4RL}/kitchen/{file}",
            f"Franka kitchen, {name} demonstrations (D4RL)",
            "Gupta et al. 2019; Fu et al. 2020",
            size / 2**20,
            checksum,
        )
        for name, (file, size, checksum) in files.items()
    ]


#: Name -> data set.
PUBLIC_SETS = {
    each.name: each
    for each in (
        PublicSet("pusht", f"{_CHI}/pusht.zip", "Push-T, 206 human episodes", "Chi et al. 2023"),
        PublicSet(
            "pusht_real", f"{_CHI}/pusht_real.zip", "Push-T on a real UR5, video", "Chi et al. 2023"
        ),
        *_robomimic(),
        *_adroit(),
        *_kitchen(),
    )
}
