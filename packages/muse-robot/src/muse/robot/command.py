"""`muse robot`: what muse-robot offers today."""

from __future__ import annotations

from collections.abc import Sequence

from muse.cli.parser import CommandParser

_OFFER = """\
muse-robot has no drivers, teleoperation or serving yet: later versions bring them.

What a robot machine can do with this installation, without torch:
  muse data      look at, check and import recorded demonstrations (muse-data)
  muse.envs      environments, scripted policies and the rollout engine (muse-envs)
  muse doctor    what is installed and what works

To train on the demonstrations, on the training machine:
  pip install 'muse-train[report]'
  muse train --no_env CONFIG --dataset NAME    needs no robot package
"""


def main(argv: Sequence[str]) -> int:
    """Tell what muse-robot offers today and what to install for the rest."""
    parser = CommandParser(prog="muse robot", description="Tell what muse-robot offers today.")
    parser.parse_args(argv)
    print(_OFFER, end="")
    return 0
