"""Writing stores, reading them, and what readers keep while a store is written anew."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse.core.errors import DataError, MissingExtraError, UsageError
from muse.datasets.formats.catalogue import open_source, target_for
from muse.datasets.formats.source import Column
from muse.datasets.formats.store_target import StoreTarget
from muse.datasets.store import Store, StoreWriter
from muse.datasets.store.image_cache import ImageCache
from muse.datasets.store.manifest import Manifest, as_ranges
from muse.datasets.store.raw_rows import RawRows

DTYPES = ["<f4", ">f8", "|b1", "<i2", "|u1", "<c8", "<U5", "|S3", "<f2"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(
        st.tuples(
            st.sampled_from(DTYPES),
            st.lists(st.integers(0, 12), max_size=3),
            st.sampled_from(["step", "episode"]),
        ),
        min_size=1,
        max_size=5,
    ),
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    seed=st.integers(0, 2**32 - 1),
)
def test_what_was_written_is_read(kinds, lengths, seed, tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "s"
    columns = [Column("step", "", (), np.dtype("i4"))]
    columns += [
        Column(f"a/{i}", "", tuple(shape), np.dtype(dtype), per)
        for i, (dtype, shape, per) in enumerate(kinds)
    ]
    rng = np.random.default_rng(seed)

    def entries(column, length):
        shape = (length, *column.shape) if column.per == "step" else column.shape
        return rng.integers(0, 2, shape).astype(column.dtype)

    episodes = [{c.name: entries(c, length) for c in columns} for length in lengths]
    with StoreWriter(path, columns) as writer:
        for episode in episodes:
            writer.add_episode(episode)
    store = Store.open(path)
    store.verify()
    assert store.lengths.tolist() == lengths
    for i, episode in enumerate(episodes):
        for name, array in episode.items():
            np.testing.assert_array_equal(store.read(name, i), array)
            assert store.read(name, i).dtype == array.dtype.newbyteorder("<")


def test_a_store_is_a_source_and_a_target_like_others(spec, write_store, make_data, tmp_path):
    path, raw = write_store([5, 9], spec, info={"fps": 20}, filters={"valid": [1]})
    with open_source(path) as source:
        assert source.info == {"fps": 20} and source.filters == {"valid": [1]}
        assert source.spec_params() == spec.params
        moved = 0

        def advance(entries):
            nonlocal moved
            moved += entries

        target_for(tmp_path / "again").write(source, tmp_path / "again", advance)
        assert moved == 14 * len(source.columns())
        assert target_for(tmp_path / "again").losses(source) == []
    with open_source(tmp_path / "again") as again:
        assert again.columns() == source.columns()
        np.testing.assert_array_equal(again.read("image", 1), raw["image"][5:])
        assert again.spec_params() == spec.params and again.filters == {"valid": [1]}


def test_an_open_reader_keeps_what_it_sees(spec, write_store):
    path, raw = write_store([5, 9], spec)
    reader = Store.open(path)
    assert reader.records.columns["state"].shape == (14, 3)
    write_store([3], spec)
    np.testing.assert_array_equal(reader.read("state", 1), raw["state"][5:])
    np.testing.assert_array_equal(reader.records.columns["state"], raw["state"])
    assert Store.open(path).lengths.tolist() == [3]
    assert [p.name for p in (path / "columns").iterdir()] == ["1"]


def test_a_failed_write_leaves_the_old_store_or_nothing(write_store, tmp_path):
    path, raw = write_store([5])
    columns = Store.open(path).columns()

    def fail(where):
        with StoreWriter(where, columns) as writer:
            writer.add_episode(raw)
            raise RuntimeError("in the middle")

    for where in (path, tmp_path / "new"):
        with pytest.raises(RuntimeError, match="in the middle"):
            fail(where)
    assert not (tmp_path / "new").exists()
    assert Store.open(path).lengths.tolist() == [5]
    assert [p.name for p in (path / "columns").iterdir()] == ["0"]
    StoreWriter(path, columns).close()  # and the lock is free


def test_folders_of_other_things_are_left_alone(write_store, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").write_bytes(b"")
    (tmp_path / "file").write_bytes(b"")
    columns = [Column("a", "", (), np.dtype("f4"))]
    with pytest.raises(DataError, match=r"holds 'cat\.png'"):
        StoreWriter(tmp_path / "photos", columns)
    with pytest.raises(DataError, match="is a file"):
        StoreWriter(tmp_path / "file", columns)


def test_what_does_not_fit_is_named(write_store, tmp_path):
    path, raw = write_store([5])
    columns = Store.open(path).columns()
    with StoreWriter(tmp_path / "new", columns) as writer:
        for change, said in (
            ({"state": raw["state"][:, :2]}, "'state' has shape"),
            ({"state": raw["state"][:3]}, "expected equally many"),
            ({"state": raw["state"].astype(np.complex64)}, "'state' is complex64"),
        ):
            with pytest.raises(DataError, match=said):
                writer.add_episode({**raw, **change})
        with pytest.raises(DataError, match=r"lacks 'state'.*Did you mean 'stat'"):
            writer.add_episode({"stat": 1})
        writer.add_episode(raw)
    with pytest.raises(DataError, match="cannot hold 'a' of object"):
        StoreWriter(tmp_path / "x", [Column("a", "", (), np.dtype("O"))])
    with pytest.raises(DataError, match="codec 'jpeg' is for uint8 images"):
        StoreWriter(tmp_path / "x", columns, codec={"state": "jpeg"})
    with pytest.raises(UsageError, match="Did you mean 'jpeg'"):
        StoreWriter(tmp_path / "x", columns, codec="jpg")
    with (
        pytest.raises(DataError, match="filter 'train' names episode 5"),
        StoreWriter(tmp_path / "y", columns, filters={"train": [5]}) as writer,
    ):
        writer.add_episode(raw)
    assert not (tmp_path / "x").exists() and not (tmp_path / "y").exists()
    with pytest.raises(DataError, match="no episode 1; it has 1"):
        Store.open(path).read("state", 1)
    with pytest.raises(DataError, match="has no 'stat'.*Did you mean 'state'"):
        Store.open(path).read("stat", 0)


def test_appending_to_a_truncated_file_is_refused(write_store, files_of):
    path, _ = write_store([5])
    file = files_of(path)["steps.records"]
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DataError, match="is truncated"):
        StoreWriter.append_to(path)


@pytest.mark.parametrize("codec", ["jpeg", "video"])
def test_encoded_images_are_close_to_the_originals(codec, tmp_path):
    pytest.importorskip("PIL" if codec == "jpeg" else "av")
    y, x, t = np.ogrid[:48, :63, :40]
    waves = np.stack([127 + 90 * np.sin(x / 9 + t / 10 + i) * np.cos(y / 7) for i in range(3)], -1)
    images = np.ascontiguousarray(waves.transpose(2, 0, 1, 3).astype(np.uint8))
    columns = [
        Column("colour", "", (48, 63, 3), np.dtype("u1")),
        Column("grey", "", (48, 63, 1), np.dtype("u1")),
    ]
    with StoreWriter(tmp_path / "s", columns, codec=codec) as writer:
        for part in (images[:7], images[7:]):
            writer.add_episode({"colour": part, "grey": part[..., :1]})
    store = Store.open(tmp_path / "s", decoded_bytes=200_000)
    store.verify()
    for name, original in (("colour", images), ("grey", images[..., :1])):
        whole = np.concatenate([store.read(name, 0), store.read(name, 1)])
        assert np.abs(whole.astype(int) - original).mean() < 4
        rows = np.array([[39, 0], [6, 7], [23, 22]])
        np.testing.assert_array_equal(store.take(name, rows), whole[rows])
    raw = images.nbytes * 4 // 3
    assert sum(p.stat().st_size for p in (tmp_path / "s/columns/0").iterdir()) < raw / 4


def test_the_missing_extra_is_named(spec, write_store, monkeypatch):
    pytest.importorskip("PIL")
    path, _ = write_store([2], spec, "jpeg")
    for module in ("PIL", "av"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"muse-data\[image\]"):
        Store.open(path).read("image", 0)
    with pytest.raises(MissingExtraError, match=r"muse-data\[video\]"):
        write_store([2], spec, "video", name="other")


def test_the_decode_cache_is_bounded():
    cache = ImageCache(100)
    made = []

    def make(key):
        made.append(key)
        return np.full(40, key, np.uint8)

    for key in (1, 2, 1, 3, 1, 2):  # 2 left for 3, being the oldest
        assert cache.get(key, lambda key=key: make(key))[0] == key
    assert made == [1, 2, 3, 2]
    big = ImageCache(10)
    assert big.get(1, lambda: make(9))[0] == big.get(1, lambda: make(8))[0] + 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.integers(0, 99), max_size=40), wide=st.booleans())
def test_rows_are_taken_in_any_order(rows, wide, tmp_path):
    size = 3000 if wide else 4
    data = np.random.default_rng(0).integers(0, 256, (100, size), np.uint8)
    path = tmp_path / f"rows{size}"
    path.write_bytes(data.tobytes())
    found = RawRows(path, 100, size)
    np.testing.assert_array_equal(found.take(np.array(rows, np.int64)), data[rows])
    found.release()
    np.testing.assert_array_equal(found.mapped[rows], data[rows])


@given(st.sets(st.integers(0, 60)))
def test_ranges_hold_the_same_episodes(episodes):
    ranges = as_ranges(sorted(episodes))
    assert {i for begin, end in ranges for i in range(begin, end)} == episodes
    assert all(a[1] < b[0] for a, b in zip(ranges, ranges[1:], strict=False))


def test_two_writes_of_the_same_data_are_the_same_bytes(spec, write_store):
    first, _ = write_store([4, 5], spec, name="a")
    second, _ = write_store([4, 5], spec, name="b")
    files = sorted(p.relative_to(first) for p in first.rglob("*") if p.is_file())
    assert len(files) > 3
    for file in files:
        if file != Path("lock"):
            assert (first / file).read_bytes() == (second / file).read_bytes()


def test_a_target_can_encode(spec, write_store, tmp_path):
    pytest.importorskip("PIL")
    path, raw = write_store([4], spec)
    with open_source(path) as source:
        StoreTarget(codec="jpeg", quality=95).write(source, tmp_path / "small")
    files = {f.file: f for f in Manifest.read(tmp_path / "small").files}
    assert files["image.jpeg"].quality == 95
