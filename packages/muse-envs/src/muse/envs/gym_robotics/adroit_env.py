"""`AdroitEnv`: the four tasks of the Adroit hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param, positive
from muse.envs.env import Observation
from muse.envs.gym_robotics.robotics_env import (
    RoboticsEnv,
    SpecRow,
    find_robotics,
    robotics_spec_params,
)
from muse.envs.mujoco.camera import Viewpoint
from muse.envs.teleop.adroit_teleop import AdroitTeleop
from muse.envs.teleop.user_input import UserInput


@dataclass(frozen=True)
class Placement:
    """Something a task puts elsewhere in each episode, by changing the model.

    Args:
        array: the model's array that holds it.
        number: attribute of the simulator with its row.
        size: numbers in the preset.
    """

    array: str
    number: str
    size: int


@dataclass(frozen=True)
class AdroitTask:
    """What differs between the tasks.

    Args:
        cls: the class in gymnasium-robotics.
        state: numbers in `state`.
        action: numbers in `action`.
        placements: what each episode places, by the name of its preset.
        goal: what success is.
    """

    cls: str
    state: int
    action: int
    placements: Mapping[str, Placement]
    goal: str


TASKS: Mapping[str, AdroitTask] = {
    "door": AdroitTask(
        "AdroitHandDoorEnv",
        39,
        28,
        {"door_body_pos": Placement("body_pos", "door_body_id", 3)},
        "the door is open by 1.35 rad",
    ),
    "hammer": AdroitTask(
        "AdroitHandHammerEnv",
        46,
        26,
        {"board_pos": Placement("body_pos", "target_body_id", 3)},
        "the nail is in the board",
    ),
    "pen": AdroitTask(
        "AdroitHandPenEnv",
        45,
        24,
        {"desired_orien": Placement("body_quat", "target_obj_body_id", 4)},
        "the pen is where and as it should be",
    ),
    "relocate": AdroitTask(
        "AdroitHandRelocateEnv",
        39,
        30,
        {
            "obj_pos": Placement("body_pos", "obj_body_id", 3),
            "target_pos": Placement("site_pos", "target_obj_site_id", 3),
        },
        "the ball is at the target",
    ),
}


class AdroitEnv(RoboticsEnv):
    """A hand of 24 joints opens a door, hammers a nail, turns a pen or carries a ball.

    Observations (B = 1): `state` (B, n) as in gymnasium-robotics, n by task: door 39, hammer 46,
    pen 45, relocate 39. Action: `action` (B, m), targets of the joints, -1 to 1 over their ranges,
    m by task: door 28, hammer 26, pen 24, relocate 30. Presets `qpos` and `qvel` together with the
    placements of the task (see `TASKS`) start from any recorded state.

    Rajeswaran et al. 2018, "Learning complex dexterous manipulation with deep reinforcement
    learning and demonstrations".
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("task", Literal[tuple(TASKS)], "door", help="what to do"),
        Param("sparse_reward", bool, False, help="10 when solved, else -0.1"),
        Param("max_steps", int, 200, help="steps until the episode is cut off", unit="steps",
              check=positive),
    )  # fmt: skip
    viewpoint = Viewpoint((0.0, 0.0, 0.2), 1.5, 90.0, -35.0)

    @property
    def preset_names(self) -> tuple[str, ...]:  # type: ignore[override]
        """What an episode of this task can start from."""
        return ("qpos", "qvel", *TASKS[self.params.task].placements)

    @property
    def success_rule(self) -> str:  # type: ignore[override]
        """What success is in this task."""
        return TASKS[self.params.task].goal

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        task = TASKS[env_params.task]
        rows: list[SpecRow] = [("state", (task.state,), (-math.inf, math.inf), "float32")]
        return robotics_spec_params(env_params, rows, task.action)

    @property
    def teleop_keys(self) -> Mapping[str, str]:  # type: ignore[override]
        """What each key does; a task has the keys of the joints its arm has."""
        return self._teleop.keys

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action (1, m) that moves arm, wrist and fingers as the keys say."""
        return AttrDict(action=self._teleop.action(user_input))

    @property
    def _teleop(self) -> AdroitTeleop:
        simulator = self._simulator
        return AdroitTeleop(simulator.model, simulator.data, simulator.dt)

    def _make_simulator(self) -> Any:
        hand = find_robotics("AdroitEnv", f"adroit_hand.{TASKS[self.params.task].cls}")
        return hand(reward_type="sparse" if self.params.sparse_reward else "dense")

    def _place(self, presets: AttrDict) -> Any:
        simulator = self._simulator
        for name, place in TASKS[self.params.task].placements.items():
            if name in presets:
                row = getattr(simulator, place.number)
                getattr(simulator.model, place.array)[row] = self._preset(presets, name, place.size)
        coordinates = {"qpos": simulator.data.qpos.copy(), "qvel": simulator.data.qvel.copy()}
        for name, value in coordinates.items():
            if name in presets:
                value[:] = self._preset(presets, name, value.size)
        simulator.set_state(**coordinates)
        return simulator._get_obs()

    def _observe_task(self, raw: Any) -> AttrDict:
        self._raw: np.ndarray = np.array(raw)
        return AttrDict(state=self._raw.astype(np.float32).reshape(1, -1))

    def _judge(self, raw: Any, reward: float, info: Mapping[str, Any]) -> tuple[float, bool]:
        return float(np.squeeze(reward)), bool(np.squeeze(info["success"]))

    def _episode_state(self) -> AttrDict:
        # Sites in it are those of one substep before the joints: they cannot be had from these.
        return AttrDict(observation=self._raw.copy())

    def _go_to_episode(self, state: AttrDict) -> Any:
        return state["observation"]
