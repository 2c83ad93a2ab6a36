"""The quickstart: collect demonstrations, train two policies, evaluate them, write a report.

`python -m muse.trainers.quickstart --out quickstart_report`
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.cli import console
from muse.core import AttrDict
from muse.core.errors import MuseError, UsageError
from muse.experiments import atomic
from muse.trainers.commands.arguments import RunParser, natural, positive_int

if TYPE_CHECKING:
    from muse.envs.rollout import Episode

#: The experiments of the quickstart, by the name they have in its table.
RUNS = {
    "BC-RNN, state": "cfgs/exp/quickstart/bc_rnn.py",
    "BC-RNN, vision": "cfgs/exp/quickstart/vis_bc_rnn.py",
}
DATASET = "quickstart"
_MARK = ".muse-quickstart"
_CLIPS = 5  # rollouts shown of each policy
_POLL = 0.5  # seconds between looks at the trainings


@dataclass
class Outcome:
    """One policy on the held-out seeds."""

    name: str
    result: dict[str, Any]
    episodes: list[Episode]


@dataclass
class Story:
    """What the quickstart has done so far.

    Attributes:
        out: folder of everything it writes.
        runs: name -> folder of the experiment.
        seconds: stage -> wall time.
    """

    out: Path
    seed: int
    workers: int
    runs: dict[str, Path] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    demonstrations: str = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began
        console.info(f"{name}: {self.seconds[name]:.0f} s")


def main(argv: Sequence[str] | None = None) -> int:
    """Collect, train, evaluate and report."""
    parser = RunParser(
        "quickstart",
        "Collect demonstrations, train a state and a vision BC-RNN, evaluate both, report.",
        _options,
    )
    args = parser.parse(list(sys.argv[1:] if argv is None else argv))
    _make_room(args.out)
    began = time.monotonic()
    story = Story(args.out.absolute(), args.seed, args.workers)
    with story.stage("collecting"):
        collect_demonstrations(story, args.demos)
    with story.stage("training"):
        train_all(story, args.max_steps)
    with story.stage("evaluating"):
        evaluate_all(story, args.episodes)
    story.seconds["all"] = time.monotonic() - began
    report = write_quickstart_report(story)
    console.table("quickstart", _COLUMNS, table_rows(story))
    console.info(f"done in {story.seconds['all']:.0f} s, report: {report}")
    return 0


def collect_demonstrations(story: Story, episodes: int) -> None:
    """Collect successful episodes of the scripted expert, as `muse collect` does."""
    from muse.configs import load_config
    from muse.trainers.collection import CollectOptions, collect
    from muse.trainers.components import expert_of

    # The executed velocity is turned at times while the record keeps what the expert asked for,
    # so the data show the way back from small errors (DART, Laskey et al. 2017).
    noise = ["%env_train", "--action_noise_prob", "0.3"]
    params = load_config(RUNS["BC-RNN, vision"], noise).params
    options = CollectOptions(
        env=params.env_train,
        env_spec=params.get("env_spec"),
        policy=expert_of(params),
        episodes=episodes,
        save_file=story.out / "data" / f"{DATASET}.npz",
        first_seed=story.seed,
        only_success=True,
        workers=story.workers,
    )
    with console.progress(episodes, "collecting demonstrations") as bar:
        found = collect(options, on_episode=lambda episode: bar.update(int(episode.success)))
    story.demonstrations = (
        f"{len(found.episodes)} episodes, {found.steps:,} steps, "
        f"{found.successes} of {found.tried} runs of the expert succeeded"
    )


def train_all(story: Story, max_steps: int | None) -> None:
    """Run `muse train` for each experiment, at the same time, one thread each."""
    from muse.trainers.processes import TrainProcess

    extra = [] if max_steps is None else ["--max_steps", str(max_steps)]
    arguments = ["--dataset", DATASET, "--seed", str(story.seed)]
    trainings = {
        name: TrainProcess(config, [*extra, config, *arguments], story.out)
        for name, config in RUNS.items()
    }
    try:
        with console.progress(
            sum(t.total(max_steps) for t in trainings.values()), "training"
        ) as bar:
            while any(training.is_running() for training in trainings.values()):
                time.sleep(_POLL)
                done = sum(training.step() for training in trainings.values())
                losses = {n.split()[-1]: t.loss() for n, t in trainings.items() if t.loss()}
                bar.update(done - bar.count, **losses)
        for name, training in trainings.items():
            training.check(name)
            story.runs[name] = training.run_dir
    finally:
        for training in trainings.values():
            training.stop()


def evaluate_all(story: Story, episodes: int) -> None:
    """Evaluate every policy on the same held-out seeds, as `muse eval` does."""
    from muse.trainers.evaluation import FIRST_SEED, EvalOptions, evaluate, save_evaluation

    seeds = range(FIRST_SEED, FIRST_SEED + episodes)
    plans: list[tuple[str, Path, Mapping[str, Any]]] = [
        *((name, run, {}) for name, run in story.runs.items()),
        ("random policy", story.runs["BC-RNN, state"], {"random_policy": True}),
        ("scripted expert", story.runs["BC-RNN, state"], {"expert": True}),
    ]
    with console.progress(len(plans) * episodes, "evaluating") as bar:
        for name, run, extra in plans:
            options = EvalOptions(seeds=seeds, workers=story.workers, frames=_CLIPS, **dict(extra))
            found = evaluate(run, options, on_episode=lambda _: bar.update(1))
            save_evaluation(run, found)
            story.outcomes.append(Outcome(name, found.result, found.episodes))


_COLUMNS = ("policy", "success", "95 % interval", "mean length", "episodes")


def table_rows(story: Story) -> list[tuple[str, str, str, str, str]]:
    """Rows of the table of results."""
    rows = []
    for outcome in story.outcomes:
        success = outcome.result["success"]
        low, high = success["wilson_95"]
        rows.append(
            (
                outcome.name,
                f"{100 * success['rate']:.0f} %",
                f"{100 * low:.0f} to {100 * high:.0f} %",
                f"{outcome.result['mean_length']:.1f} steps",
                f"{success['count']} of {outcome.result['episodes']}",
            )
        )
    return rows


def write_quickstart_report(story: Story) -> Path:
    """Write `report.html`."""
    from muse.trainers.report import Bar, Clip, Curve, Report, write_report
    from muse.trainers.writers.jsonl_writer import read_metrics

    bars = [
        Bar(o.name, o.result["success"]["rate"], *o.result["success"]["wilson_95"])
        for o in story.outcomes
    ]
    curves: dict[str, list[Curve]] = {}
    for name, run in story.runs.items():
        rows = read_metrics(run / "metrics.jsonl")
        for kind in ("train", "holdout"):
            points = [(r["step"], r[f"{kind}/loss"]) for r in rows if f"{kind}/loss" in r]
            if points:
                steps, values = zip(*points, strict=True)
                curves.setdefault(f"Loss: {name}", []).append(Curve(kind, steps, values))
    clips = {
        o.name: [
            Clip(f"seed {e.seed}, {e.length} steps", e.frames, e.success)
            for e in o.episodes
            if e.frames
        ]
        for o in story.outcomes
    }
    rule = story.outcomes[0].result["success_rule"]
    report = Report(
        title="Muse quickstart",
        lead=f"Behaviour cloning from {story.demonstrations}. Evaluated on held-out seeds; "
        f"success: {rule}.",
        columns=_COLUMNS,
        rows=table_rows(story),
        bars_title="Success rate with 95 % Wilson interval",
        bars=bars,
        curves=curves,
        clips=clips,
        settings=_settings(story),
    )
    return write_report(story.out / "report.html", report)


def _settings(story: Story) -> dict[str, dict[str, Any]]:
    """What the report lists below its figures."""
    from muse.experiments import ExperimentFileManager
    from muse.trainers.evaluation import read_params

    sections: dict[str, dict[str, Any]] = {
        "Run": {
            "seed": story.seed,
            "worker processes": story.workers,
            "demonstrations": story.demonstrations,
            **{f"{stage}, wall time": f"{s:.0f} s" for stage, s in story.seconds.items()},
        }
    }
    for name, run in story.runs.items():
        params = read_params(ExperimentFileManager.open(run))
        shown = AttrDict(
            (key, params[key]) for key in ("model", "policy", "trainer") if key in params
        )
        sections[name] = {
            path: value for path, value in shown.leaf_items() if value not in (None, [], {})
        }
    return sections


def _make_room(out: Path) -> None:
    """Make the folder `out`, in place of what an earlier quickstart left there.

    Raises:
        UsageError: it holds something else.
    """
    if out.exists():
        if not out.is_dir() or (any(out.iterdir()) and not (out / _MARK).is_file()):
            raise UsageError(
                f"--out {out} exists and is no quickstart report; choose another folder"
            )
        shutil.rmtree(out)
    atomic.write_text(out / _MARK, "made by muse.trainers.quickstart, which may replace it\n")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, default=Path("quickstart_report"), help="[quickstart_report]"
    )
    parser.add_argument("--seed", type=natural, default=0, help="of everything [0]")
    parser.add_argument("--demos", type=positive_int, default=100, help="demonstrations [100]")
    parser.add_argument("--episodes", type=positive_int, default=50, help="of each policy [50]")
    parser.add_argument("--max_steps", type=positive_int, help="of each training")
    parser.add_argument(
        "--workers", type=positive_int, default=min(4, os.cpu_count() or 1), help="[one a core]"
    )


def _run() -> int:
    """Errors in one line, as `muse` does."""
    try:
        return main()
    except MuseError as error:
        if os.environ.get("MUSE_DEBUG"):
            raise
        print(f"muse: error: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(_run())
