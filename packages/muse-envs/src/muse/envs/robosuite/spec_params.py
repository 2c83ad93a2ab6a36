"""Variants of the spec of `RobosuiteEnv`, for data sets that hold more or models that use less."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from muse.core.attrdict import AttrDict

_ANY, _UNIT, _ANGLE = (-math.inf, math.inf), (-1.0, 1.0), (-math.pi, math.pi)
_FLAG = (0, 1)
#: What a minimal spec observes.
_MINIMAL = ("object", "robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos")
#: What only Muse's environment gives, not the recorded data.
_DERIVED = ("_eef_eul", "_eef_vel_lin", "_eef_vel_ang")
_TARGETS = (
    ("target/position", (3,), _ANY, "float32"),
    ("target/orientation", (4,), _UNIT, "float32"),
    ("target/orientation_eul", (3,), _ANGLE, "float32"),
)
_TARGET_GRIPPER = ("target/gripper", (1,), _UNIT, "float32")
_POLICY_ACTIONS = (
    ("policy_type", (1,), (0, 255), "uint8"),
    ("policy_name", (1,), _ANY, "<U64"),
    ("policy_switch", (1,), (False, True), "bool"),
)


def modify_spec_prms(
    prms: AttrDict,
    no_names: bool = False,
    raw: bool = False,
    minimal: bool = False,
    no_reward: bool = False,
    no_object: bool = False,
    include_click_state: bool = False,
    include_mode: bool = False,
    include_real: bool = False,
    include_target_names: bool = False,
    include_target_gripper: bool = False,
    include_policy_actions: bool = False,
    wp_dynamics_fn: Callable[..., Any] | str | None = None,
) -> AttrDict:
    """Return the parameters of another spec; `prms` is left as it was.

    Args:
        prms: as `RobosuiteEnv.get_default_env_spec_params` gives them.
        no_names: leave out `policy_name`, the only text.
        raw: leave out what the environment derives (Euler angles, hand velocities).
        minimal: observe only `object`, the hand's pose and gripper, and images.
        no_reward: leave out `reward`.
        no_object: leave out `object`.
        include_click_state: add the action `click_state`, marks set by hand.
        include_mode: add the action `mode`, and make it a `BiModalParamEnvSpec`: mode 0 are the
            `target/…` names, mode 1 is `action`. Brings the target names.
        include_real: add the observation `real`: 1 where a person acted.
        include_target_names: add the actions `target/position`, `target/orientation` and
            `target/orientation_eul`.
        include_target_gripper: add the action `target/gripper`.
        include_policy_actions: add `policy_type`, `policy_name` and `policy_switch`, which say
            what acted.
        wp_dynamics_fn: of the bi-modal spec.
    """
    new = AttrDict(prms.items())
    observed, acted = list(prms.observation_names), list(prms.action_names)
    rows = list(prms.names_shapes_limits_dtypes)
    if minimal:
        images = {row[0] for row in rows if row[3] == "uint8"}
        observed = [name for name in observed if name in _MINIMAL or name in images]
    if raw:
        observed = [name for name in observed if not name.endswith(_DERIVED)]
    if no_object:
        observed = [name for name in observed if name != "object"]
    added: list[tuple[Any, ...]] = []
    if include_target_names or include_mode:
        added += _TARGETS
    if include_target_gripper:
        added.append(_TARGET_GRIPPER)
    if include_mode:
        added.append(("mode", (1,), _FLAG, "float32"))
    if include_click_state:
        added.append(("click_state", (1,), _FLAG, "float32"))
    if include_policy_actions:
        added += [row for row in _POLICY_ACTIONS if not (no_names and row[0] == "policy_name")]
    acted += [row[0] for row in added if row[0] not in acted]
    if include_real:
        added.append(("real", (1,), _FLAG, "float32"))
        observed.append("real")
    outputs = [n for n in prms.output_observation_names if not (no_reward and n == "reward")]
    used = {*observed, *acted, *outputs}
    new.names_shapes_limits_dtypes = [
        row for row in [*rows, *added] if row[0] in used
    ]  # those left out need no row
    new.observation_names, new.action_names = observed, acted
    new.output_observation_names = outputs
    if include_mode:
        targets = [row[0] for row in _TARGETS]
        new.update(
            cls="muse.core.spec.BiModalParamEnvSpec",
            mode0_action_names=[n for n in acted if n in targets],
            mode1_action_names=["action"],
            dynamics_state_names=["robot0_eef_pos", "robot0_eef_quat"],
            wp_dynamics_fn=wp_dynamics_fn,
        )
    return new
