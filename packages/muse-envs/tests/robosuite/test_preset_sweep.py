from __future__ import annotations

import numpy as np
import pytest

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.robosuite import rotations
from muse.envs.robosuite.preset_sweep import PresetSweep, turned
from muse.envs.robosuite.robosuite_env import RobosuiteEnv
from muse.envs.robosuite.tasks import TASKS

FLAT = np.array([0.0, 0.0, 0.0, 1.0])


def poses(sweep: PresetSweep, bodies: list[str], count: int) -> list[tuple[float, ...]]:
    drawn = {body: (np.array([9.0, 9.0, 0.8]), FLAT) for body in bodies}
    rng, found = np.random.default_rng(0), []
    for _ in range(count):
        placed = sweep.next_poses(drawn, np.zeros(2), rng)
        found.append(tuple(round(float(v), 6) for b in bodies for v in np.concatenate(placed[b])))
    return found


def test_the_grids_of_the_documents_have_their_sizes() -> None:
    square = PresetSweep(TASKS["NutAssemblySquare"].sweep, 5, 10)
    hang = PresetSweep(TASKS["ToolHang"].sweep, 2, 3)
    assert (len(square), len(hang)) == (50, 36)
    assert len(set(poses(square, ["SquareNut"], 50))) == 50
    assert len(set(poses(hang, ["frame", "tool"], 36))) == 36


def test_a_sweep_repeats_and_restarts() -> None:
    sweep = PresetSweep(TASKS["NutAssemblySquare"].sweep, 2, 2)
    first = poses(sweep, ["SquareNut"], 6)
    assert first[:2] == first[4:]
    sweep.restart()
    assert poses(sweep, ["SquareNut"], 1) == first[:1]


def test_the_ends_of_the_sweep_are_part_of_it() -> None:
    places = poses(PresetSweep(TASKS["NutAssemblySquare"].sweep, 3, 1), ["SquareNut"], 3)
    assert [place[1] for place in places] == pytest.approx([0.11, 0.1675, 0.225])
    assert {place[2] for place in places} == {0.8}  # the drawn height


def test_noise_moves_the_starts() -> None:
    sweep = PresetSweep(TASKS["NutAssemblySquare"].sweep, 1, 1, position_noise=0.01)
    places = poses(sweep, ["SquareNut"], 200)
    assert np.std([place[1] for place in places]) == pytest.approx(0.01, rel=0.2)


def test_a_turn_keeps_the_tilt() -> None:
    tilted = rotations.from_euler(np.array([0.3, -0.2, 1.0]))
    np.testing.assert_allclose(rotations.to_euler(turned(tilted, -2.0)), [0.3, -0.2, -2.0])


def test_resets_go_through_the_grid() -> None:
    pytest.importorskip("robosuite", reason="the manipulation tasks need muse-envs[robosuite]")
    params = AttrDict(env_name="NutAssemblySquare", hard_reset=False, parse_objects=True)
    params &= AttrDict(enable_preset_sweep=True, preset_sweep_pos=2, preset_sweep_ori=2)
    with make(RobosuiteEnv, params) as env:
        assert isinstance(env, RobosuiteEnv) and env.num_presets == 4
        seen = [env.reset()[0] for _ in range(5)]
        heights = [float(obs["objects/position"][0, 0, 1]) for obs in seen]
        assert heights[:4] == pytest.approx([0.11, 0.11, 0.225, 0.225], abs=1e-6)
        turns = [float(obs["objects/orientation_eul"][0, 0, 2]) for obs in seen]
        assert np.cos(turns[:4]) == pytest.approx([1.0, -1.0, 1.0, -1.0], abs=1e-5)
        np.testing.assert_allclose(seen[0].object[0, 7:], seen[4].object[0, 7:], atol=1e-6)
    with pytest.raises(EnvError, match="no preset sweep"):
        make(RobosuiteEnv, AttrDict(env_name="Wipe", enable_preset_sweep=True))
