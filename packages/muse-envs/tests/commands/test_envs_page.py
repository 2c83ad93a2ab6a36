"""The page of the environments names what the catalogue has. Both belong to the checkout."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from muse.envs.catalogue import entries

PAGE = Path(__file__).resolve().parents[4] / "docs" / "envs" / "index.md"

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="needs a checkout with docs/")


def test_the_page_has_a_row_for_every_environment():
    named = re.findall(r"^\| !\[\].* \| `([\w-]+)` \| (.*?) \|", PAGE.read_text("utf-8"), re.M)
    assert named == [(entry.name, entry.summary) for entry in entries()]


def test_every_picture_of_the_page_is_there():
    for path in re.findall(r"!\[\]\((.*?)\)", PAGE.read_text("utf-8")):
        assert (PAGE.parent / path).is_file(), path
