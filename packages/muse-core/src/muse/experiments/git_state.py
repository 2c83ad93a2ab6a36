"""Which commit, and which uncommitted changes, a run was started from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_SECONDS = 20.0


def git_state(folder: Path) -> tuple[str, bytes] | None:
    """Return (commit hash, diff against it) of the repository around `folder`.

    None when git is missing, `folder` is in no repository, or it has no commit yet: a run does not
    depend on git, so nothing here is an error.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    diff = _git(folder, "diff", "--no-ext-diff", "--no-color", "--binary", "HEAD")
    return commit.decode().strip(), diff or b""


def _git(folder: Path, *args: str) -> bytes | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            # Reading must not refresh the index under somebody else's git command.
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
