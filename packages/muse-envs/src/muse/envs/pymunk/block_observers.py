"""What each observation of the 2-D block family is: its row in a spec and how it is computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.envs.outputs import OUTPUT_NAMES, output_rows
from muse.envs.pymunk.block_sizes import largest_sides, maze_cells
from muse.envs.pymunk.block_world import WALL_RADIUS, BlockWorld

#: The greatest grab action.
MAX_GRAB = 500.0

SpecRow = tuple[str, tuple[int, ...], tuple[Any, Any], str]
Observer = Callable[[BlockWorld, AttrDict], Any]


def _blocks(read: Callable[[Any], Any], width: int | None = None) -> Observer:
    """Return an observer of something every block has, (n,) or (n, width)."""

    def observe(world: BlockWorld, layout: AttrDict) -> np.ndarray:
        values = np.array([read(block) for block in world.blocks], np.float64)
        return values.reshape(len(world.blocks), *([] if width is None else [width]))

    return observe


def _box(body: Any) -> tuple[float, float, float, float]:
    (shape,) = body.shapes
    bounds = shape.cache_bb()
    return bounds.left, bounds.bottom, bounds.right, bounds.top


def _grips(read: Callable[[Any, int], Any], width: int | None = None) -> Observer:
    """Return an observer of what the grip knows of every block, (n,) or (n, width)."""

    def observe(world: BlockWorld, layout: AttrDict) -> np.ndarray:
        n = len(world.blocks)
        values = np.array([read(world.grip, i) for i in range(n)], np.float64)
        return values.reshape(n, *([] if width is None else [width]))

    return observe


def _contact_means(part: int) -> Observer:
    """Return an observer of the mean contact point (part 0) or normal (part 1), (n, 2)."""

    def observe(world: BlockWorld, layout: AttrDict) -> np.ndarray:
        means = np.zeros((len(world.blocks), 2))
        for i in range(len(world.blocks)):
            found = [contact[part] for contact in world.contacts(i)]
            if found:
                means[i] = np.mean(found, axis=0)
        return means

    return observe


#: Without the batch dimension; `layout` holds what the episode started from.
OBSERVERS: dict[str, Observer] = {
    "position": lambda world, layout: world.agent.position,
    "velocity": lambda world, layout: world.agent.velocity,
    "angle": lambda world, layout: [world.agent.angle],
    "angular_velocity": lambda world, layout: [world.agent.angular_velocity],
    "force": lambda world, layout: world.loads[0, :2],
    "torque": lambda world, layout: world.loads[0, 2:],
    "bounding_box": lambda world, layout: _box(world.agent),
    "block_positions": _blocks(lambda block: block.position, 2),
    "block_velocities": _blocks(lambda block: block.velocity, 2),
    "block_angles": _blocks(lambda block: block.angle),
    "block_angular_velocities": _blocks(lambda block: block.angular_velocity),
    "block_forces": lambda world, layout: world.loads[1:, :2],
    "block_torques": lambda world, layout: world.loads[1:, 2],
    "block_masses": lambda world, layout: layout["block_masses"],
    "block_colors": lambda world, layout: layout["block_colors"],
    "block_sizes": lambda world, layout: layout["block_sizes"],
    "block_bounding_boxes": _blocks(_box, 4),
    "block_contact": lambda world, layout: [
        bool(world.contacts(i)) for i in range(len(world.blocks))
    ],
    "block_contact_points": _contact_means(0),
    "block_contact_normal": _contact_means(1),
    "active_constraints": lambda world, layout: [i in world.held for i in range(len(world.blocks))],
    "grab_binary": lambda world, layout: [bool(world.held)],
    "grab_force": _grips(lambda grip, i: grip.force(i)),
    "grab_distance": _grips(lambda grip, i: grip.distance(i)),
    "grab_vector": _grips(lambda grip, i: grip.vector(i), 2),
    "goal_position": lambda world, layout: layout["goal_position"],
    "maze": lambda world, layout: layout["maze"],
}


def block_spec_params(
    env_params: AttrDict, names: Sequence[str], further_rows: Sequence[SpecRow] = ()
) -> AttrDict:
    """Return spec parameters for the observations `names`, and `image` unless disabled.

    `env_params.observation_names`, where given, replaces `names`, of which an open grid leaves out
    `maze` and an empty one `block_*`. `maze` is given once an episode.
    `further_rows` describe observations that only one environment has.
    """
    p = env_params
    if p.observation_names is not None:
        names = p.observation_names
    else:
        absent = (["block_"] if p.num_blocks == 0 else []) + (
            ["maze"] if maze_cells(p) == 1 else []
        )
        names = [name for name in names if not name.startswith(tuple(absent))]
    observed = [name for name in names if name not in ("maze", "image")]
    if not p.disable_images:
        observed.append("image")
    once = ["maze"] if "maze" in names else []
    listed = {*observed, *once, *OUTPUT_NAMES, "action"}
    return AttrDict(
        cls="muse.core.spec.ParamEnvSpec",
        names_shapes_limits_dtypes=[row for row in (*_rows(p), *further_rows) if row[0] in listed],
        observation_names=observed,
        output_observation_names=list(OUTPUT_NAMES),
        action_names=["action"],
        param_names=once,
    )


def _rows(p: AttrDict) -> list[SpecRow]:
    n, cells = p.num_blocks, maze_cells(p)
    width, height = (float(side) for side in p.grid_size)
    if p.action_max_velocity is None:
        fastest = [width / 10, height / 10]
    else:
        fastest = [float(p.action_max_velocity)] * 2
    any_number = (-math.inf, math.inf)
    speed = (-p.max_velocity, p.max_velocity)
    place = ([0.0, 0.0], [width, height])
    # A body that is pressed against the border sinks in a little.
    deep = 2 * WALL_RADIUS
    box = ([-deep] * 4, [width + deep, height + deep] * 2)
    contact = ([-deep] * 2, [width + deep, height + deep])
    return [
        ("position", (2,), place, "float32"),
        ("velocity", (2,), speed, "float32"),
        ("angle", (1,), any_number, "float32"),
        ("angular_velocity", (1,), any_number, "float32"),
        ("force", (2,), any_number, "float32"),
        ("torque", (1,), any_number, "float32"),
        ("bounding_box", (4,), box, "float32"),
        ("block_positions", (n, 2), place, "float32"),
        ("block_velocities", (n, 2), speed, "float32"),
        ("block_angles", (n,), any_number, "float32"),
        ("block_angular_velocities", (n,), any_number, "float32"),
        ("block_forces", (n, 2), any_number, "float32"),
        ("block_torques", (n,), any_number, "float32"),
        ("block_masses", (n,), (0.0, math.inf), "float32"),
        ("block_colors", (n, 3), (0, 255), "uint8"),
        ("block_sizes", (n, 2), ([0.0, 0.0], largest_sides(p)), "float32"),
        ("block_bounding_boxes", (n, 4), box, "float32"),
        ("block_contact", (n,), (False, True), "bool"),
        ("block_contact_points", (n, 2), contact, "float32"),
        ("block_contact_normal", (n, 2), (-1.0, 1.0), "float32"),
        ("active_constraints", (n,), (False, True), "bool"),
        ("grab_binary", (1,), (0.0, 1.0), "float32"),
        ("grab_force", (n,), (0.0, math.inf), "float32"),
        ("grab_distance", (n,), any_number, "float32"),
        ("grab_vector", (n, 2), any_number, "float32"),
        ("goal_position", (2,), place, "float32"),
        ("maze", (cells, cells), (0, 15), "int64"),
        ("image", (*p.image_size, 3), (0, 255), "uint8"),
        ("action", (3,), ([-v for v in fastest] + [0.0], [*fastest, MAX_GRAB]), "float32"),
        *output_rows(),
    ]
