"""The quickstart from end to end, in small."""

from __future__ import annotations

from pathlib import Path

import pytest

from muse.core.errors import UsageError
from muse.trainers.quickstart import main

pytest.importorskip("pymunk")
pytest.importorskip("jinja2")


@pytest.mark.slow
def test_quickstart_leaves_a_report_and_can_be_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    out.mkdir()
    words = ["--out", str(out), "--demos", "10", "--episodes", "2", "--workers", "2"]
    assert main([*words, "--max_steps", "3"]) == 0
    html = (out / "report.html").read_text(encoding="utf-8")
    for name in ("BC-RNN, state", "BC-RNN, vision", "random policy", "scripted expert"):
        assert name in html
    assert "100 %" in capsys.readouterr().out  # the expert
    assert html.count("data:image/gif") == 8 and html.count("<svg") == 3
    assert len(list(out.glob("experiments/quickstart/*/models/model.pt"))) == 2
    # The next one replaces it, and is refused here before it does so.
    with pytest.raises(UsageError, match="--nothing"):
        main([*words, "--nothing"])
    assert (out / "report.html").is_file()


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UsageError, match="no quickstart report"):
        main(["--out", str(tmp_path)])
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]
