"""A Franka arm with a fixed and a wrist camera, driven through Polymetis.

The driver comes with muse-robot; this description needs no robot, so that policies for the arm
can be trained anywhere. `env_spec` is what the arm and its recordings hold.
"""

from muse.core.attrdict import AttrDict

INF = float("inf")

CAMERA = AttrDict(
    cls="muse.envs.polymetis.usb_camera.USBCamera", cv_cam_id=0, img_width=320, img_height=240
)
EGO_CAMERA = AttrDict(
    cls="muse.envs.polymetis.rs_depth_camera.RSDepthCamera",
    config_json="configs/sr300.json",
    img_width=320,
    img_height=240,
)

#: Metres, radians, quaternions xyzw, gripper 0 open to 1 closed; images uint8 RGB.
env_spec = AttrDict(
    cls="muse.core.spec.ParamEnvSpec",
    names_shapes_limits_dtypes=[
        ("q", (7,), (-INF, INF), "float32"),
        ("qdot", (7,), (-INF, INF), "float32"),
        ("ee_position", (3,), (-INF, INF), "float32"),
        ("ee_orientation", (4,), (-1, 1), "float32"),
        ("ee_orientation_eul", (3,), (-INF, INF), "float32"),
        ("gripper_width", (1,), (0, INF), "float32"),
        ("gripper_pos", (1,), (0, 1), "float32"),
        ("gripper_open", (1,), (0, 1), "float32"),
        ("image", (240, 320, 3), (0, 255), "uint8"),
        ("ego_image", (240, 320, 3), (0, 255), "uint8"),
        ("action", (7,), (-1, 1), "float32"),
        ("reward", (1,), (-INF, INF), "float32"),
    ],
    observation_names=[
        "q",
        "qdot",
        "ee_position",
        "ee_orientation",
        "ee_orientation_eul",
        "gripper_width",
        "gripper_pos",
        "gripper_open",
        "image",
        "ego_image",
    ],
    output_observation_names=["reward"],
    action_names=["action"],
)

export = AttrDict(
    cls="muse.envs.polymetis.polymetis_panda_env.DualCamera240PolymetisPandaEnv",
    hz=10,
    action_space="ee-euler-delta",
    use_gripper=True,
    camera=CAMERA,
    ego_camera=EGO_CAMERA,
)
