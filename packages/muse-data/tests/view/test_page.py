"""The page: well formed, self-contained, within its size, and true to the data."""

from __future__ import annotations

import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from muse.core.errors import UsageError
from muse.datasets.commands.main import main

pytest.importorskip("jinja2", reason="pages need the extra view")
image = pytest.importorskip("PIL.Image", reason="pictures need the extra image")

_VOID = {"meta", "input", "br", "link", "img"}
_LEVELS = 65534


class Reader(HTMLParser):
    """Checks that elements nest, and keeps what stands in the data element."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.data, self.links = [], set(), "", []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids.add(values.get("id"))
        self.links += [v for k, v in attributes if k in ("src", "href")]
        if tag not in _VOID:
            self.open.append((tag, values.get("id")))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, text):
        if self.open and self.open[-1] == ("script", "data"):
            self.data += text


@pytest.fixture
def pictured(make_data, write):
    data = make_data([40, 700, 30])
    rng = np.random.default_rng(0)
    data["image"] = rng.integers(0, 256, (770, 48, 64, 3), dtype=np.uint8)
    data["state"][5, 1] = np.nan
    data["many"] = rng.normal(size=(770, 26)).astype(np.float32)
    data["task"] = np.array(["</script><b>", "b", "c"])
    return data, write(data, "set.npz")


def page_of(tmp_path, *argv):
    out = tmp_path / "page.html"
    assert main(["view", *argv, "--out", str(out)]) == 0
    text = out.read_text()
    reader = Reader(text)
    return text, reader, json.loads(reader.data)


def series(column, episode):
    """Return an episode's numbers as the page's script unpacks them, (D, points)."""
    raw = np.frombuffer(base64.b64decode(column["episodes"][episode]), "<u2")
    levels = raw.reshape(column["dims"], -1)
    low, high = (np.array(column[key])[:, None] for key in ("min", "max"))
    return np.where(levels == _LEVELS + 1, np.nan, low + (high - low) * levels / _LEVELS)


def test_the_page_holds_the_data_and_nothing_else(pictured, tmp_path):
    data, path = pictured
    text, reader, held = page_of(tmp_path, path)
    assert reader.links == []
    assert not re.search(r"https?://|@import|url\((?!\$\{strip)", text)
    scripts = set(re.findall(r'byId\("([\w-]+)"\)', text))
    assert scripts and scripts <= reader.ids  # every element the script asks for is there
    assert held["lengths"] == [40, 700, 30] and held["strides"] == [1, 2, 1]
    columns = {column["name"]: column for column in held["columns"]}
    assert list(columns)[0] == "action"  # what was done comes first
    drawn = series(columns["many"], 1)
    truth = data["many"][40:740:2].T
    assert np.abs(drawn - truth).max() <= np.ptp(data["many"]) / 60000
    assert np.isnan(series(columns["state"], 0)[1, 5])
    assert sum(map(sum, columns["action"]["histograms"])) == 2 * 770
    assert "1 NaN" in text


def test_pictures_are_those_of_the_steps_named(pictured, tmp_path):
    data, path = pictured
    data["image"][:] = 0
    data["image"][40 + 699] = 255
    np.savez(path, **data)
    _, _, held = page_of(tmp_path, path)
    strip = held["strips"][1]["image"]
    assert strip["steps"][0] == 0 and strip["steps"][-1] == 699
    uri = strip["uri"].removeprefix("data:image/jpeg;base64,")
    with image.open(io.BytesIO(base64.b64decode(uri))) as film:
        pixels = np.asarray(film)
    frames = np.split(pixels, len(strip["steps"]), axis=1)
    assert frames[-1].mean() > 240 and frames[0].mean() < 10


def test_the_size_is_kept_by_smaller_and_fewer_pictures(pictured, tmp_path):
    _, path = pictured
    large, _, _ = page_of(tmp_path, path, "--max-mb", "5")
    small, _, held = page_of(tmp_path, path, "--max-mb", "0.18")
    assert len(small) < 0.18 * 2**20 < len(large)
    assert held["strips"][0]["image"]["steps"][0] == 0


def test_texts_of_the_data_cannot_break_the_page(pictured, tmp_path):
    text, _, held = page_of(tmp_path, pictured[1])
    assert held["once"][0]["task"] == "</script><b>"
    assert "</script><b>" not in text


def test_episodes_keep_their_numbers(pictured, tmp_path):
    _, _, held = page_of(tmp_path, pictured[1], "--episodes", "2,0")
    assert held["episodes"] == [2, 0] and held["lengths"] == [30, 40]


def test_real_robot_data_of_26_dimensions(real_data, tmp_path):
    pytest.importorskip("pyarrow", reason="reading LeRobot needs pyarrow")
    path = str(real_data / "g1_pick_bottle")
    _, _, held = page_of(tmp_path, path, "--episodes", "0-4")
    action = next(column for column in held["columns"] if column["name"] == "action")
    assert action["dims"] == 26 and action["labels"][0] == "kLeftShoulderPitch"
    assert held["fps"] == 30


def test_wrong_usage_is_explained(pictured):
    with pytest.raises(UsageError, match=r"ends in \.html"):
        main(["view", pictured[1], "--out", "page.txt"])
    with pytest.raises(UsageError, match="above 0"):
        main(["view", pictured[1], "--out", "p.html", "--max-mb", "0"])
