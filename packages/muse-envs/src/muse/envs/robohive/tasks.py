"""The tasks of RoboHive that `RoboHiveEnv` offers, by name.

Three kinds of names lead to a task:

* RoboHive's own: `FrankaReachRandom-v0`, `FK1_LightOnRandom-v4`, `door-v1`;
* RoboHive's visual ones, with `_v2d`: `FrankaReachRandom_v2d-v0`;
* RLHive's visual ones: `visual_` before a name of RoboHive, and the older names that RLHive's own
  documents list, `visual_kitchen_light_on-v3` for `visual_FK1_LightOnRandom-v4`.

A visual task shows its cameras and, of the vector, the robot's own joints alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from muse.core.errors import EnvError, suggest
from muse.envs.robohive.suites import ADROIT, APPLIANCE, KITCHEN, PICK_PLACE, REACH, Suite

#: What the kitchen's names ask for: name -> steps.
_KITCHEN_STEPS = {
    f"{thing}{state}": 50
    for things, states in (
        (("Knob1", "Knob2", "Knob3", "Knob4", "Light"), ("On", "Off")),
        (("Micro", "Ldoor", "Rdoor", "Sdoor"), ("Open", "Close")),
        (("Stove1", "Stove4"), ("Kettle",)),
        (("MicroSlide",), ("Close",)),
    )
    for thing in things
    for state in states
} | {"Relax": 280, "OpenAll": 280, "CloseAll": 280}


@dataclass(frozen=True)
class Task:
    """One task.

    Args:
        env_id: RoboHive's name for it.
        suite: what it shares with others.
        max_steps: steps of an episode.
        keys: what `observation` is made of, by RoboHive's names, in its order.
        cameras: what a visual task shows.
        image_size: height and width of their pictures, px.
    """

    env_id: str
    suite: Suite
    max_steps: int
    keys: tuple[str, ...]
    cameras: tuple[str, ...] = ()
    image_size: tuple[int, int] = (224, 224)


def find_task(name: str) -> Task:
    """Return the task called `name`.

    Raises:
        EnvError: there is none; near names are suggested.
    """
    if name not in TASKS:
        raise EnvError(
            f"RoboHiveEnv: there is no env_name={name!r}; docs/envs/robohive.md lists the names."
            f"{suggest(name, TASKS)}"
        )
    return TASKS[name]


def _state_tasks() -> Iterator[Task]:
    for place in ("Fixed", "Random"):
        yield _task(f"FrankaReach{place}-v0", REACH, 50)
        yield _task(f"FrankaPickPlace{place}-v0", PICK_PLACE, 50)
    for thing, suite in APPLIANCE.items():
        for goal in ("open", "close", "random"):
            steps = 150 if (thing, goal) == ("micro", "open") else 50
            yield _task(f"franka_{thing}_{goal}-v3", suite, steps)
    for what, steps in _KITCHEN_STEPS.items():
        for place in ("Fixed", "Random"):
            yield _task(f"FK1_{what}{place}-v4", KITCHEN, steps)
    for what, suite in ADROIT.items():
        yield _task(f"{what}-v1", suite, 100 if what == "pen" else 200)


def _task(env_id: str, suite: Suite, max_steps: int) -> Task:
    return Task(env_id, suite, max_steps, suite.vector)


def _visual_tasks(task: Task) -> Iterator[tuple[str, Task]]:
    """Yield the visual names of a state task."""
    suite = task.suite
    stem, _, version = task.env_id.rpartition("-")
    varies = suite is KITCHEN or suite is REACH or suite is PICK_PLACE
    if suite.v2d_cameras and (stem.endswith("Random") or not varies):
        seen = replace(task, keys=suite.joints, cameras=suite.v2d_cameras)
        yield f"{stem}_v2d-{version}", replace(seen, image_size=suite.v2d_size)
    if suite.rlhive_cameras and (stem.endswith("Random") or suite is not KITCHEN):
        seen = replace(task, keys=suite.rlhive_joints, cameras=suite.rlhive_cameras)
        yield f"visual_{task.env_id}", seen
        if suite is KITCHEN:
            yield _rlhive_name(stem), seen


def _rlhive_name(stem: str) -> str:
    """Return what RLHive's documents call `FK1_LightOnRandom`: `visual_kitchen_light_on-v3`."""
    what = stem.removeprefix("FK1_").removesuffix("Random")
    if what == "Relax":  # all is closed, and to be left so
        return "visual_kitchen_close-v3"
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in what)
    return f"visual_kitchen{words}-v3"


def _all_tasks() -> Iterator[tuple[str, Task]]:
    for task in _state_tasks():
        yield task.env_id, task
        yield from _visual_tasks(task)


#: Name -> task.
TASKS: Mapping[str, Task] = dict(_all_tasks())
