"""What the config tests share."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

# Test modules import `muse_config_samples`, and configs name its classes by import path.
sys.path.insert(0, str(Path(__file__).parent / "samples"))


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Write a config file in the current folder, a temporary one."""
    monkeypatch.chdir(tmp_path)

    def write_file(name: str, body: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        imports = "from muse.configs import Field\nfrom muse.core.attrdict import AttrDict\n"
        path.write_text(imports + textwrap.dedent(body), encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Add a config to the installed namespace `muse.cfgs`."""
    site = tmp_path / "site"
    (site / "muse" / "cfgs").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.chdir(tmp_path)

    def install_file(name: str, body: str) -> Path:
        path = site / "muse" / "cfgs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        imports = "from muse.configs import Field\nfrom muse.core.attrdict import AttrDict\n"
        path.write_text(imports + textwrap.dedent(body), encoding="utf-8")
        return path

    return install_file
