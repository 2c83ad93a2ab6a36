"""What `examine` finds in data that are spoiled on purpose, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.datasets.formats.catalogue import open_source
from muse.datasets.formats.views import SourceView
from muse.datasets.tools.examination import examine

LENGTHS = [60, 50, 55, 65]


@pytest.fixture
def smooth(make_data):
    """Data of a robot that moves smoothly and sees it."""
    data = make_data(LENGTHS)
    n = sum(LENGTHS)
    time = np.arange(n)
    data["state"] = np.stack([np.sin(time / 9), np.cos(time / 7), time / n], 1).astype(np.float32)
    data["arm/joint"] = np.stack([np.sin(time / 5), np.sin(time / 6)], 1).astype(np.float32)
    data["action"] = np.stack([np.cos(time / 9), np.sin(time / 8)], 1).astype(np.float32)
    data["reward"] = np.linspace(0, 1, n, dtype=np.float32)[:, None]
    return data


def findings(write, data, **options):
    with open_source(write(data)) as source:
        return [
            (f.severity, f.column, f.episode, f.step, f.message)
            for f in examine(source, **options).findings
        ]


def test_good_data_have_no_findings(smooth, write):
    assert findings(write, smooth) == []


def test_nan_and_infinity_are_errors_with_their_place(smooth, write):
    smooth["state"][60 + 7, 1] = np.nan
    smooth["state"][60 + 9, 0] = np.inf
    found = findings(write, smooth)
    assert found[0] == ("error", "state", 1, 7, "1 NaN and 1 infinite")
    with open_source(write(smooth)) as source:
        seen = examine(source).statistics["state"]
    assert np.isfinite(seen.max).all() and seen.max[0] <= 1


def test_jumps_are_found_but_not_bursts_angles_or_grippers(smooth, write):
    smooth["state"][110 + 20 :, 0] += 5  # from there on elsewhere
    smooth["arm/joint"][60 + 30, 1] += 4  # one reading
    time = np.arange(sum(LENGTHS))
    smooth["angle"] = np.mod(time * 0.21, 2 * np.pi).astype(np.float32)
    smooth["gripper"] = (time % 40 > 20).astype(np.float32)
    smooth["burst"] = np.cumsum(np.where((time % 60 > 20) & (time % 60 < 30), 1.0, 1e-4))
    jumps = [f for f in findings(write, smooth) if "jumps" in f[4]]
    assert {(f[1], f[2], f[3]) for f in jumps} == {
        ("state", 2, 20),
        ("arm/joint", 1, 30),
        ("arm/joint", 1, 31),
    }


def test_a_frozen_camera_is_told_from_a_resting_robot(smooth, write):
    rest = slice(60 + 10, 60 + 22)
    for name in ("state", "arm/joint", "image", "action", "reward"):
        smooth[name][rest] = smooth[name][rest.start]
    found = findings(write, smooth)
    assert "11 of 230 steps (4.8 %) repeat the step before" in [f[4] for f in found]
    assert not [f for f in found if f[1] == "image"]
    smooth["image"][110 + 5 : 110 + 15] = smooth["image"][110 + 5]
    frozen = [f for f in findings(write, smooth) if f[1] == "image"]
    assert frozen[0][:4] == ("warning", "image", 2, 6) and "9 in a row" in frozen[0][4]
    assert not [f for f in findings(write, smooth, images=False) if f[1] == "image"]


def test_black_frames_copies_constants_and_odd_lengths(make_data, write):
    lengths = [40, 40, 40, 4]
    data = make_data(lengths)
    for name in ("state", "arm/joint", "image", "action", "reward"):
        data[name][80:120] = data[name][:40]
    data["image"][50] = 0
    data["arm/joint"][:, 1] = 3
    data["reward"][:] = 2
    found = {f[1:3]: f[4] for f in findings(write, data)}
    assert found[(None, 2)] == "is a copy of episode 0"
    assert "4 steps; the median is 40" in found[(None, 3)]
    assert found[("image", 1)] == "1 black frames"
    assert found[("arm/joint", None)] == "dimensions 1 never change"
    assert found[("reward", None)] == "is always the same 2"


class Limited(SourceView):
    """A source whose spec knows the limits of the action."""

    def spec_params(self) -> AttrDict:
        rows = [("action", (2,), ([-1, -1], [1, 0.5]), "float32")]
        return AttrDict(
            names_shapes_limits_dtypes=rows, action_names=["action"], observation_names=[]
        )


def test_actions_are_held_against_the_limits_of_the_spec(smooth, write):
    smooth["action"][:, 1] = np.minimum(smooth["action"][:, 1], 0.5)
    smooth["action"][60 + 3, 0] = 1.5
    with open_source(write(smooth)) as source:
        found = [f for f in examine(Limited(source)).findings if f.column == "action"]
    assert (found[0].severity, found[0].episode, found[0].step) == ("error", 1, 3)
    assert "1.5 is outside" in found[0].message
    assert any("dimension 1 is at its limit in" in f.message for f in found)


def test_real_demonstrations_are_clean_but_for_two_hasty_actions(real_data):
    pytest.importorskip("zarr", reason="reading Zarr needs the extra zarr")
    with open_source(real_data / "pusht" / "pusht_cchi_v7_replay.zarr") as source:
        found = examine(source, images=False)
    assert len(found.lengths) == 206
    assert all(f.severity == "warning" and f.column == "action" for f in found.findings)
