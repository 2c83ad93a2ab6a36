"""The two-dimensional environments."""

from __future__ import annotations

from typing import Any

from muse.envs.catalogue.entry import Entry


def _entry(name: str, module: str, cls: str, summary: str, expert: str, **more: Any) -> Entry:
    """Return the entry of an environment of the block family."""
    return Entry(
        name,
        f"muse.envs.pymunk.{module}.{cls}",
        summary,
        extra="pymunk",
        params={"disable_images": True, **more.pop("params", {})},
        image_params={"disable_images": False, "image_size": [64, 64]},
        expert=f"muse.policies.{expert}",
        **more,
    )


_MOVE = "move_block_expert.MoveBlockExpert"
_NAVIGATE = "navigation_block_expert.NavigationBlockExpert"
_LIFT = "lift_block_expert.LiftBlockExpert"

ENTRIES = (
    _entry(
        "move-block", "move_block_env_2d", "MoveBlockEnv2D",
        "grab a block and drag it to the goal", _MOVE,
        presets={"position": [60.0, 60.0], "goal_position": [150.0, 150.0]},
    ),
    _entry(
        "block", "block_env_2d", "BlockEnv2D",
        "drag the first of ten blocks through a drawn maze to the goal", _MOVE,
        params={"horizon": 1000},
        expert_params={"grab_distance": 40.0},
        presets={"position": [60.0, 60.0], "goal_position": [300.0, 540.0]},
    ),
    _entry(
        "simple-block", "simple_block_env_2d", "SimpleBlockEnv2D",
        "drag the first of ten blocks through a known maze to the goal", _MOVE,
        params={"horizon": 1000},
        expert_params={"grab_distance": 40.0},
        presets={"position": [60.0, 60.0], "goal_position": [300.0, 540.0]},
    ),
    _entry(
        "arrange-block", "arrange_block_env_2d", "ArrangeBlockEnv2D",
        "lift a block into a gap between the others", _LIFT,
        params={"horizon": 400},
        presets={"position": [300.0, 400.0]},
    ),
    _entry(
        "stack-block", "stack_block_env_2d", "StackBlockEnv2D",
        "set a block upright onto another shelf", _LIFT,
        params={"horizon": 400},
        presets={"position": [200.0, 350.0], "goal_position": [50.0, 190.0]},
    ),
    _entry(
        "slider-block", "slider_block_env_2d", "SliderBlockEnv2D",
        "slide two blocks along their grooves to their marks",
        "slider_block_expert.SliderBlockExpert",
        params={"horizon": 400},
        presets={"block_linear_positions": [0.1, 0.2], "goal_linear_positions": [0.9, 0.8]},
    ),
    _entry(
        "navigation-block", "navigation_block_env_2d", "NavigationBlockEnv2D",
        "reach the goal in a drawn maze with blocks in the way", _NAVIGATE,
        params={"horizon": 600},
        presets={"position": [60.0, 60.0], "goal_position": [300.0, 540.0]},
    ),
    _entry(
        "bottleneck-navigation-block", "bottleneck_navigation_block_env_2d",
        "BottleneckNavigationBlockEnv2D",
        "reach the goal through one opening in each of three walls", _NAVIGATE,
        params={"horizon": 600, "randomize_maze": True},
        presets={"maze_low_dim": [0, 3, 1]},
    ),
    Entry(
        "push-t",
        "muse.envs.pymunk.push_t_env.PushTEnv",
        "push the T onto its mark",
        extra="pymunk",
        image_params={"image_obs": True},
        expert="muse.policies.push_t_expert.PushTExpert",
        presets={"state": [100.0, 120.0, 300.0, 280.0, 1.25]},
    ),
)  # fmt: skip
