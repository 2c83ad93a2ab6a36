"""The HTML report stands alone and shows what it was given."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from muse.trainers.report import Bar, Clip, Curve, Report, write_report

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")


def _report() -> Report:
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 255, (32, 32, 3), dtype=np.uint8) for _ in range(5)]
    return Report(
        title="A <test> & more",
        lead="Lead.",
        columns=("policy", "success"),
        rows=[("state", "96 %"), ("random", "0 %")],
        bars=[Bar("state", 0.96, 0.87, 0.99), Bar("random", 0.0, 0.0, 0.07)],
        curves={"Loss": [Curve("train", [1, 2, 3], [1.0, 0.1, 0.001]), Curve("one", [2], [0.5])]},
        clips={"state": [Clip("seed 1", frames, True), Clip("seed 2", frames, False)]},
        settings={"Run": {"seed": 0, "file": "a/b.npz"}},
    )


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "new" / "report.html"
    return write_report(path, _report()).read_text(encoding="utf-8")


def test_is_one_file_without_outside_references(html: str) -> None:
    # XML namespaces are names, not links.
    links = re.findall(r'(?:src|href)="([^"#][^"]*)"', html)
    assert links and all(link.startswith(("data:", "http://www.w3.org")) for link in links)
    assert "<script" not in html


def test_is_well_formed_and_escaped(html: str) -> None:
    HTMLParser().feed(html)
    assert "A &lt;test&gt; &amp; more" in html
    for piece in ("state", "96 %", "a/b.npz", "seed 2", "Loss"):
        assert piece in html


def test_figures_follow_the_theme(html: str) -> None:
    assert html.count("<svg") == 2
    assert "var(--s0)" in html and "prefers-color-scheme: dark" in html
    assert "#0102" not in html  # no placeholder colour is left


def test_gifs_animate(html: str) -> None:
    from PIL import Image

    uris = re.findall(r"data:image/gif;base64,([A-Za-z0-9+/=]+)", html)
    assert len(uris) == 2
    with Image.open(io.BytesIO(base64.b64decode(uris[0]))) as picture:
        assert picture.n_frames == 5 and picture.size == (32, 32)


def test_empty_sections_are_left_out(tmp_path: Path) -> None:
    text = write_report(tmp_path / "r.html", Report(title="Bare")).read_text(encoding="utf-8")
    assert "<h2>" not in text and "Bare" in text
