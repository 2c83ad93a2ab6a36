"""What the config tests share."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

# Test modules import `muse_config_samples`, and configs name its classes by import path.
sys.path.insert(0, str(Path(__file__).parent / "samples"))


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Write a config file in the current folder, a temporary one."""
    monkeypatch.chdir(tmp_path)
    return partial(_write_config, tmp_path)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Add a config to the installed namespace `muse.cfgs`."""
    site = tmp_path / "site"
    (site / "muse" / "cfgs").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.chdir(tmp_path)
    return partial(_write_config, site / "muse" / "cfgs")


def _write_config(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    imports = "from muse.configs import Field\nfrom muse.core.attrdict import AttrDict\n"
    path.write_text(imports + textwrap.dedent(body), encoding="utf-8")
    return path
