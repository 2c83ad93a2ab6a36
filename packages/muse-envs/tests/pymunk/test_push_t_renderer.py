from __future__ import annotations

import numpy as np
import pytest

from muse.envs.pymunk.push_t_env import GOAL_POSE
from muse.envs.pymunk.push_t_renderer import PushTRenderer


@pytest.mark.parametrize("size", [64, 96, 256])
def test_pictures_do_not_depend_on_what_was_drawn_before(size: int) -> None:
    rng = np.random.default_rng(0)
    used = PushTRenderer(GOAL_POSE)
    for _ in range(20):
        agent = tuple(rng.uniform(-20, 530, 2))
        block = (*rng.uniform(-100, 620, 2), rng.uniform(-4, 4))
        fresh = PushTRenderer(GOAL_POSE)
        expected = fresh.picture(agent, block, size)
        np.testing.assert_array_equal(used.picture(agent, block, size), expected)


def test_the_whole_scene_is_in_the_picture() -> None:
    picture = PushTRenderer(GOAL_POSE).picture((60.0, 60.0), (400.0, 100.0, 0.0), 96)
    colors = {tuple(int(v) for v in color) for color in picture.reshape(-1, 3)}
    assert {(255, 255, 255), (144, 238, 144), (143, 163, 184), (78, 126, 255)} <= colors
