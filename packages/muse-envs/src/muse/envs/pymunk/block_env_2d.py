"""The 2-D block family: an agent that pushes, grabs and drags square blocks on a grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError
from muse.core.params import Param, fraction, non_negative, positive
from muse.core.spec import EnvSpec
from muse.envs.env import Env, Goal, Observation
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.pymunk.block_renderer import BlockRenderer
from muse.envs.pymunk.block_world import BlockWorld, BlockWorldOptions
from muse.envs.pymunk.checks import pair, pair_of_sizes

#: The greatest grab action.
MAX_GRAB = 500.0
#: Tries to place a body without touching another before giving up.
PLACEMENT_TRIES = 1000

SpecRow = tuple[str, tuple[int, ...], tuple[Any, Any], str]


class BlockEnv2D(Env):
    """A round agent among square blocks; 10 control steps a second.

    Action `action` (B, 3): commanded velocity x, y (px/s) and grab, 0 to 500: above 0 the agent
    takes blocks within reach and holds them with a force that grows with it.

    Observations (B = 1, n blocks): `position` (B, 2), `velocity` (B, 2), `block_positions`
    (B, n, 2), `block_velocities` (B, n, 2), `bounding_box` (B, 4) = x, y of the lower left and
    upper right corner, `block_bounding_boxes` (B, n, 4), `grab_binary` (B, 1) 1 while a block is
    held, and `image` (B, h, w, 3) uint8. A spec may list fewer, and also `block_angles` (B, n),
    `block_angular_velocities` (B, n) and `block_sizes` (B, n, 2); what it leaves out costs
    nothing.

    The base has no task: its reward is 0. A subclass defines `_task_succeeded`, `_task_reward`
    and whatever it draws or observes more.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("num_blocks", int, 10, "blocks on the grid", check=non_negative),
        Param("grid_size", list[int], [600, 600], "width and height of the world", "px",
              check=pair_of_sizes),
        Param("image_size", list[int], [128, 128], "height and width of `image`", "px",
              check=pair_of_sizes),
        Param("disable_images", bool, False, "leave out the observation `image`"),
        Param("block_size", float, 30.0, "side of a block, diameter of the agent", "px",
              check=positive),
        Param("block_mass", float, 10.0, "mass of a block and of the agent", check=positive),
        Param("gravity", list[float], [0.0, 0.0], "acceleration of every body", "px/s^2",
              check=pair),
        Param("damping", float, 0.5, "share of velocity kept over a second", check=fraction),
        Param("max_velocity", float, 100.0, "greatest speed of a body", "px/s", check=positive),
        Param("action_max_velocity", float | None, None,
              "limit of each commanded velocity; None for a tenth of the grid a second", "px/s",
              check=positive),
        Param("block_friction", float, 0.3, "Coulomb friction of all surfaces",
              check=non_negative),
        Param("block_grabbing_frac", float, 1.15,
              "reach of the grip from the agent's centre, in radii", check=positive),
        Param("grab_action_binary", bool, False,
              "grab at full force for any action above 0, instead of in proportion"),
        Param("grab_one_only", bool, False, "hold at most one block"),
        Param("grab_add_rotary_limit_joint", bool, True, "a held block does not turn"),
        Param("grab_action_max_force", float, math.inf, "upper bound of the grip's force",
              check=positive),
        Param("action_noise_prob", float, 0.0,
              "chance in a step that the executed velocity is turned; the agent's record keeps "
              "the action it asked for", check=fraction),
        Param("action_noise_theta", float, 10.0, "standard deviation of that turn", "deg",
              check=non_negative),
        Param("horizon", int | None, None, "steps until the episode is cut off; None for never",
              "steps", check=positive),
        Param("done_on_success", bool, True, "end the episode when the task succeeds"),
    )  # fmt: skip
    preset_names: ClassVar[tuple[str, ...] | None] = ("position", "block_positions", "block_angles")

    def __init__(self, params: AttrDict | None, env_spec: EnvSpec) -> None:
        super().__init__(params, env_spec)
        self._width, self._height = self.params.grid_size
        self._options = self._world_options()
        self._world: BlockWorld | None = None
        self._renderer: BlockRenderer | None = None
        self._steps, self._best = 0, 0.0
        self._succeeded = False
        self._last_grab = 0.0
        self._observers = self._make_observers()

    @staticmethod
    def get_default_env_spec_params(env_params: AttrDict) -> AttrDict:
        n = env_params.num_blocks
        names = ["position", "velocity", "block_positions", "block_velocities", "bounding_box"]
        names += ["block_bounding_boxes", "grab_binary"]
        if n == 0:
            names = [name for name in names if not name.startswith("block_")]
        return block_spec_params(env_params, names)

    # ---- the contract ------------------------------------------------------------------------

    @property
    def world(self) -> BlockWorld:
        """The simulated bodies of this episode."""
        if self._world is None:
            raise EnvError(f"{type(self).__name__}: call reset() first")
        return self._world

    def is_success(self) -> np.ndarray:
        return np.array([self._succeeded])

    def render(self) -> np.ndarray:
        return self._picture(None)

    def save_state(self) -> AttrDict:
        """Return what `restore_state` needs, as arrays."""
        return AttrDict(
            bodies=self.world.snapshot(),
            grab=np.array(self._last_grab),
            steps=np.array(self._steps),
            succeeded=np.array(self._succeeded),
        )

    def restore_state(self, state: AttrDict) -> Observation:
        """Go back to a saved state and return its observation."""
        bodies = state["bodies"]
        self._world = BlockWorld(self._options, bodies[0, :2], bodies[1:, :2], bodies[1:, 2])
        self._last_grab = float(state["grab"])
        self._world.restore(bodies, self._last_grab)
        self._steps, self._succeeded = int(state["steps"]), bool(state["succeeded"])
        self._over, self._started = np.zeros(1, bool), True
        return self._observe(self.outputs())

    # ---- for subclasses ----------------------------------------------------------------------

    def _place_task(self, presets: AttrDict) -> None:
        """Draw what the task adds to the bodies, such as a goal; called before they are placed."""

    def _taken_positions(self) -> list[tuple[np.ndarray, float]]:
        """Return (centre, distance) pairs from which blocks keep away when they are drawn."""
        return []

    def _task_succeeded(self) -> bool:
        """Return whether the task is solved now."""
        return False

    def _task_reward(self) -> float:
        """Return the reward of the step just made."""
        return 0.0

    def _zone(self) -> tuple[np.ndarray, float] | None:
        """Return centre (2,) and side of the goal zone to draw, or None."""
        return None

    def _make_observers(self) -> dict[str, Callable[[], np.ndarray]]:
        """Return what computes each observation, by name, without the batch dimension."""
        return {
            "position": lambda: np.array(self.world.agent.position),
            "velocity": lambda: np.array(self.world.agent.velocity),
            "block_positions": lambda: self._of_blocks("position", 2),
            "block_velocities": lambda: self._of_blocks("velocity", 2),
            "block_angles": lambda: self._of_blocks("angle", 1)[:, 0],
            "block_angular_velocities": lambda: self._of_blocks("angular_velocity", 1)[:, 0],
            "block_sizes": lambda: np.full((self.params.num_blocks, 2), self.params.block_size),
            "bounding_box": lambda: _box(self.world.agent),
            "block_bounding_boxes": lambda: np.array([_box(b) for b in self.world.blocks]),
            "grab_binary": lambda: np.array([bool(self.world.held)]),
            "image": lambda: self._picture(tuple(self.params.image_size)),
        }

    # ---- inside ------------------------------------------------------------------------------

    def _reset(self, presets: AttrDict) -> tuple[Observation, Goal]:
        self._steps, self._succeeded, self._last_grab = 0, False, 0.0
        self._place_task(presets)
        n = self.params.num_blocks
        blocks = self._preset(presets, "block_positions", (n, 2))
        if blocks is None:
            blocks = self._draw_blocks(self._preset(presets, "position", (2,)))
        angles = self._preset(presets, "block_angles", (n,))
        position = self._preset(presets, "position", (2,))
        if position is None:
            position = self._draw_free([(block, self._spacing()) for block in blocks], 0.0)
        angles = np.zeros(n) if angles is None else angles
        self._world = BlockWorld(self._options, position, blocks, angles)
        return self._observe(self.outputs()), AttrDict()

    def _step(self, action: AttrDict) -> tuple[Observation, Goal, np.ndarray]:
        vx, vy, grab = (float(v) for v in action["action"][0])
        self.world.advance(self._disturbed(vx, vy), grab)
        self._last_grab = grab
        self._steps += 1
        succeeded = self._task_succeeded()
        # Success is kept: a block that drifts on after it does not undo it.
        self._succeeded = self._succeeded or succeeded
        terminated = succeeded and self.params.done_on_success
        horizon = self.params.horizon
        truncated = not terminated and horizon is not None and self._steps >= horizon
        obs = self._observe(self.outputs(self._task_reward(), terminated, truncated))
        return obs, AttrDict(), np.array([terminated or truncated])

    def _disturbed(self, vx: float, vy: float) -> tuple[float, float]:
        if not self.params.action_noise_prob or self.rng.random() >= self.params.action_noise_prob:
            return vx, vy
        turn = math.radians(self.params.action_noise_theta) * self.rng.normal()
        cos, sin = math.cos(turn), math.sin(turn)
        return cos * vx - sin * vy, sin * vx + cos * vy

    def _observe(self, obs: AttrDict) -> Observation:
        for name in self.env_spec.observation_names:
            if name in self._observers:
                value = np.asarray(self._observers[name](), self.env_spec.dtype(name))
                obs[name] = value[None]
        return obs

    def _of_blocks(self, attribute: str, width: int) -> np.ndarray:
        values = [getattr(block, attribute) for block in self.world.blocks]
        return np.array(values, np.float64).reshape(len(values), width)

    def _spacing(self) -> float:
        """The distance of two centres at which bodies surely do not touch, px."""
        return self.params.block_size * 1.5

    def _draw_blocks(self, position: np.ndarray | None) -> np.ndarray:
        taken = list(self._taken_positions())
        if position is not None:
            taken.append((position, self._spacing()))
        blocks = []
        for _ in range(self.params.num_blocks):
            blocks.append(self._draw_free(taken, self._spacing() / 4))
            taken.append((blocks[-1], self._spacing()))
        return np.array(blocks).reshape(self.params.num_blocks, 2)

    def _draw_free(self, taken: list[tuple[np.ndarray, float]], margin: float) -> np.ndarray:
        """Draw a centre away from walls by `margin` px and from every (centre, distance)."""
        inset = self.params.block_size / 2 + margin
        low, high = np.full(2, inset), np.array([self._width, self._height]) - inset
        if not (high > low).all():
            raise ParamError(
                f"{type(self).__name__}: block_size={self.params.block_size} does not fit "
                f"grid_size={self.params.grid_size}; use smaller blocks or a larger grid"
            )
        for _ in range(PLACEMENT_TRIES):
            drawn = self.rng.uniform(low, high)
            if all(math.dist(drawn, center) >= distance for center, distance in taken):
                return drawn
        raise EnvError(
            f"{type(self).__name__}: no room for {self.params.num_blocks} blocks of "
            f"{self.params.block_size} px on {self.params.grid_size}; use fewer or smaller ones"
        )

    def _preset(self, presets: AttrDict, name: str, shape: tuple[int, ...]) -> np.ndarray | None:
        """Return a preset as float64 of `shape`, with or without the batch dimension."""
        if name not in presets:
            return None
        value = np.asarray(presets[name], np.float64)
        if value.shape == (1, *shape):
            value = value[0]
        if value.shape != shape or not np.isfinite(value).all():
            raise EnvError(
                f"{type(self).__name__}: preset {name}={presets[name]!r} is not allowed: expected "
                f"finite numbers of shape {shape}"
            )
        return value

    def _picture(self, size: tuple[int, int] | None) -> np.ndarray:
        if self._renderer is None:
            self._renderer = BlockRenderer((self._width, self._height))
        return self._renderer.picture(self.world, size, self._zone())

    def _world_options(self) -> BlockWorldOptions:
        p = self.params
        return BlockWorldOptions(
            grid_size=(self._width, self._height),
            block_size=p.block_size,
            block_mass=p.block_mass,
            gravity=(p.gravity[0], p.gravity[1]),
            damping=p.damping,
            max_velocity=p.max_velocity,
            block_friction=p.block_friction,
            grabbing_frac=p.block_grabbing_frac,
            grab_one_only=p.grab_one_only,
            grab_binary=p.grab_action_binary,
            grab_rotary_joint=p.grab_add_rotary_limit_joint,
            grab_max_force=p.grab_action_max_force,
        )


def block_spec_params(env_params: AttrDict, names: list[str]) -> AttrDict:
    """Return spec parameters for the observations `names`, and `image` unless disabled."""
    p, n = env_params, env_params.num_blocks
    width, height = (float(side) for side in p.grid_size)
    image_height, image_width = p.image_size
    speed = p.max_velocity
    if p.action_max_velocity is None:
        fastest = [width / 10, height / 10]
    else:
        fastest = [float(p.action_max_velocity)] * 2
    place = ([0.0, 0.0], [width, height])
    box = ([0.0] * 4, [width, height] * 2)
    rows: list[SpecRow] = [
        ("position", (2,), place, "float32"),
        ("velocity", (2,), (-speed, speed), "float32"),
        ("block_positions", (n, 2), place, "float32"),
        ("block_velocities", (n, 2), (-speed, speed), "float32"),
        ("block_angles", (n,), (-math.inf, math.inf), "float32"),
        ("block_angular_velocities", (n,), (-math.inf, math.inf), "float32"),
        ("block_sizes", (n, 2), (0.0, p.block_size), "float32"),
        ("bounding_box", (4,), box, "float32"),
        ("block_bounding_boxes", (n, 4), box, "float32"),
        ("grab_binary", (1,), (0.0, 1.0), "float32"),
        ("goal_position", (2,), place, "float32"),
        ("image", (image_height, image_width, 3), (0, 255), "uint8"),
        ("action", (3,), ([-v for v in fastest] + [0.0], [*fastest, MAX_GRAB]), "float32"),
        *output_rows(),
    ]
    observed = names if p.disable_images else [*names, "image"]
    listed = {*observed, *OUTPUT_NAMES, "action"}
    return AttrDict(
        cls="muse.core.spec.ParamEnvSpec",
        names_shapes_limits_dtypes=[row for row in rows if row[0] in listed],
        observation_names=list(observed),
        output_observation_names=list(OUTPUT_NAMES),
        action_names=["action"],
    )


def _box(body: Any) -> np.ndarray:
    (shape,) = body.shapes
    bounds = shape.cache_bb()
    return np.array([bounds.left, bounds.bottom, bounds.right, bounds.top])
