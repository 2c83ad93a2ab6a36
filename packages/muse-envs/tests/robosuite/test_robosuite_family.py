"""What every environment of the extra `robosuite` keeps, with and without images."""

from __future__ import annotations

import pytest

from muse.envs.catalogue.entry import Entry
from muse.envs.catalogue.robosuite import ENTRIES
from muse.envs.env import make
from muse.envs.testing import check_env

pytest.importorskip("robosuite", reason="the manipulation tasks need muse-envs[robosuite]")

#: Length of an episode and side of the images here. The checker takes its thousand steps over ten
#: episodes and goes through two more twice; at the entries' own lengths, 400 to 800, that would be
#: 2600 to 4200 steps each. As it is all sixteen take six minutes of one core.
STEPS_OF_EPISODE, IMAGE_SIDE = 100, 32


@pytest.mark.parametrize("image", [False, True], ids=["state", "image"])
@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_a_thousand_random_steps_keep_the_contract(entry: Entry, image: bool) -> None:
    small = {"img_width": IMAGE_SIDE, "img_height": IMAGE_SIDE} if image else {}
    with make(entry.group(image, max_steps=STEPS_OF_EPISODE, **small)) as env:
        check_env(env, steps=1000, presets=entry.presets)
