from __future__ import annotations

import importlib
import subprocess
import sys

import numpy as np
import pytest
from held_keys import HeldKeys

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError, UsageError
from muse.envs.env import Env, build_spec, make
from muse.envs.robohive.robohive_env import RoboHiveEnv
from muse.envs.robohive.tasks import TASKS
from muse.envs.teleop.teleop_policy import TeleopPolicy
from muse.policies.robohive_kitchen_expert import RoboHiveKitchenExpert
from muse.policies.robohive_pick_place_expert import RoboHivePickPlaceExpert

STATE_TASKS = [name for name, task in TASKS.items() if not task.cameras]
#: RLHive's list, by the names of its documents.
RLHIVE = [
    *(f"visual_franka_{thing}_{goal}-v3" for thing in ("slide", "micro")
      for goal in ("random", "close", "open")),
    *(f"visual_kitchen_knob{knob}_{state}-v3" for knob in (1, 2, 3, 4) for state in ("off", "on")),
    *(f"visual_kitchen_light_{state}-v3" for state in ("off", "on")),
    *(f"visual_kitchen_{door}_{goal}-v3" for door in ("sdoor", "ldoor", "rdoor", "micro")
      for goal in ("close", "open")),
    "visual_kitchen_close-v3",
]  # fmt: skip


def _still(env: Env) -> AttrDict:
    return AttrDict(action=np.zeros((1, *env.env_spec.shape("action")), np.float32))


@pytest.mark.parametrize("name", STATE_TASKS)
def test_every_task_is_as_robohive_has_it(name: str) -> None:
    task = TASKS[name]
    with make(RoboHiveEnv, {"env_name": name, "parts": list(task.suite.sizes)}) as env:
        inside = env.simulation.env
        assert tuple(inside.obs_keys) == task.keys
        assert set(inside.obs_dict) == {"time", *task.suite.sizes}
        registry = sys.modules["gymnasium"].registry
        assert registry[task.env_id].max_episode_steps == task.max_steps
        env.seed(0)
        obs, _ = env.reset()
        np.testing.assert_array_equal(obs["observation"][0], inside.get_obs().astype(np.float32))
        joined = np.concatenate([obs[key][0] for key in task.keys])
        np.testing.assert_array_equal(joined, obs["observation"][0])


def test_a_step_gives_what_robohive_gives() -> None:
    action = np.full((1, 9), 0.3, np.float32)
    seen = {}
    for reward in ("dense", "sparse", "solved"):
        with make(RoboHiveEnv, {"env_name": "FrankaReachRandom-v0", "reward": reward}) as env:
            env.seed(4)
            env.reset()
            saved = env.save_state()
            obs, _, _ = env.step(AttrDict(action=action))
            env.restore_state(saved)
            vector, _, done, _, info = env.simulation.env.step(action[0].astype(np.float64))
            np.testing.assert_array_equal(obs["observation"][0], vector.astype(np.float32))
            for name in ("time", "rwd_dense", "rwd_sparse", "solved"):
                assert obs[name][0, 0] == np.asarray(info[name], obs[name].dtype)
            assert obs["terminated"][0, 0] == done
            seen[reward] = float(obs["reward"][0, 0])
    assert seen == pytest.approx(
        {"dense": info["rwd_dense"], "sparse": info["rwd_sparse"], "solved": 0.0}
    )


@pytest.mark.parametrize("name", RLHIVE)
def test_visual_tasks_of_rlhive_show_two_cameras_and_the_robot(name: str) -> None:
    spec = build_spec(RoboHiveEnv.get_default_env_spec_params(
        RoboHiveEnv.resolve_params({"env_name": name})
    ))  # fmt: skip
    assert spec.shape("observation") == (15,)
    for camera in ("right_cam", "left_cam"):
        assert spec.shape(f"{camera}_image") == (224, 224, 3)


def test_names_of_rlhive_lead_to_robohives() -> None:
    assert TASKS["visual_kitchen_micro_open-v3"].env_id == "FK1_MicroOpenRandom-v4"
    assert TASKS["visual_kitchen_knob3_off-v3"].env_id == "FK1_Knob3OffRandom-v4"
    assert TASKS["visual_kitchen_close-v3"].env_id == "FK1_RelaxRandom-v4"
    assert TASKS["visual_franka_slide_open-v3"].env_id == "franka_slide_open-v3"


@pytest.mark.parametrize(
    ("name", "cameras"),
    [
        ("FrankaReachRandom_v2d-v0", ["left_cam", "right_cam", "top_cam"]),
        ("FK1_LightOnRandom_v2d-v4", ["top_cam", "left_cam", "right_cam", "Franka_wrist_cam"]),
        ("pen_v2d-v1", ["vil_camera", "view_1", "view_4"]),
    ],
)
def test_visual_tasks_show_what_robohives_do(name: str, cameras: list[str]) -> None:
    with make(RoboHiveEnv, {"env_name": name, "image_size": [32, 48]}) as env:
        keys = sys.modules["gymnasium"].registry[name].kwargs["visual_keys"]
        assert [key.split(":")[1] for key in keys] == cameras
        obs, _ = env.reset()
        for camera in cameras:
            image = obs[f"{camera}_image"]
            assert image.shape == (1, 32, 48, 3) and image.std() > 5.0


def test_pictures_that_are_not_fast_are_robohives() -> None:
    params = {"env_name": "FrankaReachFixed-v0", "fast_render": False, "image_size": [64, 64]}
    with make(RoboHiveEnv, params | {"cameras": ["left_cam"]}) as env:
        obs, _ = env.reset()
        drawn = env.simulation.env.sim.renderer.render_offscreen(64, 64, camera_id="left_cam")
        difference = np.abs(obs["left_cam_image"][0].astype(int) - drawn)
        assert difference.mean() < 1.0  # multisampled in buffers of another size


def test_the_target_is_where_the_preset_says() -> None:
    target = np.array([0.1, 0.3, 1.0])
    with make(RoboHiveEnv, {"parts": ["reach_err"]}) as env:
        obs, _ = env.reset({"target_pos": target})
        hand = env.simulation.data.site("end_effector").xpos
        np.testing.assert_allclose(obs["reach_err"][0], target - hand, atol=1e-6)


def test_pick_place_tells_the_shapes_it_drew() -> None:
    params = {"env_name": "FrankaPickPlaceRandom-v0", "parts": ["object_shapes"]}
    with make(RoboHiveEnv, params) as env:
        seen = []
        for seed in (0, 1):
            env.seed(seed)
            obs, _ = env.reset()
            shapes = obs["object_shapes"][0].reshape(8, 11)
            model = env.simulation.model
            first = model.body("obj0").geomadr[0]
            assert shapes[0, 0] == model.geom_type[first]
            np.testing.assert_allclose(shapes[0, 1:4], model.geom_size[first], atol=1e-6)
            seen.append(shapes)
        assert np.abs(seen[0] - seen[1]).max() > 0.01


def test_the_pick_place_expert_wants_the_shapes() -> None:
    with (
        make(RoboHiveEnv, {"env_name": "FrankaPickPlaceRandom-v0"}) as env,
        pytest.raises(UsageError, match=r"parts=\['object_shapes'\]"),
    ):
        RoboHivePickPlaceExpert({}, env.env_spec)


@pytest.mark.parametrize(
    "name", ["FrankaPickPlaceRandom-v0", "franka_micro_random-v3", "FK1_LightOnRandom_v2d-v4"]
)
def test_the_kitchen_expert_refuses_what_is_no_kitchen(name: str) -> None:
    with pytest.raises(ParamError, match="env_name"):
        RoboHiveKitchenExpert.resolve_params({"env_name": name})


def test_an_episode_starts_from_joints_that_are_given() -> None:
    with make(RoboHiveEnv, {"env_name": "FK1_MicroOpenFixed-v4", "parts": ["qpos"]}) as env:
        obs, _ = env.reset()
        joints = obs["qpos"][0].copy()
        joints[22] = -1.25  # the microwave's door, open
        obs, _ = env.reset({"qpos": joints, "qvel": np.zeros(29)})
        np.testing.assert_allclose(obs["qpos"][0], joints, atol=1e-6)
        assert obs["solved"][0, 0] and not env.is_success()[0]
        obs, _, done = env.step(_still(env))
        assert env.is_success()[0] and not done[0]


def test_success_ends_the_episode_if_asked_to() -> None:
    with make(RoboHiveEnv, {"env_name": "FK1_RelaxFixed-v4", "done_on_success": True}) as env:
        env.reset()
        obs, _, done = env.step(_still(env))
        assert done[0] and obs["terminated"][0, 0] and env.is_success()[0]


@pytest.mark.parametrize(
    "name", ["FrankaReachRandom-v0", "FrankaPickPlaceFixed-v0", "FK1_RelaxFixed-v4"]
)
@pytest.mark.parametrize(("key", "axis", "sign"), [("s", 2, -1), ("left", 0, -1), ("right", 0, 1)])
def test_keys_move_the_hand_and_close_it(name: str, key: str, axis: int, sign: int) -> None:
    with make(RoboHiveEnv, {"env_name": name}) as env:
        env.seed(0)
        obs, _ = env.reset()
        hand = env.simulation.data.site("end_effector")
        before, pose = hand.xpos.copy(), hand.xmat.copy()
        for _ in range(6):
            obs, _, _ = env.step(env.teleop_action(HeldKeys(key, "g"), obs))
        moved = hand.xpos - before
        assert sign * moved[axis] > 0.05 and np.argmax(np.abs(moved)) == axis
        assert np.abs(hand.xmat - pose).max() < 0.25
        assert env.simulation.data.joint("panda0_finger_joint1").qpos[0] < 0.01


@pytest.mark.parametrize("name", ["pen-v1", "hammer-v1", "door-v1", "relocate-v1"])
def test_keys_close_and_pinch_the_adroit_hand(name: str) -> None:
    with make(RoboHiveEnv, {"env_name": name}) as env:
        data, gaps = env.simulation.data, []
        for keys in ((), ("p",)):
            env.seed(0)
            obs, goal = env.reset()
            policy = TeleopPolicy({}, env.env_spec, env=env, user_input=HeldKeys(*keys))
            memory = policy.initial_memory(None, 1)
            for _ in range(50):
                action, memory = policy.get_action(None, obs, goal, memory)
                obs, goal, _ = env.step(action)
            gaps.append(np.linalg.norm(data.site("S_fftip").xpos - data.site("S_thtip").xpos))
        assert gaps[1] < 0.6 * gaps[0]


def test_steps_last_as_long_as_asked() -> None:
    with make(RoboHiveEnv, {"env_name": "door-v1", "frame_skip": 10, "max_steps": 3}) as env:
        env.reset()
        flags = []
        for _ in range(3):
            obs, _, _ = env.step(_still(env))
            flags.append(bool(obs["truncated"][0, 0]))
        assert flags == [False, False, True]
        assert obs["time"][0, 0] == pytest.approx(3 * 10 * 0.002)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ParamError, match=r"FrankaReachRandom-v0"):
        make(RoboHiveEnv, {"env_name": "FrankaReachRandm-v0"})
    with pytest.raises(EnvError, match=r"no observation 'reach'.*reach_err"):
        make(RoboHiveEnv, {"parts": ["reach"]})
    with pytest.raises(EnvError, match=r"no camera 'left'.*left_cam"):
        make(RoboHiveEnv, {"cameras": ["left"]})


def test_a_gpu_to_draw_on_needs_egl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    with make(RoboHiveEnv, {"render_device": 0}) as env:
        env.reset()
        with pytest.raises(EnvError, match="render_device=0 needs EGL"):
            env.render()


def test_making_one_prints_nothing_and_leaves_numpy_alone() -> None:
    code = (
        "import numpy; from muse.envs.env import make\n"
        "before = numpy.get_printoptions()\n"
        "make('muse.envs.robohive.robohive_env.RoboHiveEnv', {'env_name': 'FK1_OpenAllFixed-v4'})\n"
        "assert numpy.get_printoptions() == before and not hasattr(numpy, 'product')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["reach", "pick_place", "kitchen_light", "door"])
def test_configs_build_what_they_describe(name: str) -> None:
    config = importlib.import_module(f"muse.cfgs.env.robohive.{name}")
    with make(config.export) as env:
        assert env.env_spec == build_spec(config.env_spec)
        env.reset()
