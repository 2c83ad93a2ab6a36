"""The Rerun recording, read back by Rerun itself."""

from __future__ import annotations

import pytest

from muse.datasets.commands.main import main

rerun = pytest.importorskip("rerun", reason="recordings need the extra rerun")


def test_entities_and_rows_are_there(make_data, write, tmp_path):
    out = tmp_path / "set.rrd"
    path = write(make_data([5, 7]))
    assert main(["view", path, "--rerun", str(out)]) == 0
    assert out.stat().st_size > 1000
    recording = rerun.dataframe.load_recording(out)
    names = {str(column.entity_path) for column in recording.schema().component_columns()}
    assert {"/episode_0/action", "/episode_1/arm/joint", "/episode_1/image"} <= names
    table = recording.view(index="step", contents="/episode_1/action").select().read_all()
    assert table.num_rows == 7
