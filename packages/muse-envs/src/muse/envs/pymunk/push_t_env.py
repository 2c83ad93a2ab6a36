"""Push-T: push a T-shaped block onto its target (Florence et al. 2021; Chi et al. 2023)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param, fraction, positive
from muse.core.spec import EnvSpec
from muse.envs.env import Env, Goal, Observation
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.pymunk import t_shape
from muse.envs.pymunk.checks import pair
from muse.envs.pymunk.push_t_renderer import PushTRenderer
from muse.envs.pymunk.push_t_world import TABLE, PushTWorld
from muse.envs.teleop.user_input import UserInput

#: Where the T belongs: x, y in px and theta.
GOAL_POSE: t_shape.Pose = (256.0, 256.0, math.pi / 4)
#: The share of the goal that counts as covered.
SUCCESS_COVERAGE = 0.95
#: Side of `render()`, px.
PICTURE_SIZE = 256
#: How far beside the pusher a key sets its target, px; it covers most of that in a step.
TELEOP_REACH = 25.0
_DIRECTIONS = {"i": (0.0, -1.0), "k": (0.0, 1.0), "j": (-1.0, 0.0), "l": (1.0, 0.0)}


class PushTEnv(Env):
    """A round pusher brings a T onto its mark; the action is where the pusher shall go.

    Observations (B = 1): `agent_pos` (B, 2) and `block_pose` (B, 3) = x, y in px and theta in
    [0, 2 pi); `keypoints` (B, 18), nine points of the block in the world, x before y, in the order
    of the human demonstrations; with `image_obs` also `image` (B, S, S, 3) uint8. Action:
    `action` (B, 2), the absolute target in px, 0 to 512, held for 0.1 s.

    The reward is min(coverage / 0.95, 1); physics and reward are those of gym-pusht 0.1.8.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("max_steps", int, 300, "steps until the episode is cut off", "steps", check=positive),
        Param("image_obs", bool, False, "give the observation `image`"),
        Param("render_size", int, 96, "side of the observation `image`", "px", check=positive),
        Param("render_action", bool, False, "mark the last action in the pictures"),
        Param("damping", float, 0.0, "share of velocity kept over a second", check=fraction),
        Param(
            "block_cog",
            list[float] | None,
            None,
            "centre of gravity of the block",
            "px",
            check=pair,
        ),
        Param(
            "legacy",
            bool,
            False,
            "place the preset `state` as gym-pusht does: angle last, which shifts the block, "
            "and one physics step (drawn starts are always placed so)",
        ),
    )
    preset_names = ("state",)
    saves_state: ClassVar[bool] = True
    teleop_keys: ClassVar[Mapping[str, str]] = {
        "i": "up",
        "k": "down",
        "j": "left",
        "l": "right",
        "mouse left": "towards the pointer",
    }
    success_rule = "the block covers more than 95 % of the goal"

    def __init__(self, params: AttrDict | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        cog = self.params.block_cog
        self._cog = None if cog is None else (cog[0], cog[1])
        self._world = PushTWorld(self.params.damping, self._cog)
        self._renderer: PushTRenderer | None = None
        self._start, self._placed_as_reference = np.zeros(5), False
        #: The targets of this episode so far.
        self._actions: list[tuple[float, float]] = []
        self._coverage = 0.0
        self._best = 0.0

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        # A block pressed through a wall may leave the table.
        around = (-TABLE, 2 * TABLE)
        rows: list[tuple[str, tuple[int, ...], tuple[Any, Any], str]] = [
            ("agent_pos", (2,), around, "float32"),
            (
                "block_pose",
                (3,),
                ([-TABLE, -TABLE, 0.0], [2 * TABLE, 2 * TABLE, 2 * math.pi]),
                "float32",
            ),
            ("keypoints", (18,), around, "float32"),
            ("action", (2,), (0.0, TABLE), "float32"),
            *output_rows(0.0, 1.0),
        ]
        observation_names = ["agent_pos", "block_pose", "keypoints"]
        if env_params.image_obs:
            size = env_params.render_size
            rows.append(("image", (size, size, 3), (0, 255), "uint8"))
            observation_names.append("image")
        return AttrDict(
            cls="muse.core.spec.ParamEnvSpec",
            names_shapes_limits_dtypes=rows,
            observation_names=observation_names,
            output_observation_names=list(OUTPUT_NAMES),
            action_names=["action"],
        )

    @property
    def coverage(self) -> float:
        """The share of the goal that the block covers now, 0 to 1."""
        return self._coverage

    @property
    def world(self) -> PushTWorld:
        """The simulated bodies, in double precision."""
        return self._world

    def is_success(self) -> np.ndarray:
        return np.array([self._coverage > SUCCESS_COVERAGE])

    def score(self) -> np.ndarray:
        """Return the highest reward of the episode so far, (B,)."""
        return np.array([self._best])

    def render(self) -> np.ndarray:
        return self._picture(PICTURE_SIZE)

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action (1, 2): the pointer, or a little way beside the pusher under keys."""
        pointer = user_input.pointer
        held = [way for key, way in _DIRECTIONS.items() if user_input.is_down(key)]
        target = np.array(self._world.agent_position)
        if held:
            target = target + TELEOP_REACH * np.sum(held, axis=0)
        elif pointer is not None and user_input.is_button_down(1):
            target = TABLE * np.array(pointer)
        return AttrDict(action=np.clip(target, 0, TABLE).astype(np.float32)[None])

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        rng = self.rng
        # The same calls as gym-pusht, so that equal seeds give equal starts.
        drawn = [rng.integers(50, 450) for _ in range(2)] + [rng.integers(100, 400) for _ in "xy"]
        state = np.array([*drawn, rng.uniform(-np.pi, np.pi)], np.float64)
        if "state" in presets:
            self._begin(_checked_state(presets["state"]), self.params.legacy)
        else:
            self._begin(state, True)
        self._coverage = t_shape.coverage(self._world.block_pose, GOAL_POSE)
        return self._observe(self.outputs()), AttrDict()

    def _save_state(self) -> AttrDict:
        """Return the start of the episode and the actions since.

        pymunk keeps the forces of contacts to itself, so that poses and velocities alone would not
        go on alike in the middle of a push; the same actions from the same start do, bit for bit.
        """
        return AttrDict(
            start=self._start.copy(),
            placed_as_reference=np.array(self._placed_as_reference),
            actions=np.array(self._actions, np.float64).reshape(-1, 2),
            best=np.array(self._best),
        )

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        self._begin(np.array(state["start"]), bool(state["placed_as_reference"]))
        for x, y in state["actions"].tolist():
            self._world.advance(x, y)
            self._actions.append((x, y))
        self._best = float(state["best"])
        self._coverage = t_shape.coverage(self._world.block_pose, GOAL_POSE)
        return self._observe(self.outputs()), AttrDict()

    def _begin(self, start: np.ndarray, as_reference: bool) -> None:
        """Place pusher and block at `start` (5,) in a new space, the way gym-pusht does or exactly.

        Contacts of the last episode must not live on in the caches of an old space.
        """
        self._world = PushTWorld(self.params.damping, self._cog)
        self._start, self._placed_as_reference = start, as_reference
        (self._world.place_as_reference if as_reference else self._world.place)(start)
        self._actions, self._best = [], 0.0

    def _is_healthy(self) -> bool:
        return bool(np.isfinite(self._world.block_pose).all())

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        target = action["action"][0]
        self._actions.append((float(target[0]), float(target[1])))
        self._world.advance(*self._actions[-1])
        self._coverage = t_shape.coverage(self._world.block_pose, GOAL_POSE)
        reward = min(self._coverage / SUCCESS_COVERAGE, 1.0)
        self._best = max(self._best, reward)
        terminated = self._coverage > SUCCESS_COVERAGE
        truncated = not terminated and len(self._actions) >= self.params.max_steps
        obs = self._observe(self.outputs(reward, terminated, truncated))
        return obs, AttrDict(), np.array([terminated or truncated])

    def _observe(self, obs: AttrDict) -> Observation:
        """Add the observations to the outputs `obs`."""
        pose = np.array([self._world.block_pose])
        pose[0, 2] %= 2 * math.pi
        obs["agent_pos"] = np.array([self._world.agent_position], np.float32)
        obs["block_pose"] = pose.astype(np.float32)
        obs["keypoints"] = t_shape.keypoints(pose).reshape(1, 18).astype(np.float32)
        if self.params.image_obs:
            obs["image"] = self._picture(self.params.render_size)[None]
        return obs

    def _picture(self, size: int) -> np.ndarray:
        if self._renderer is None:
            self._renderer = PushTRenderer(GOAL_POSE)
        action = self._actions[-1] if self.params.render_action and self._actions else None
        return self._renderer.picture(
            self._world.agent_position, self._world.block_pose, size, action
        )


def _checked_state(value: Any) -> np.ndarray:
    state = np.asarray(value, np.float64).reshape(-1)
    if state.shape != (5,) or not np.isfinite(state).all():
        raise EnvError(
            f"PushTEnv: preset state={value!r} is not allowed: expected 5 finite numbers, "
            "agent x, y, block x, y (px) and theta (rad)"
        )
    return state
