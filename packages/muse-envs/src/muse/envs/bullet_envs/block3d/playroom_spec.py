"""What the playroom environments observe of their furniture, and the goals of its tasks."""

from __future__ import annotations

from muse.core.attrdict import AttrDict
from muse.envs.bullet_envs.block3d.block_spec import block_spec_params
from muse.envs.bullet_envs.block3d.layout import BUTTON_TRAVEL, CABINET_TRAVEL, DRAWER_TRAVEL
from muse.envs.bullet_envs.robot_spec import INF, Rows, Workspace

#: How far a joint may be pressed beyond its stops, m and rad.
_SLACK = 0.05


def playroom_spec_params(env_params: AttrDict, workspace: Workspace, buttons: bool) -> AttrDict:
    """Return the parameters of the spec of a playroom, with or without buttons."""
    rows: Rows = []
    goals: Rows = []
    for name, travel in (("drawer", DRAWER_TRAVEL), ("cabinet", CABINET_TRAVEL)):
        reach = (-_SLACK, travel + _SLACK)
        rows += [
            (f"{name}/joint_position", (1,), reach, "float32"),
            (f"{name}/joint_position_normalized", (1,), (0.0, 1.0), "float32"),
            (f"{name}/joint_velocity", (1,), (-INF, INF), "float32"),
            (f"{name}/closed", (1,), (0.0, 1.0), "float32"),
            (f"{name}/handle_position", (3,), (-1.5, 1.5), "float32"),
        ]
        goals.append((f"goal/{name}/joint_position", (1,), reach, "float32"))
    if buttons:
        reach = (-BUTTON_TRAVEL - _SLACK, _SLACK)
        rows += [
            ("buttons/joint_position", (3,), reach, "float32"),
            ("buttons/position", (3, 3), (-1.5, 1.5), "float32"),
            ("buttons/pressed", (3,), (0.0, 1.0), "float32"),
        ]
        goals.append(("goal/buttons/joint_position", (3,), reach, "float32"))
    return block_spec_params(env_params, workspace, rows, goals)
