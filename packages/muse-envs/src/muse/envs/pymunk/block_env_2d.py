"""The 2-D block family: an agent that pushes, grabs and drags blocks, in a maze or in the open."""

from __future__ import annotations

import math
import time
from typing import ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Param
from muse.core.spec import EnvSpec
from muse.envs.env import Env, Goal, Observation, observed_names
from muse.envs.pymunk.block_layouts import BlockLayouts
from muse.envs.pymunk.block_observers import OBSERVERS, SpecRow, block_spec_params
from muse.envs.pymunk.block_params import BLOCK_PARAMS
from muse.envs.pymunk.block_renderer import BlockRenderer
from muse.envs.pymunk.block_sizes import agent_diameter
from muse.envs.pymunk.block_teleop import TELEOP_KEYS, BlockTeleop
from muse.envs.pymunk.block_world import PHYSICS_DT, BlockWorld, BlockWorldOptions
from muse.envs.pymunk.grip import GripOptions
from muse.envs.teleop.user_input import UserInput


class BlockEnv2D(Env):
    """A round agent among blocks; the first block is to be brought to the goal.

    Action `action` (B, 3): commanded velocity x, y (px/s) and grab, 0 to 500: above 0 the agent
    takes blocks within reach and holds them with a force that grows with it.

    Observations by default (B = 1, n blocks): `position`, `velocity` (B, 2), `block_positions`,
    `block_velocities` (B, n, 2), `bounding_box` (B, 4) = x, y of the lower left and upper right
    corner, `block_bounding_boxes` (B, n, 4), `grab_binary` (B, 1) 1 while a block is held and
    `active_constraints` (B, n) bool, which ones, `goal_position` (B, 2), `image` (B, h, w, 3) uint8
    and, once an episode, `maze` (B, c, c).

    `observation_names`, or a spec, may list fewer, and also: `angle`, `angular_velocity`, `torque`
    (B, 1) and `force` (B, 2) of the agent; `block_angles`, `block_angular_velocities`,
    `block_torques`, `block_masses` (B, n), `block_forces`, `block_sizes` (B, n, 2) and
    `block_colors` (B, n, 3) uint8; `block_contact` (B, n) bool, `block_contact_points` (px) and
    `block_contact_normal` (B, n, 2), 0 where nothing touches; `grab_force`, `grab_distance` (B, n)
    and `grab_vector` (B, n, 2), the way from the agent's centre to the nearest point of each block.
    Forces and torques are means over the last control step. What a spec leaves out costs nothing.

    A subclass defines `_distance`, and `layouts_cls` and `world_cls` where they differ.
    """

    declared_params: ClassVar[tuple[Param, ...]] = BLOCK_PARAMS
    preset_names: ClassVar[tuple[str, ...] | None] = (
        "gravity",
        "maze",
        "goal_position",
        "block_positions",
        "block_angles",
        "position",
        "block_colors",
        "block_masses",
        "block_sizes",
        "initialization_steps",
    )
    success_rule = "the centre of the first block is within `tolerance` of the goal"
    saves_state: ClassVar[bool] = True
    teleop_keys = TELEOP_KEYS
    #: What draws the starts of episodes, and what simulates them.
    layouts_cls: ClassVar[type[BlockLayouts]] = BlockLayouts
    world_cls: ClassVar[type[BlockWorld]] = BlockWorld
    #: The observations of the default spec.
    default_observations: ClassVar[tuple[str, ...]] = (
        "position",
        "velocity",
        "block_positions",
        "block_velocities",
        "bounding_box",
        "block_bounding_boxes",
        "grab_binary",
        "active_constraints",
        "goal_position",
        "maze",
    )

    def __init__(self, params: AttrDict | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        # With the number: results are read apart from the parameters they were made with.
        tolerance = f"{self.params.tolerance:g} px"
        self.success_rule = self.success_rule.replace("`tolerance`", tolerance)
        self._options = self._world_options()
        self._layouts = self.layouts_cls(self.params, type(self).__name__)
        self._layout = AttrDict()
        self._world: BlockWorld | None = None
        self._renderer: BlockRenderer | None = None
        self._teleop = BlockTeleop(self.params.default_teleop_speed)
        self._names = observed_names(env_spec)
        #: The executed velocities, grabs and physics steps of this episode.
        self._history: list[tuple[float, float, float, int]] = []
        self._succeeded = False
        self._first_distance = self._best_distance = 0.0
        self._next_step_at = 0.0

    @classmethod
    def get_default_env_spec_params(cls, env_params: AttrDict) -> AttrDict:  # type: ignore[override]
        return block_spec_params(env_params, cls.default_observations, cls.further_rows(env_params))

    @classmethod
    def further_rows(cls, env_params: AttrDict) -> list[SpecRow]:
        """Return the spec rows of observations that only this environment has."""
        return []

    # ---- the contract ------------------------------------------------------------------------

    @property
    def world(self) -> BlockWorld:
        """The simulated bodies of this episode."""
        if self._world is None:
            raise EnvError(f"{type(self).__name__}: call reset() first")
        return self._world

    @property
    def layout(self) -> AttrDict:
        """What this episode started from, as presets that start it again."""
        return AttrDict((name, self._layout[name].copy()) for name in self.preset_names or ())

    def is_success(self) -> np.ndarray:
        return np.array([self._succeeded])

    def score(self) -> np.ndarray:
        """Return the share of the first distance that was covered at best, (B,) 0 to 1."""
        if self._succeeded:
            return np.ones(1)
        left = self._best_distance / self._first_distance if self._first_distance > 0 else 1.0
        return np.array([max(0.0, 1.0 - left)])

    def render(self) -> np.ndarray:
        return self._picture(None)

    def teleop_action(self, user_input: UserInput, obs: Observation) -> AttrDict:
        """Return the action (1, 3) of keys and mouse.

        i, k, j, l move; with the left button held the agent goes to the pointer. g or the right
        button grab.
        """
        width, height = self.params.grid_size
        command = self._teleop.command(user_input, self.world.agent.position, (width, height))
        low, high = self.env_spec.limits("action")
        action = np.clip(command, low, high).astype(self.env_spec.dtype("action"))
        return AttrDict(action=action[None])

    # ---- for subclasses ----------------------------------------------------------------------

    def _distance(self) -> float:
        """Return how far the task is from being solved, px."""
        if not self.world.blocks:
            return math.inf
        return math.dist(self.world.blocks[0].position, self._layout["goal_position"])

    def _task_succeeded(self) -> bool:
        """Return whether the task is solved now."""
        return self._distance() <= self.params.tolerance

    def _zones(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return centre (2,) and sides (2,) of the goal zones to draw."""
        if not self.world.blocks:
            return []
        # A block that does not turn lies inside this rectangle when it is close enough.
        sides = self._layout["block_sizes"][0] + 2 * self.params.tolerance
        return [(self._layout["goal_position"], sides)]

    def _observation(self, name: str) -> object:
        """Return the observation `name` without the batch dimension."""
        if name == "image":
            return self._picture(tuple(self.params.image_size))
        if name in OBSERVERS:
            return OBSERVERS[name](self.world, self._layout)
        return self._layout[name]

    # ---- inside ------------------------------------------------------------------------------

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        self._begin(self._layouts.draw(self.rng, presets))
        self._first_distance = self._best_distance = self._distance()
        return self._observe(self.outputs()), AttrDict()

    def _save_state(self) -> AttrDict:
        """Return the start of the episode and what was executed since.

        pymunk keeps the forces of contacts and joints to itself, so that poses and velocities alone
        would not go on alike; the same steps from the same start do, bit for bit.
        """
        return AttrDict(
            layout=self._layout.leaf_apply(np.copy),
            history=np.array(self._history, np.float64).reshape(-1, 4),
            distances=np.array([self._first_distance, self._best_distance]),
            succeeded=np.array(self._succeeded),
        )

    def _restore_state(self, state: AttrDict) -> tuple[Observation, Goal]:
        self._begin(state["layout"].leaf_apply(np.copy))
        for vx, vy, grab, steps in state["history"].tolist():
            self._execute(vx, vy, grab, int(steps))
        self._first_distance, self._best_distance = state["distances"].tolist()
        self._succeeded = bool(state["succeeded"])
        return self._observe(self.outputs()), AttrDict()

    def _begin(self, layout: AttrDict) -> None:
        self._layout = layout
        self._world = self.world_cls(self._options, layout)
        self._history, self._succeeded = [], False
        self._teleop.reset()

    def _execute(self, vx: float, vy: float, grab: float, steps: int) -> None:
        self.world.advance((vx, vy), grab, steps)
        self._history.append((vx, vy, grab, steps))

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        vx, vy, grab = (float(v) for v in action["action"][0])
        self._execute(*self._disturbed(vx, vy), grab, self._physics_steps())
        self._wait()
        distance, succeeded = self._distance(), self._task_succeeded()
        self._best_distance = min(self._best_distance, distance)
        # Success is kept: a block that drifts on after it does not undo it.
        self._succeeded = self._succeeded or succeeded
        terminated = succeeded and self.params.done_on_success
        horizon = self.params.horizon
        truncated = not terminated and horizon is not None and len(self._history) >= horizon
        reward = float(succeeded) if self.params.sparse_reward else -distance
        obs = self._observe(self.outputs(reward, terminated, truncated))
        return obs, AttrDict(), np.array([terminated or truncated])

    def _is_healthy(self) -> bool:
        return self.world.is_finite()

    def _disturbed(self, vx: float, vy: float) -> tuple[float, float]:
        if not self.params.action_noise_prob or self.rng.random() >= self.params.action_noise_prob:
            return vx, vy
        turn = math.radians(self.params.action_noise_theta) * self.rng.normal()
        cos, sin = math.cos(turn), math.sin(turn)
        return cos * vx - sin * vy, sin * vx + cos * vy

    def _physics_steps(self) -> int:
        dt, scale = self.params.dt, self.params.dt_scale
        if scale:
            dt *= self.rng.uniform(1.0 - scale, 1.0 + scale)
        return max(1, round(dt / PHYSICS_DT))

    def _wait(self) -> None:
        """With `realtime`, let this step take as long as it simulates."""
        realtime = self.params.realtime
        if not (self.params.render if realtime is None else realtime):
            return
        now = time.monotonic()
        time.sleep(max(0.0, self._next_step_at - now))
        self._next_step_at = max(now, self._next_step_at) + self.params.dt

    def _observe(self, obs: AttrDict) -> Observation:
        for name in self._names:
            if name not in obs:
                obs[name] = np.array(self._observation(name), self.env_spec.dtype(name))[None]
        return obs

    def _picture(self, size: tuple[int, int] | None) -> np.ndarray:
        if self._renderer is None:
            self._renderer = BlockRenderer(tuple(self.params.grid_size))
        return self._renderer.picture(self.world, self._layout, size, self._zones())

    def _world_options(self) -> BlockWorldOptions:
        p = self.params
        agent_size = agent_diameter(p)
        return BlockWorldOptions(
            grid_size=tuple(p.grid_size),
            agent_size=agent_size,
            agent_mass=p.block_mass,
            damping=p.damping,
            max_velocity=p.max_velocity,
            friction=p.block_friction,
            keep_in_bounds=p.keep_in_bounds,
            wall_contacts=p.do_wall_collisions,
            grip=GripOptions(
                reach=p.block_grabbing_frac * agent_size / 2,
                one_only=p.grab_one_only,
                binary=p.grab_action_binary,
                rotary_joint=p.grab_add_rotary_limit_joint,
                slider_min_frac=p.grab_slider_min_frac,
                max_force=p.grab_action_max_force,
                break_force=(
                    p.break_constraints_force if p.break_constraints_on_large_impulse else math.inf
                ),
            ),
        )
