"""The Rerun recording, read back by Rerun itself."""

from __future__ import annotations

import pytest

from muse.datasets.commands.main import main

chunk = pytest.importorskip("rerun.chunk", reason="reading recordings needs rerun 0.41 or later")


def test_entities_and_rows_are_there(make_data, write, tmp_path):
    out = tmp_path / "set.rrd"
    path = write(make_data([5, 7]))
    assert main(["view", path, "--rerun", str(out)]) == 0
    chunks = {}
    for each in chunk.RrdReader(out).stream():
        chunks.setdefault(each.entity_path, []).append(each)
    assert {"/episode_0/action", "/episode_1/arm/joint", "/episode_1/image"} <= set(chunks)
    assert sum(each.num_rows for each in chunks["/episode_1/action"]) == 7
    assert sum(each.num_rows for each in chunks["/episode_0/image"]) == 5
    assert "step" in chunks["/episode_0/action"][0].timeline_names
