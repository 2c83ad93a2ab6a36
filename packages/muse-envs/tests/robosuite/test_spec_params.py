from __future__ import annotations

import pytest

from muse.core.attrdict import AttrDict
from muse.core.spec import BiModalParamEnvSpec
from muse.envs.env import build_spec
from muse.envs.robosuite.robosuite_env import RobosuiteEnv
from muse.envs.robosuite.robosuite_utils import get_wp_dynamics_fn, modify_spec_prms


@pytest.fixture
def params() -> AttrDict:
    return RobosuiteEnv.get_default_env_spec_params(
        RobosuiteEnv.resolve_params(AttrDict(env_name="NutAssemblySquare", imgs=True))
    )


def test_the_given_parameters_are_left_alone(params: AttrDict) -> None:
    before = build_spec(params)
    modify_spec_prms(
        params, minimal=True, no_reward=True, include_mode=True, include_policy_actions=True
    )
    assert build_spec(params) == before


def test_a_minimal_spec_observes_pose_gripper_object_and_images(params: AttrDict) -> None:
    spec = build_spec(modify_spec_prms(params, minimal=True))
    assert set(spec.observation_names) == {
        "object", "robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos", "image",
    }  # fmt: skip
    assert "robot0_joint_pos" not in spec


def test_parts_are_left_out(params: AttrDict) -> None:
    spec = build_spec(modify_spec_prms(params, raw=True, no_object=True, no_reward=True))
    assert not {"object", "reward", "robot0_eef_eul", "robot0_eef_vel_lin"} & set(spec.all_names)
    assert "terminated" in spec.output_observation_names


def test_a_mode_makes_the_spec_bimodal(params: AttrDict) -> None:
    new = modify_spec_prms(params, include_mode=True, wp_dynamics_fn=get_wp_dynamics_fn())
    spec = build_spec(new)
    assert isinstance(spec, BiModalParamEnvSpec)
    assert spec.mode0_action_names == (
        "target/position", "target/orientation", "target/orientation_eul",
    )  # fmt: skip
    assert spec.mode1_action_names == ("action",) and "mode" in spec.action_names
    assert spec.dynamics_state_names == ("robot0_eef_pos", "robot0_eef_quat")


def test_bookkeeping_is_added(params: AttrDict) -> None:
    new = modify_spec_prms(
        params,
        include_click_state=True,
        include_real=True,
        include_target_names=True,
        include_target_gripper=True,
        include_policy_actions=True,
    )
    spec = build_spec(new)
    assert {"click_state", "target/gripper", "target/position", "policy_name", "policy_type"} <= {
        *spec.action_names
    }
    assert "real" in spec.observation_names and spec.dtype("policy_name").kind == "U"
    unnamed = build_spec(modify_spec_prms(params, no_names=True, include_policy_actions=True))
    assert "policy_name" not in unnamed and "policy_switch" in unnamed.action_names
