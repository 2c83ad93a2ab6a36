"""What the tasks of RoboHive have in common: what is observed, what is placed, what success is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_ARM_MODELS = ("franka_sim", "furniture_sim", "scene_sim")
#: Numbers of a shape in `object_shapes`: its type in MuJoCo, size (3,), place (3,), quaternion.
SHAPE_SIZE = 11
_ARM_CAMERAS = ("left_cam", "right_cam", "top_cam")


@dataclass(frozen=True)
class Placement:
    """Something that a preset puts elsewhere, by changing the model.

    Args:
        array: the model's array that holds it.
        name: of the body or site.
        size: numbers in the preset.
    """

    array: str
    name: str
    size: int = 3


@dataclass(frozen=True)
class Suite:
    """Tasks of one scene.

    Args:
        sizes: numbers in each of RoboHive's observations, by its names.
        vector: those that `observation` joins, in this order.
        joints: those that visual tasks show: what the robot feels of itself.
        rlhive_joints: the same in the visual tasks of RLHive.
        action: numbers in the action.
        models: SimHive's folders it needs.
        camera: which camera of the model `render()` looks through.
        v2d_cameras: the cameras of RoboHive's visual tasks, `v2d_size` px high and wide.
        rlhive_cameras: those of RLHive's, 224 px.
        success: what success is.
        placements: presets beside `qpos` and `qvel`.
        shaped: bodies whose shapes an episode draws, and how many each has. RoboHive's
            observations do not tell them; the part `object_shapes` does.
    """

    sizes: Mapping[str, int]
    vector: tuple[str, ...]
    joints: tuple[str, ...]
    action: int
    models: tuple[str, ...]
    camera: str
    success: str
    v2d_cameras: tuple[str, ...] = ()
    v2d_size: tuple[int, int] = (224, 224)
    rlhive_joints: tuple[str, ...] = ()
    rlhive_cameras: tuple[str, ...] = ()
    placements: Mapping[str, Placement] = field(default_factory=dict)
    shaped: Mapping[str, int] = field(default_factory=dict)

    @property
    def parts(self) -> Mapping[str, int]:
        """Numbers in each observation that can be given apart."""
        shapes = sum(self.shaped.values()) * SHAPE_SIZE
        return {**self.sizes, **({"object_shapes": shapes} if shapes else {})}

    @property
    def has_arm(self) -> bool:
        """Whether the robot is the Franka arm, else it is the Adroit hand."""
        return self.models == _ARM_MODELS


REACH = Suite(
    sizes={"qp_robot": 9, "qv_robot": 9, "reach_err": 3},
    vector=("qp_robot", "qv_robot", "reach_err"),
    joints=("qp_robot", "qv_robot"),
    action=9,
    models=_ARM_MODELS,
    camera="right_cam",
    success="the hand came within 5 cm of the target",
    v2d_cameras=_ARM_CAMERAS,
    placements={"target_pos": Placement("site_pos", "target")},
)
PICK_PLACE = Suite(
    sizes={
        "qp_robot": 9,
        "qp_object": 21,
        "qv_robot": 9,
        "qv_object": 18,
        "object_err": 3,
        "target_err": 3,
    },
    vector=("qp_robot", "qp_object", "qv_robot", "qv_object", "object_err", "target_err"),
    joints=("qp_robot", "qv_robot"),
    action=9,
    models=_ARM_MODELS,
    camera="right_cam",
    success="the object came within 5 cm of the target",
    v2d_cameras=_ARM_CAMERAS,
    placements={"target_pos": Placement("site_pos", "drop_target")},
    shaped={"obj0": 3, "obj1": 3, "obj2": 2},
)
_AT_GOAL = "every joint of the things came near its goal"
_KITCHEN_SITES = ("knob1", "knob2", "knob3", "knob4", "light", "slide", "leftdoor", "rightdoor")
_SITE_ERRORS = tuple(
    f"{name}_err"
    for name in (*(f"{site}_site" for site in _KITCHEN_SITES), "microhandle_site", "kettle_site0")
)
_FEELS = ("robot_jnt", "robot_vel", "ee_pose_wrt_robot")
# The hand's pose in the room, which RLHive took, would tell where the robot stands.
_RLHIVE_FEELS = ("robot_jnt", "ee_pose_wrt_robot")
_RLHIVE_CAMERAS = ("right_cam", "left_cam")


def _multi_task_sizes(things: int, sites: tuple[str, ...]) -> dict[str, int]:
    return {
        "robot_jnt": 9,
        "objs_jnt": things,
        "robot_vel": 9,
        "objs_vel": things,
        "obj_goal": things,
        "goal_err": things,
        "approach_err": 3,
        "pose_err": 9,
        "ee_pose": 6,
        "ee_pose_wrt_robot": 6,
        **dict.fromkeys(sites, 3),
    }


KITCHEN = Suite(
    sizes={**_multi_task_sizes(15, _SITE_ERRORS), "qpos": 29},
    vector=("robot_jnt", "objs_jnt", "obj_goal", "ee_pose", *_SITE_ERRORS),
    joints=_FEELS,
    action=9,
    models=_ARM_MODELS,
    camera="left_cam",
    success=_AT_GOAL,
    v2d_cameras=("top_cam", "left_cam", "right_cam", "Franka_wrist_cam"),
    v2d_size=(256, 256),
    rlhive_joints=_RLHIVE_FEELS,
    rlhive_cameras=_RLHIVE_CAMERAS,
    placements={"base_pos": Placement("body_pos", "chef")},
)
#: The middle of their names -> the suites of one appliance and an arm.
APPLIANCE: Mapping[str, Suite] = {
    name: Suite(
        sizes={**_multi_task_sizes(1, (f"{site}_err",)), "qpos": 10},
        vector=("robot_jnt", "objs_jnt", "obj_goal", "goal_err", "approach_err"),
        joints=_FEELS,
        action=9,
        models=_ARM_MODELS,
        camera="left_cam",
        success=_AT_GOAL,
        rlhive_joints=_RLHIVE_FEELS,
        rlhive_cameras=_RLHIVE_CAMERAS,
        placements={
            "body_pos": Placement("body_pos", body),
            "body_quat": Placement("body_quat", body, 4),
        },
    )
    for name, site, body in (
        ("micro", "microhandle_site", "microwave"),
        ("slide", "slide_site", "slidecabinet"),
    )
}


def _hand(
    action: int,
    success: str,
    sizes: Mapping[str, int],
    placements: Mapping[str, Placement],
    *vector: str,
) -> Suite:
    """Return a suite of the Adroit hand; all of `sizes` is its vector where none is given."""
    return Suite(
        sizes=sizes,
        vector=vector or tuple(sizes),
        joints=("hand_jnt",),
        action=action,
        models=("Adroit", "scene_sim"),
        camera="vil_camera",
        success=success,
        v2d_cameras=("vil_camera", "view_1", "view_4"),
        rlhive_joints=("hand_jnt",),
        rlhive_cameras=("vil_camera", "fixed"),
        placements=placements,
    )


#: The first word of their names -> the suites of the Adroit hand.
ADROIT: Mapping[str, Suite] = {
    "door": _hand(
        28,
        "the door was open by 1.35 rad",
        {
            "hand_jnt": 27,
            "hand_vel": 28,
            "handle_pos": 3,
            "palm_pos": 3,
            "reach_err": 3,
            "door_pos": 1,
            "latch_pos": 1,
            "door_open": 1,
        },
        {"door_body_pos": Placement("body_pos", "frame")},
        *("hand_jnt", "latch_pos", "door_pos", "palm_pos", "handle_pos", "reach_err"),
    ),
    "hammer": _hand(
        26,
        "the nail came within 1 cm of its goal",
        {
            "hand_jnt": 27,
            "obj_vel": 6,
            "palm_pos": 3,
            "obj_pos": 3,
            "obj_rot": 3,
            "target_pos": 3,
            "nail_impact": 1,
            "tool_pos": 3,
            "goal_pos": 3,
            "hand_vel": 27,
        },
        {"board_pos": Placement("body_pos", "nail_board")},
    ),
    "pen": _hand(
        24,
        "the pen pointed as it should, and had not been dropped",
        {
            "hand_jnt": 24,
            "obj_pos": 3,
            "obj_des_pos": 3,
            "obj_vel": 6,
            "obj_rot": 3,
            "obj_des_rot": 3,
            "obj_err_pos": 3,
            "obj_err_rot": 3,
        },
        {"desired_orien": Placement("body_quat", "target", 4)},
        *("hand_jnt", "obj_pos", "obj_vel", "obj_rot", "obj_des_rot", "obj_err_pos"),
        "obj_err_rot",
    ),
    "relocate": _hand(
        30,
        "the ball came within 10 cm of the target",
        {"hand_jnt": 30, "palm_obj_err": 3, "palm_tar_err": 3, "obj_tar_err": 3, "obj_pos": 3},
        {
            "obj_pos": Placement("body_pos", "Object"),
            "target_pos": Placement("site_pos", "target"),
        },
    ),
}
