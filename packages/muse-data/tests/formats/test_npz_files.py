"""Files: every kind of damage is one clear line, and nothing in a file is ever run."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse.core.attrdict import AttrDict
from muse.core.errors import DataError
from muse.datasets import NpSequenceDataset
from muse.datasets.formats.npz_reader import NpzReader
from muse.datasets.formats.npz_writer import npz_writer

RAN = Path("/tmp/muse-unpickled")


def load(file, spec, **changes):
    base = {"file": str(file), "horizon": 4, "batch_size": 6, "frozen": True}
    return NpSequenceDataset(AttrDict({**base, **changes}), spec)


def drop(name):
    return lambda d: d.pop(name)


def put(name, value):
    return lambda d: d.update({name: value(d[name]) if callable(value) else value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("state"), "no key 'state'; it has: .*allow_missing"),
        (lambda d: d.update(stat=d.pop("state")), "Did you mean 'stat'"),
        (drop("done"), "no key 'done'"),
        (put("state", lambda a: a[:-1]), "'state' has 16 steps, 'done' has 17"),
        (put("state", lambda a: a[:, :2]), r"'state' has shape \(17, 2\), expected \(steps, 3\)"),
        (put("image", lambda a: a.astype(np.float32)), "'image' is float32, expected uint8"),
        (put("state", lambda a: a.astype(object)), "'state' is an object array.*may run code"),
        (put("done", lambda a: np.r_[a[:-1], False]), "'done' does not end the file: its last 9"),
        (put("done", np.zeros(0, bool)), "'done' is empty"),
        (put("state", np.float32(3)), "'state' has no steps"),
    ],
)
def test_wrong_files(change, message, spec, make_data, write):
    data = make_data([8, 9])
    change(data)
    with pytest.raises(DataError, match=message) as caught:
        load(write(data), spec)
    assert "\n" not in str(caught.value)


def test_nan_in_actions_is_located(spec, make_data, write):
    data = make_data([8, 9])
    data["action"][11, 1] = np.nan
    with pytest.raises(
        DataError, match=r"'action' is not finite in 1 steps.*episode 1, step 3 \(row 11\)"
    ):
        load(write(data), spec)


def test_allow_missing_goes_without(spec, make_data, write):
    data = make_data([8])
    del data["reward"]
    with pytest.raises(DataError, match="reward"):
        load(write(data), spec)
    assert "reward" not in load(write(data), spec, allow_missing=True).get_batch([0])[1]


def test_missing_files_are_named_with_what_is_near(tmp_path, spec, make_data, write):
    write(make_data([8]), "coffee.npz")
    with pytest.raises(
        DataError, match="'.*cofee.npz' not found; looked at .*Did you mean 'coffee.npz'"
    ):
        load(tmp_path / "cofee.npz", spec)
    with pytest.raises(DataError, match="not found"):
        load(tmp_path, spec)


def test_names_are_found_below_data_without_their_ending(tmp_path, spec, make_data, monkeypatch):
    monkeypatch.setenv("MUSE_DIR", str(tmp_path))
    (tmp_path / "data" / "real").mkdir(parents=True)
    np.savez(tmp_path / "data" / "real" / "a.b.npz", **make_data([8]))
    assert len(load("real/a.b", spec)) == len(load("real/a.b.npz", spec)) == 5


def test_not_a_zip(tmp_path, spec):
    (tmp_path / "a.npz").write_bytes(b"hello")
    with pytest.raises(DataError, match="not a readable .npz"):
        load(tmp_path / "a.npz", spec)


class Bomb:
    def __reduce__(self):
        return RAN.touch, ()


def test_pickles_are_never_run(tmp_path, spec):
    RAN.unlink(missing_ok=True)
    array = io.BytesIO()
    np.save(array, np.array([Bomb()], dtype=object))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("done.npy", array.getvalue())
        archive.writestr("raw.npy", pickle.dumps(Bomb()))
    for key in ("done", "raw"):
        with pytest.raises(DataError), NpzReader(tmp_path / "a.npz") as reader:
            reader.read(key)
    assert not RAN.exists()


@pytest.mark.parametrize("shape", ["(10**14,)", "(-5,)", "(3, 3)", "(2**62, 2**62)"])
def test_declared_sizes_are_checked_before_memory_is_taken(tmp_path, shape):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {eval(shape)}, }}".encode()  # noqa: S307
    header = header.ljust(117) + b"\n"
    body = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(80)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", body)
    with pytest.raises(DataError, match="damaged"), NpzReader(tmp_path / "a.npz") as reader:
        reader.read("x")


def test_more_than_the_memory_of_the_machine_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("muse.datasets.formats.npz_reader.physical_memory", lambda: 1000)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(1000))
    with pytest.raises(DataError, match="GiB of memory"), NpzReader(tmp_path / "a.npz") as reader:
        reader.read("x")


@pytest.fixture(scope="module")
def good_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzz") / "good.npz"
    rng = np.random.default_rng(0)
    arrays = {
        "a": rng.normal(size=(20, 3)),
        "b/c": np.arange(20),
        "f": np.asfortranarray(rng.normal(size=(4, 5))),
    }
    np.savez_compressed(path, **arrays)
    return path.read_bytes(), arrays


def read_all(path):
    with NpzReader(path) as reader:
        return {key: reader.read(key) for key in reader.keys}


def test_reads_what_numpy_writes(good_file, tmp_path):
    (tmp_path / "x.npz").write_bytes(good_file[0])
    for key, value in read_all(tmp_path / "x.npz").items():
        np.testing.assert_array_equal(value, good_file[1][key])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=6),
    keep=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_damage_is_an_error_or_harmless(good_file, tmp_path, flips, keep):
    content, arrays = good_file
    damaged = bytearray(content[: int(len(content) * keep)])
    for place, bits in flips:
        if damaged:
            damaged[int(place * len(damaged))] ^= bits
    (tmp_path / "x.npz").write_bytes(bytes(damaged))
    try:
        found = read_all(tmp_path / "x.npz")
    except DataError as error:
        assert "\n" not in str(error)
        return
    for key, value in found.items():
        if key in arrays and value.dtype == arrays[key].dtype:
            np.testing.assert_array_equal(value, arrays[key])


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_noise_is_an_error(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(DataError):
        read_all(tmp_path / "x.npz")


def test_writer_is_atomic_and_repeatable(tmp_path):
    for name in ("a", "b"):
        with npz_writer(tmp_path / f"{name}.npz") as writer:
            writer.write("x/y", np.arange(6).reshape(3, 2))
            writer.write("word", np.array(["ab", "c"]))
            writer.write("one", np.float32(3))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz", allow_pickle=False) as raw:
        assert raw["x/y"].tolist() == [[0, 1], [2, 3], [4, 5]] and raw["one"] == 3
    with pytest.raises(RuntimeError), npz_writer(tmp_path / "c.npz") as writer:
        writer.write("x", np.arange(3))
        raise RuntimeError
    with pytest.raises(DataError, match="object array"), npz_writer(tmp_path / "c.npz") as writer:
        writer.write("x", np.array([{}], dtype=object))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.npz", "b.npz"]
