"""Which optional dependencies are installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

import pytest

from muse.core.extras import installed_version, lacking


def test_the_dependencies_of_this_test_run_are_there() -> None:
    assert installed_version("numpy")
    assert installed_version("muse-no-such-thing") is None


def test_an_extra_that_a_package_does_not_have_is_lacking() -> None:
    assert lacking("muse-core", "no-such-extra") == ["muse-core[no-such-extra]"]


def test_what_an_extra_lacks_is_named(tmp_path, monkeypatch) -> None:
    info = tmp_path / "toy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\nProvides-Extra: sim\n"
        "Provides-Extra: array\nRequires-Dist: muse-no-such-thing>=2 ; extra == 'sim'\n"
        "Requires-Dist: numpy>=1 ; extra == 'array'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert lacking("toy", "sim") == ["muse-no-such-thing"]
    assert lacking("toy", "array") == []


def test_a_package_that_is_not_there() -> None:
    with pytest.raises(PackageNotFoundError):
        lacking("muse-no-such-thing", "sim")
