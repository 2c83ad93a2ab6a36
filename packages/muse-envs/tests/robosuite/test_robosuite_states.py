from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.robosuite.robosuite_env import RobosuiteEnv

pytest.importorskip("robosuite", reason="the manipulation tasks need muse-envs[robosuite]")

DEMOS = {
    "panda_v1/lift": "Lift",
    "panda_v1/stack": "Stack",
    "panda_v1/nut-assembly": "NutAssembly",
    "panda_v1/pick-place": "PickPlace",
    "panda_v1/door": "Door",
    "panda_v14/lift": "Lift",
}


@pytest.mark.parametrize("folder", DEMOS)
def test_human_demonstrations_end_in_success(folder: str, human_demos: Any) -> None:
    with make(RobosuiteEnv, AttrDict(env_name=DEMOS[folder], hard_reset=False)) as env:
        assert isinstance(env, RobosuiteEnv)
        for states, _ in human_demos(folder):
            env.reset(AttrDict(state=states[0]))
            assert not env.is_success()[0]
            obs, _ = env.reset(AttrDict(state=states[-1]))
            assert env.is_success()[0]
            joints = env.simulation.env.sim.data.qpos[:7]
            np.testing.assert_array_equal(joints, states[-1][1:8])
            np.testing.assert_array_equal(obs.robot0_joint_pos[0], joints.astype(np.float32))


def test_the_hand_moves_along_a_replayed_demonstration(human_demos: Any) -> None:
    states, _ = human_demos("panda_v14/lift")[0]
    with make(RobosuiteEnv, AttrDict(env_name="Lift", hard_reset=False)) as env:
        seen = [env.reset(AttrDict(state=state))[0] for state in states[::40]]
        heights = [float(obs.object[0, 2]) for obs in seen]
        gaps = [np.linalg.norm(obs.object[0, 7:]) for obs in seen]
        assert max(heights) > heights[0] + 0.03
        assert min(gaps) < 0.02 < gaps[0]


def test_a_model_robosuite_cannot_use_is_named_and_changes_nothing(human_demos: Any) -> None:
    states, model = human_demos("panda_v14/lift")[0]
    with make(RobosuiteEnv, AttrDict(env_name="Lift")) as env:
        with pytest.raises(EnvError, match="leave the preset `model` out"):
            env.reset(AttrDict(state=states[0], model=model))
        env.reset(AttrDict(state=states[0]))


def test_a_recorded_model_comes_with_its_sizes() -> None:
    with make(RobosuiteEnv) as one, make(RobosuiteEnv) as other:
        assert isinstance(one, RobosuiteEnv) and isinstance(other, RobosuiteEnv)
        one.seed(0)
        recorded, _ = one.reset()
        other.seed(1)
        other.reset()
        state = one.simulation.env.sim.get_state().flatten()
        obs, _ = other.reset(AttrDict(state=state, model=one.simulation.xml))
        np.testing.assert_array_equal(obs.object, recorded.object)
        sizes = [e.simulation.model.geom("cube_g0").size for e in (one, other)]
        np.testing.assert_array_equal(*sizes)
        other.reset()  # a drawn episode follows


def test_a_misshapen_state_is_named() -> None:
    with make(RobosuiteEnv) as env:
        with pytest.raises(EnvError, match=r"expected \(32,\) finite numbers"):
            env.reset(AttrDict(state=np.zeros(5)))
        with pytest.raises(EnvError, match="needs the preset `state`"):
            env.reset(AttrDict(model="<mujoco/>"))


@pytest.mark.parametrize(
    ("task", "controller"),
    [
        ("Lift", "OSC_POSE"),
        ("Lift", "IK_POSE"),
        ("Wipe", "OSC_POSE"),
        ("TwoArmTransport", "OSC_POSE"),
    ],
)
def test_a_saved_state_goes_on_bit_for_bit_in_another_environment(
    task: str, controller: str
) -> None:
    size = {"Wipe": 6, "TwoArmTransport": 14}.get(task, 7)
    down = np.zeros((1, size), np.float32)
    down[0, 2] = -1.0
    action = AttrDict(action=down)
    with (
        make(RobosuiteEnv, AttrDict(env_name=task, controller=controller)) as one,
        make(RobosuiteEnv, AttrDict(env_name=task, controller=controller)) as other,
    ):
        one.seed(0)
        one.reset()
        for _ in range(12):
            one.step(action)
        state = one.save_state()
        assert all(isinstance(leaf, np.ndarray) for _, leaf in state.leaf_items())
        other.seed(1)
        other.reset()
        other.restore_state(state)
        for _ in range(5):
            ours, theirs = one.step(action)[0], other.step(action)[0]
            for name, value in ours.leaf_items():
                np.testing.assert_array_equal(value, theirs[name], err_msg=name)
