"""What the 3-D environments observe of the object, and the goals of their tasks."""

from __future__ import annotations

import math

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.robot_spec import INF, Rows, Workspace, robot_spec_params

#: Where an object may be; one that falls off the table is still in it for a while.
_PLACE = (-5.0, 5.0)


def block_spec_params(
    env_params: AttrDict, workspace: Workspace, more: Rows | None = None, goals: Rows | None = None
) -> AttrDict:
    """Return the parameters of the spec of an arm with an object.

    Args:
        env_params: of the environment.
        workspace: where the tool may be sent.
        more: rows of further observations.
        goals: rows of further goals, given when there is a task.
    """
    turn = (-math.pi, math.pi)
    objects: Rows = [
        ("objects/position", (1, 3), _PLACE, "float32"),
        ("objects/orientation_eul", (1, 3), turn, "float32"),
        ("objects/velocity", (1, 3), (-INF, INF), "float32"),
        ("objects/angular_velocity", (1, 3), (-INF, INF), "float32"),
        ("objects/aabb", (1, 6), _PLACE, "float32"),
        ("objects/contact", (1,), (0.0, 1.0), "float32"),
    ]
    spec = robot_spec_params(
        env_params,
        workspace,
        objects + (more or []),
        [("objects/size", (1, 3), (0.0, 1.0), "float32")],
    )
    if env_params.task is not None:
        added: Rows = [
            ("goal/objects/position", (1, 3), _PLACE, "float32"),
            ("goal/objects/orientation_eul", (1, 3), turn, "float32"),
            *(goals or []),
        ]
        spec["names_shapes_limits_dtypes"] += added
        spec["goal_names"] = [row[0] for row in added]
    return spec
