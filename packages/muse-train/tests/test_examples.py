"""The examples run, and the Python of the guides does what it says.

Both belong to the checkout, not to the package: without it there is nothing to test.
"""

from __future__ import annotations

import doctest
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="needs a checkout with examples/")


@pytest.mark.parametrize(
    ("name", "last_line"),
    [
        ("reach_env", "ReachEnv keeps the contract of Env"),
        ("reach_policy", "10 of 10 episodes reached the mark"),
        ("csv_dataset", "xy (4, 5, 2), action (4, 5, 2), done (4, 5)"),
        ("linear_model", "loss after 50 steps: "),
    ],
)
def test_example_says_what_it_should(
    name: str,
    last_line: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    assert last_line in capsys.readouterr().out.splitlines()[-1]


def test_data_written_from_numpy_fit_the_coffee_experiment(tmp_path: Path) -> None:
    from muse.configs import load_config
    from muse.core.params import instantiate
    from muse.datasets.testing import check_dataset

    written = runpy.run_path(str(EXAMPLES / "write_npz.py"))
    path = tmp_path / "mine.npz"
    written["write_dataset"](path, episodes=10, steps=11)
    overrides = ["--dataset", "mine", "%dataset_train", "--file", str(path)]
    params = load_config("cfgs/exp_hvs/coffee/vis_bc_rnn.py", overrides).params
    dataset = instantiate(params.dataset_train, instantiate(params.env_spec))
    assert dataset.get_num_episodes() == 9
    inputs, _ = dataset.get_batch()
    assert inputs.image.shape == (8, 10, 240, 320, 3)
    check_dataset(dataset, batches=1)


def test_train_and_evaluate_from_python(tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLES / "train_and_evaluate.py"), "--out", str(tmp_path)]
    done = subprocess.run(
        [*command, "--max_steps", "5"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "trained 5 steps" in done.stdout
    assert "success rate" in done.stdout
    run = tmp_path / "experiments" / "reach" / "b32_h5_reach_bc-l2_lstm-hs32-ps0"
    assert (run / "models" / "model.eval.json").is_file()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_python_of_the_guide(guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a page run in order in one namespace; those with `>>>` show what they claim.

    Only blocks marked `python` are run; `py` marks what needs a file or a package not at hand here.
    """
    monkeypatch.chdir(tmp_path)
    text = guide.read_text(encoding="utf-8")
    names: dict[str, object] = {"__name__": f"guide_{guide.stem}"}
    for found in _BLOCK.finditer(text):
        code, line = found[1], text[: found.start()].count("\n") + 1
        if code.startswith("--8<--"):
            continue  # a whole example, tested above
        if ">>>" not in code:
            exec(compile("\n" * line + code, str(guide), "exec"), names)
            continue
        test = doctest.DocTestParser().get_doctest(code, names, guide.name, str(guide), line)
        report: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
        runner.run(test, out=report.append, clear_globs=False)
        assert not report, "".join(report)
        names.update(test.globs)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_configs_and_examples_that_the_guide_names_exist(guide: Path) -> None:
    import importlib

    text = guide.read_text(encoding="utf-8")
    homes = [Path(place) for place in importlib.import_module("muse.cfgs").__path__]
    for name in set(re.findall(r"cfgs/([\w/]+\.py)", text)):
        assert any((home / name).is_file() for home in homes), name
    for name in set(re.findall(r"examples/\w+\.py", text)):
        assert (ROOT / name).is_file(), name
