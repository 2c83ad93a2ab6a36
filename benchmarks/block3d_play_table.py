"""The table of docs/envs/block3d.md: how often each play primitive succeeds in each environment.

Run: python benchmarks/block3d_play_table.py [--episodes 50] [--only REGEX] [--json FILE] [k=v …]

`--only` keeps the pairs `ENV/PRIMITIVE` that the regular expression finds, as
`--only 'mug.*/(push|pull)'`; words `name=value` are parameters of the environments, as
`action_mode=delta`. The whole table takes about 20 minutes of one processor core.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from muse.core.attrdict import AttrDict
from muse.core.params import import_object
from muse.envs.catalogue.block3d import ENTRIES
from muse.envs.catalogue.entry import Entry
from muse.envs.env import make
from muse.envs.rollout import rollout

#: (primitive, environment) -> the seeds that failed.
Failures = dict[tuple[str, str], list[int]]


def main() -> None:
    """Run the primitives asked for, and print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--only", default="", help="regular expression for ENV/PRIMITIVE")
    parser.add_argument("--json", type=Path, help="also write the seeds that failed")
    parser.add_argument("params", nargs="*", help="name=value, of the environments")
    arguments = parser.parse_args()
    params = dict(word.split("=", 1) for word in arguments.params)
    failures: Failures = {}
    for entry in ENTRIES:
        for primitive in primitives(entry):
            if re.search(arguments.only, f"{entry.name}/{primitive}"):
                failed = failed_seeds(entry, primitive, arguments.episodes, params)
                failures[primitive, entry.name] = failed
                print(f"{entry.name}/{primitive}: failed {failed}", file=sys.stderr, flush=True)
    print(table(failures, arguments.episodes))
    if arguments.json is not None:
        found = {f"{name}/{primitive}": seeds for (primitive, name), seeds in failures.items()}
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def primitives(entry: Entry) -> list[str]:
    """Return the play primitives that an environment takes as task."""
    choices = import_object(entry.cls).all_params()["task"].choices
    return [choice for choice in choices if choice is not None]


def failed_seeds(entry: Entry, primitive: str, episodes: int, params: dict[str, str]) -> list[int]:
    """Return the seeds, of 0 to `episodes` - 1, at which the scripted policy fails."""
    with make(entry.group(task=primitive, **params)) as env:
        policy = import_object(entry.expert)(AttrDict(primitive=primitive), env.env_spec)
        done = rollout(env, policy, seeds=range(episodes))
    return [episode.seed for episode in done if not episode.success]


def table(failures: Failures, episodes: int) -> str:
    """Return successes as a Markdown table: primitives down, environments across."""
    names = [entry.name for entry in ENTRIES if any(entry.name == name for _, name in failures)]
    lines = ["| | " + " | ".join(f"`{name}`" for name in names) + " |"]
    lines.append("|---|" + "---|" * len(names))
    for primitive in dict.fromkeys(primitive for primitive, _ in failures):
        found = [failures.get((primitive, name)) for name in names]
        cells = ["" if failed is None else str(episodes - len(failed)) for failed in found]
        lines.append(f"| `{primitive}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
