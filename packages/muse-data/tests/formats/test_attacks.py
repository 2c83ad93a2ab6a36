"""Files made to harm: nothing is run, nothing outside is opened, little memory is taken."""

from __future__ import annotations

import io
import json
import pickle
import resource
import struct
import zipfile
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest

from muse.core.errors import DataError
from muse.datasets.commands.main import main
from muse.datasets.formats.catalogue import open_source
from muse.datasets.formats.hdf5_reader import Hdf5Reader


def demo_file(path, **more):
    with h5py.File(path, "w") as file:
        file.attrs["x"] = 1
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps(
            {"env_name": "Lift", "env_kwargs": {"control_freq": 20}}
        )
        demo = data.create_group("demo_0")
        demo["actions"] = np.zeros((4, 2))
        demo["obs/state"] = np.zeros((4, 3))
        for key, value in more.items():
            demo[key] = value
    return path


def read_all(path, format="auto", **options):
    with open_source(path, format, options) as source:
        for i in range(len(source.lengths)):
            source.episode(i)


def secret(folder):
    with h5py.File(folder / "secret.hdf5", "w") as file:
        file["x"] = np.arange(4.0)
    return folder / "secret.hdf5"


def external_link(demo, other):
    demo["obs/leak"] = h5py.ExternalLink(str(other), "/x")


def soft_link(demo, other):
    demo["obs/leak"] = h5py.SoftLink("/data/demo_0/actions")


def external_storage(demo, other):
    demo.create_dataset("obs/leak", (4,), "f8", external=[(str(other), 0, 32)])


def virtual(demo, other):
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource(str(other), "x", (4,))
    demo.create_virtual_dataset("obs/leak", layout)


def huge(demo, other):
    demo.create_dataset("obs/leak", (4, 10**12), "f8", chunks=(1, 1000))


def huge_chunk(demo, other):
    size = 1 << 28
    demo.create_dataset("obs/leak", (4, 8), "f8", chunks=(4, size), maxshape=(4, None))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (external_link, "link to elsewhere"),
        (soft_link, "link to elsewhere"),
        (external_storage, "in other files"),
        (virtual, "in other files"),
        (huge, "cannot come out of"),
        (huge_chunk, "cannot come out of"),
    ],
)
def test_hdf5_that_leads_out_or_claims_too_much(tmp_path, harm, message):
    path = demo_file(tmp_path / "a.hdf5")
    read_all(path)
    with h5py.File(path, "a") as file:
        harm(file["data/demo_0"], secret(tmp_path))
    with pytest.raises(DataError, match=message):
        read_all(path)


def test_hdf5_groups_in_a_ring(tmp_path):
    path = demo_file(tmp_path / "a.hdf5")
    with h5py.File(path, "a") as file:
        file["data/demo_0/obs/ring"] = file["data/demo_0"]
    with pytest.raises(DataError, match="nested more than"):
        read_all(path)


def test_hdf5_mask_that_names_nobody(tmp_path):
    path = demo_file(tmp_path / "a.hdf5")
    with h5py.File(path, "a") as file:
        file["mask/train"] = np.array([b"demo_7"])
    with open_source(path) as source, pytest.raises(DataError, match="'demo_7'"):
        _ = source.filters


def test_hdf5_reader_names_what_is_near(tmp_path):
    reader = Hdf5Reader(demo_file(tmp_path / "a.hdf5"))
    with pytest.raises(DataError, match="Did you mean 'actions'"):
        reader.read("data/demo_0/action")


class Harm:
    def __init__(self, made):
        self.made = made

    def __reduce__(self):
        return Path.touch, (self.made,)


def legacy(path, values, **more):
    done = np.zeros(4, bool)
    done[-1] = True
    array = np.empty((4, 1), object)
    array[:, 0] = values
    np.savez(path, done=done, policy_name=array, **more)
    return path


def test_legacy_names_come_back_as_text(tmp_path, capsys):
    path = legacy(tmp_path / "a.npz", ["a", "bc", "d", "é"], action=np.zeros((4, 2)))
    with pytest.raises(DataError, match="'policy_name' is an object array.*--allow-legacy-pickle"):
        read_all(path)
    out = tmp_path / "out.npz"
    assert main(["import", str(path), "--to", str(out), "--allow-legacy-pickle"]) == 0
    with np.load(out) as arrays:
        assert arrays["policy_name"].tolist() == [["a"], ["bc"], ["d"], ["é"]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4]),
        ([1.5, 2, 3, 4], [1.5, 2, 3, 4]),
        ([True, False, True, True], [True, False, True, True]),
        ([None, "a", 1, [1, {"b": 2.0}]], ["null", '"a"', "1", '[1, {"b": 2.0}]']),
        ([b"ab", b"c", b"d", b"e"], ['"ab"', '"c"', '"d"', '"e"']),
    ],
)
def test_legacy_values(tmp_path, values, expected):
    path = legacy(tmp_path / "a.npz", values)
    with open_source(path, options={"allow_legacy_pickle": True}) as source:
        assert source.read("policy_name", 0).ravel().tolist() == expected


def memory_bomb():
    """A pickle that remembers its 4 billionth value first."""
    return b"\x80\x04N" + pickle.LONG_BINPUT + (0xFFFFFFF0).to_bytes(4, "little") + b"."


def doubling():
    """A list in a list … that is 2^40 long when written out."""
    value: list = ["x" * 100]
    for _ in range(40):
        value = [value, value]
    return [value, 1, 2, 3]


@pytest.mark.parametrize("kind", ["runs", "memory", "doubling", "class", "cut", "noise"])
def test_legacy_pickles_run_nothing(tmp_path, kind):
    made, path = tmp_path / "made", tmp_path / "a.npz"
    content = {
        "runs": [Harm(made), 1, 2, 3],
        "doubling": doubling(),
        "class": [np.float64(3), 1, 2, Path("x")],
    }.get(kind, ["a", "b", "c", "d"])
    legacy(path, content)
    if kind in ("memory", "cut", "noise"):
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        whole = members["policy_name.npy"]
        begin = whole.index(b"\n") + 1
        body = {"memory": memory_bomb(), "cut": whole[begin:-9], "noise": b"\x80\x04\x95abc"}[kind]
        members["policy_name.npy"] = whole[:begin] + body
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DataError, match="policy_name"):
        read_all(path, allow_legacy_pickle=True)
    assert not made.exists()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10


def test_objects_in_npy_folders_are_refused(tmp_path):
    made = tmp_path / "made"
    (tmp_path / "set").mkdir()
    np.save(tmp_path / "set" / "episode_ends.npy", np.array([4]))
    np.save(tmp_path / "set" / "x.npy", np.array([Harm(made)] * 4, object), allow_pickle=True)
    with pytest.raises(DataError, match="never unpickled"):
        read_all(tmp_path / "set")
    assert not made.exists()


def lerobot(folder, **changes):
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    (folder / "meta").mkdir(parents=True)
    (folder / "data").mkdir()
    info = {
        "codebase_version": "v2.1",
        "fps": 10,
        "data_path": "data/{episode_index:06d}.parquet",
        "video_path": "videos/{video_key}_{episode_index:06d}.mp4",
        "features": {"action": {"dtype": "float32", "shape": [2], "names": None}},
    }
    features = changes.pop("features", {})
    info["features"].update(features)
    info.update(changes)
    (folder / "meta" / "info.json").write_text(json.dumps(info))
    episode = {"episode_index": 0, "length": 3, "tasks": ["a"]}
    (folder / "meta" / "episodes.jsonl").write_text(json.dumps(episode))
    (folder / "meta" / "tasks.jsonl").write_text(json.dumps({"task_index": 0, "task": "a"}))
    table = pyarrow.table({"action": [[0.0, 1.0]] * 3, "task_index": [0] * 3})
    parquet.write_table(table, folder / "data" / "000000.parquet")
    return folder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data_path": "../../{episode_index}.parquet"}, "leads out"),
        ({"data_path": "/etc/{episode_index:06d}"}, "leads out"),
        ({"data_path": "data/{episode_index:0999999999d}"}, "no template"),
        ({"data_path": "data/{episode_index.__class__}"}, "no template"),
        ({"codebase_version": "v9.0"}, "expected v2.0, v2.1 or v3.0"),
        ({"fps": 0}, "fps is 0"),
        ({"features": {"a": {"dtype": "float32", "shape": [-1]}}}, "feature"),
        ({"features": {"state": {"dtype": "float32", "shape": [2]}}}, "no column 'state'"),
    ],
)
def test_lerobot_that_lies(tmp_path, changes, message):
    read_all(lerobot(tmp_path / "good"))
    with pytest.raises(DataError, match=message):
        read_all(lerobot(tmp_path / "bad", **changes))


def test_videos_that_are_something_else(tmp_path):
    pytest.importorskip("av")
    picture = {"camera": {"dtype": "video", "shape": [48, 64, 3], "names": None}}
    folder = lerobot(tmp_path / "set", features=picture)
    (folder / "videos").mkdir()
    video = folder / "videos" / "camera_000000.mp4"
    other = tmp_path / "other.txt"
    other.write_text("secret")
    for content in (
        f"#EXTM3U\n#EXTINF:1,\nfile://{other}\n#EXT-X-ENDLIST\n".encode(),
        f"ffconcat version 1.0\nfile '{other}'\n".encode(),
        b"",
        bytes(100),
    ):
        video.write_bytes(content)
        with pytest.raises(DataError, match="cannot be decoded"):
            read_all(folder)


def test_videos_of_another_size_are_refused(tmp_path):
    pytest.importorskip("av")
    from muse.datasets.formats.video_frames import read_frames, write_video

    write_video(tmp_path / "a.mp4", np.zeros((5, 48, 64, 3), np.uint8), 10)
    assert read_frames(tmp_path / "a.mp4", 0, 5, 10, (48, 64, 3)).shape == (5, 48, 64, 3)
    with pytest.raises(DataError, match="its pictures are"):
        read_frames(tmp_path / "a.mp4", 0, 5, 10, (24, 32, 3))
    with pytest.raises(DataError, match="lacks 3 of 8 frames, the first at 0.50 s"):
        read_frames(tmp_path / "a.mp4", 0, 8, 10, (48, 64, 3))
    with pytest.raises(DataError, match="GiB at once"):
        read_frames(tmp_path / "a.mp4", 0, 10**9, 10, (48, 64, 3))
    with pytest.raises(DataError, match="even sizes"):
        write_video(tmp_path / "b.mp4", np.zeros((5, 47, 64, 3), np.uint8), 10)


def test_parquet_that_unfolds(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    from muse.datasets.formats.parquet_files import read_parquet

    rows = 10**6
    for name, column in {
        "numbers": pyarrow.array(np.zeros(10 * rows)),
        "text": pyarrow.DictionaryArray.from_arrays(np.zeros(rows, np.int8), ["x" * 10**6]),
    }.items():
        file = tmp_path / f"{name}.parquet"
        table = pyarrow.table({"a": column})
        parquet.write_table(table, file, compression="zstd", store_schema=False)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(DataError, match="cannot be read .*bytes"):
            read_parquet(file)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 800 << 10


def test_pictures_that_unfold(tmp_path):
    pytest.importorskip("PIL")
    from PIL import Image

    from muse.datasets.formats.image_bytes import decode_image

    out = io.BytesIO()
    Image.new("L", (8, 8)).save(out, "PNG")
    data = bytearray(out.getvalue())
    data[16:24] = struct.pack(">II", 30_000, 30_000)  # width and height in the header
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    for shape in (None, (8, 8, 1)):
        with pytest.raises(ValueError, match="a picture is"):
            decode_image(bytes(data), shape)


def test_zarr_with_an_enormous_chunk(tmp_path):
    zarr = pytest.importorskip("zarr")
    folder = tmp_path / "a.zarr"
    is_new = hasattr(zarr.Group, "create_array")
    group = zarr.open_group(str(folder), mode="w", **({"zarr_format": 2} if is_new else {}))
    make = group.create_array if is_new else group.create_dataset
    make("meta/episode_ends", shape=(1,), dtype="i8", chunks=(1,))[:] = 4
    make("data/action", shape=(4, 2), dtype="f4", chunks=(4, 2))[:] = 1
    read_all(folder)
    array = folder / "data" / "action" / ".zarray"
    about = json.loads(array.read_text())
    about["chunks"] = [4, 10**10]
    array.write_text(json.dumps(about))
    with pytest.raises(DataError, match="a chunk of action has"):
        read_all(folder)
