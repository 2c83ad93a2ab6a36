"""What Muse knows of each robosuite task: its robots, cameras, objects and customary length."""

from __future__ import annotations

import math
from dataclasses import dataclass

from muse.core.errors import ParamError, suggest

#: Arm joints and gripper joints of the robots robosuite brings.
ROBOT_JOINTS = {
    "Panda": (7, 2),
    "Sawyer": (7, 2),
    "IIWA": (7, 6),
    "Jaco": (7, 6),
    "Kinova3": (7, 6),
    "UR5e": (6, 6),
}
_POSE = (("pos", 3), ("quat", 4))


@dataclass(frozen=True)
class Sweep:
    """Where a preset sweep puts one object; offsets in m from the table's centre, angles in rad.

    Args:
        body: name of the object.
        x: its place across the sweep.
        y: the ends of the swept line; `preset_sweep_pos` places on it.
        angle: the ends of the swept turn about the vertical; `preset_sweep_ori` of them.
    """

    body: str
    x: float
    y: tuple[float, float]
    angle: tuple[float, float]


@dataclass(frozen=True)
class Task:
    """One task of robosuite.

    Args:
        layout: parts of the observation `object` in order: name -> numbers.
        bodies: name -> MuJoCo body of the objects that `parse_objects` observes.
        max_steps: customary length of an episode at 20 Hz.
        camera: what `image` and `render()` show.
        arms: robots at the table.
        gripper: whether the arms end in one.
        stages: what `use_reward_stages` counts, checks of robosuite's environment.
        sweep: objects that a preset sweep places.
        success_rule: what robosuite calls a success.
    """

    layout: dict[str, int]
    bodies: dict[str, str]
    max_steps: int
    success_rule: str
    camera: str = "agentview"
    arms: int = 1
    gripper: bool = True
    stages: tuple[str, ...] = ()
    sweep: tuple[Sweep, ...] = ()

    @property
    def object_size(self) -> int:
        """Numbers of the observation `object`."""
        return sum(self.layout.values())

    def part(self, name: str) -> slice:
        """Where `name` is in the observation `object`."""
        start = 0
        for key, size in self.layout.items():
            if key == name:
                return slice(start, start + size)
            start += size
        raise KeyError(name)


def _posed(*names: str) -> dict[str, int]:
    return {f"{name}_{part}": size for name in names for part, size in _POSE}


def _beside_gripper(name: str) -> dict[str, int]:
    return {f"{name}_to_robot0_eef_pos": 3, f"{name}_to_robot0_eef_quat": 4, **_posed(name)}


def _merged(*parts: dict[str, int]) -> dict[str, int]:
    return {name: size for part in parts for name, size in part.items()}


_NUTS = ("SquareNut", "RoundNut")
_GROCERIES = ("Milk", "Bread", "Cereal", "Can")

TASKS = {
    "Lift": Task(
        layout=_merged(_posed("cube"), {"gripper_to_cube_pos": 3}),
        bodies={"cube": "cube_main"},
        max_steps=400,
        success_rule="the cube is more than 4 cm above the table",
        sweep=(Sweep("cube", 0.0, (-0.03, 0.03), (-math.pi / 2, math.pi / 2)),),
    ),
    "Stack": Task(
        layout=_merged(
            _posed("cubeA", "cubeB"),
            {"cubeA_to_cubeB": 3, "gripper_to_cubeA": 3, "gripper_to_cubeB": 3},
        ),
        bodies={"cubeA": "cubeA_main", "cubeB": "cubeB_main"},
        max_steps=400,
        success_rule="the small cube rests on the large one, released",
    ),
    "PickPlace": Task(
        layout=_merged(*(_beside_gripper(name) for name in _GROCERIES)),
        bodies={name: f"{name}_main" for name in _GROCERIES},
        max_steps=1500,
        success_rule="every object lies in its bin and the hand has left it",
    ),
    "PickPlaceCan": Task(
        layout=_beside_gripper("Can"),
        bodies={"Can": "Can_main"},
        max_steps=400,
        success_rule="the can lies in its bin and the hand has left it",
        sweep=(Sweep("Can", 0.0, (-0.15, 0.15), (-math.pi / 2, math.pi / 2)),),
    ),
    "NutAssembly": Task(
        layout=_merged(*(_beside_gripper(name) for name in _NUTS)),
        bodies={name: f"{name}_main" for name in _NUTS},
        max_steps=1000,
        success_rule="both nuts are round their pegs and the hand has left them",
    ),
    "NutAssemblySquare": Task(
        layout=_beside_gripper("SquareNut"),
        bodies={"SquareNut": "SquareNut_main"},
        max_steps=400,
        success_rule="the square nut is round its peg and the hand has left it",
        sweep=(Sweep("SquareNut", -0.1125, (0.11, 0.225), (0.0, 2.0 * math.pi)),),
    ),
    "ToolHang": Task(
        layout=_merged(
            *(_beside_gripper(name) for name in ("base", "frame", "tool")),
            {"frame_is_assembled": 1, "tool_on_frame": 1},
        ),
        bodies={"stand": "stand_root", "frame": "frame_root", "tool": "tool_root"},
        max_steps=700,
        success_rule="the frame stands in its base and the tool hangs on it, released",
        camera="sideview",
        stages=("_check_frame_assembled", "_check_tool_on_frame"),
        sweep=(
            Sweep("frame", -0.04, (-0.26, -0.22), (-math.pi / 18, math.pi / 18)),
            Sweep("tool", 0.04, (-0.22, -0.18), (-math.pi / 18, math.pi / 18)),
        ),
    ),
    "TwoArmTransport": Task(
        layout=_merged(
            _posed("payload", "trash", "lid_handle"),
            {"target_bin_pos": 3, "trash_bin_pos": 3},
            {"payload_in_target_bin": 1, "trash_in_trash_bin": 1},
            {"gripper0_to_payload": 3, "gripper0_to_lid_handle": 3},
            {"gripper1_to_payload": 3, "gripper1_to_trash": 3},
        ),
        bodies={
            "payload": "payload_root",
            "trash": "trash_main",
            "lid": "transport_start_bin_lid_root",
        },
        max_steps=800,
        success_rule="the hammer lies in the target bin and the cube in the trash bin",
        arms=2,
        stages=("transport.payload_in_target_bin", "transport.trash_in_trash_bin"),
    ),
    "Door": Task(
        layout={
            "door_pos": 3,
            "handle_pos": 3,
            "hinge_qpos": 1,
            "door_to_eef_pos": 3,
            "handle_to_eef_pos": 3,
            "handle_qpos": 1,
        },
        bodies={"door": "Door_door", "latch": "Door_latch"},
        max_steps=400,
        success_rule="the door has opened by more than 0.3 rad",
    ),
    "Wipe": Task(
        layout={
            "proportion_wiped": 1,
            "wipe_radius": 1,
            "wipe_centroid": 3,
            "gripper_to_wipe_centroid": 3,
        },
        bodies={f"marker{i}": f"contact{i}_main" for i in range(100)},
        max_steps=500,
        success_rule="all of the dirt is wiped away",
        gripper=False,
    ),
}


def find_task(name: str) -> Task:
    """Return the task called `name`.

    Raises:
        ParamError: there is none; the known ones are listed.
    """
    if name not in TASKS:
        raise ParamError(
            f"RobosuiteEnv: env_name={name!r} is not allowed: expected one of {list(TASKS)}."
            f"{suggest(name, TASKS)}"
        )
    return TASKS[name]
