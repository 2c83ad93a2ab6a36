"""The parameters that every environment of the 2-D block family has."""

from __future__ import annotations

import math

from muse.core.params import Param, fraction, non_negative, positive
from muse.envs.pymunk.checks import cells, pair, pair_of_sizes, size_or_sides

LAYOUT_PARAMS = (
    Param("num_blocks", int, 10, "blocks on the grid", check=non_negative),
    Param("grid_size", list[int], [600, 600], "width and height of the world", "px",
          check=pair_of_sizes),
    Param("block_size", float | list[float], 30.0, "side of a block, or width and height", "px",
          check=size_or_sides),
    Param("block_size_lower", float | list[float] | None, None,
          "least size when sizes are drawn; None for block_size", "px", check=size_or_sides),
    Param("block_size_upper", float | list[float] | None, None,
          "greatest size when sizes are drawn; None for block_size", "px", check=size_or_sides),
    Param("agent_size", float | None, None,
          "diameter of the agent; None for the smaller side of block_size", "px", check=positive),
    Param("num_maze_cells", int, 5, "cells along each side of the maze; 1 for an open grid",
          check=positive),
    Param("fixed_np_maze", list[list[int]] | None, None,
          "the maze of every episode, walls N 8 + W 4 + S 2 + E 1; None draws one each time"),
    Param("valid_start_idxs", list[list[int]] | None, None,
          "(row, column) of the cells the agent may start in; None for all", check=cells),
    Param("valid_goal_idxs", list[list[int]] | None, None,
          "(row, column) of the cells a goal may lie in; None for all", check=cells),
    Param("maximize_agent_block_distance", bool, False,
          "start the agent at the one of 40 drawn places that is farthest from all blocks"),
    Param("min_goal_distance", float, 80.0, "least distance of goal and what it is for at the "
          "start", "px", check=non_negative),
    Param("initialization_steps", int, 5, "physics steps, 1/250 s each, before the first "
          "observation", check=non_negative),
)  # fmt: skip

PHYSICS_PARAMS = (
    Param("dt", float, 0.1, "length of a control step", "s", check=positive),
    Param("dt_scale", float, 0.0, "each control step is longer or shorter by up to this share",
          check=fraction),
    Param("block_mass", float, 10.0, "mass of a block and of the agent", check=positive),
    Param("gravity", list[float], [0.0, 0.0], "acceleration of every body", "px/s^2", check=pair),
    Param("damping", float, 0.5, "share of velocity kept over a second", check=fraction),
    Param("max_velocity", float, 100.0, "greatest speed of a body", "px/s", check=positive),
    Param("action_max_velocity", float | None, None,
          "limit of each commanded velocity; None for a tenth of the grid a second", "px/s",
          check=positive),
    Param("block_friction", float, 0.3, "Coulomb friction of all surfaces", check=non_negative),
    Param("keep_in_bounds", bool, False,
          "put bodies that a strong push drove through the border back onto the grid"),
    Param("do_wall_collisions", bool, False,
          "touching a wall counts in the observations block_contact*, too"),
    Param("action_noise_prob", float, 0.0,
          "chance in a step that the executed velocity is turned; the agent's record keeps "
          "the action it asked for", check=fraction),
    Param("action_noise_theta", float, 10.0, "standard deviation of that turn", "deg",
          check=non_negative),
)  # fmt: skip

GRAB_PARAMS = (
    Param("block_grabbing_frac", float, 1.15,
          "reach of the grip from the agent's centre, in radii", check=positive),
    Param("grab_action_binary", bool, False,
          "grab at full force for any action above 0, instead of in proportion"),
    Param("grab_one_only", bool, False, "hold at most one block"),
    Param("grab_add_rotary_limit_joint", bool, True, "a held block does not turn"),
    Param("grab_slider_min_frac", float | None, None,
          "hold blocks on a slide that lets them come closer, down to this share of the distance "
          "at which they were taken; None holds them on a pivot", check=fraction),
    Param("grab_action_max_force", float, math.inf, "upper bound of the grip's force",
          check=positive),
    Param("break_constraints_on_large_impulse", bool, False,
          "let go of a block whose grip bears more than break_constraints_force"),
    Param("break_constraints_force", float, 50_000.0, "that force", check=positive),
)  # fmt: skip

EPISODE_PARAMS = (
    Param("observation_names", list[str] | None, None,
          "what to observe (see the class); None for the usual names"),
    Param("image_size", list[int], [128, 128], "height and width of `image`", "px",
          check=pair_of_sizes),
    Param("disable_images", bool, False, "leave out the observation `image`"),
    Param("tolerance", float, 15.0, "distance to the goal that succeeds", "px", check=positive),
    Param("sparse_reward", bool, True,
          "1 in the step that succeeds, else 0; false for minus the distance to go"),
    Param("horizon", int | None, None, "steps until the episode is cut off; None for never",
          "steps", check=positive),
    Param("done_on_success", bool, True, "end the episode when the task succeeds"),
    Param("realtime", bool | None, None,
          "let a step take as long as it simulates; None: while a window shows it"),
    Param("default_teleop_speed", float, 75.0, "speed of the agent under keys", "px/s",
          check=positive),
)  # fmt: skip

BLOCK_PARAMS = (*LAYOUT_PARAMS, *PHYSICS_PARAMS, *GRAB_PARAMS, *EPISODE_PARAMS)
