"""Where a run's files are."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from logging import Logger
from pathlib import Path, PurePosixPath
from typing import Any

from muse.core.errors import CheckpointError, DataError, UsageError
from muse.experiments import atomic
from muse.experiments.git_state import git_state
from muse.experiments.run_lock import RunLock
from muse.experiments.run_log import run_log


class ExperimentFileManager:
    """The folder `experiments/<exp_name>` of one run and the files in it.

    A new run makes the folder and refuses one that is in use; a continued run, an evaluation or a
    collection asks for one that is there. Sub-folders are made when something is written
    (`muse.experiments.atomic` makes parents).

    Args:
        exp_name: name of the run, which may hold slashes ("real/velact_b8").
        base_dir: folder that holds `experiments/` and `data/`; default $MUSE_DIR, else the
            current folder.
        is_continue: whether the run exists already.

    Raises:
        UsageError: the folder exists and is not empty (new run) or is missing (continued run), or
            the name leads out of `experiments/`.
    """

    def __init__(
        self,
        exp_name: str,
        base_dir: str | os.PathLike[str] | None = None,
        is_continue: bool = False,
    ) -> None:
        check_exp_name(exp_name)
        self.exp_name = exp_name
        self.base_dir = default_base_dir() if base_dir is None else Path(base_dir).absolute()
        self.is_continue = is_continue
        self.exp_dir = self.base_dir / "experiments" / exp_name
        self._lock = RunLock(self.exp_dir / ".lock")
        if is_continue:
            self._check_exists()
        else:
            self._create()

    @classmethod
    def open(cls, run_dir: str | os.PathLike[str]) -> ExperimentFileManager:
        """Open the run in the folder `run_dir`, wherever it was moved to, to read or add to it."""
        folder = Path(run_dir).absolute()
        parts = folder.parts
        if "experiments" in parts[:-1]:
            at = len(parts) - 1 - parts[::-1].index("experiments")
            if at < len(parts) - 1:
                return cls("/".join(parts[at + 1 :]), Path(*parts[:at]), is_continue=True)
        manager = cls.__new__(cls)
        manager.exp_name = folder.name
        manager.base_dir = default_base_dir()
        manager.is_continue = True
        manager.exp_dir = folder
        manager._lock = RunLock(folder / ".lock")
        manager._check_exists()
        return manager

    @property
    def models_dir(self) -> Path:
        """Checkpoints: `model.pt` (latest), `chkpt_{step:010d}.pt`, `best_model.pt`."""
        return self.exp_dir / "models"

    @property
    def eval_dir(self) -> Path:
        """Results of evaluations, one JSON file each."""
        return self.exp_dir / "eval"

    @property
    def videos_dir(self) -> Path:
        """Rollout videos."""
        return self.exp_dir / "videos"

    @property
    def plots_dir(self) -> Path:
        """Curves and bars."""
        return self.exp_dir / "plots"

    @property
    def data_dir(self) -> Path:
        """Data sets shared by all runs: `<base_dir>/data`."""
        return self.base_dir / "data"

    @property
    def config_file(self) -> Path:
        """The resolved config, which alone rebuilds every component."""
        return self.exp_dir / "config.json"

    @property
    def log_file(self) -> Path:
        """What the run said, with times."""
        return self.exp_dir / "log.txt"

    def lock(self) -> RunLock:
        """Take the run's lock against a second training in this folder.

        `with manager.lock(): train()`. Freed on leaving or when the process ends, even by SIGKILL.
        Temporary files that a killed holder left are removed.

        Raises:
            UsageError: another process holds it; the message names it.
        """
        lock = self._lock.acquire()
        atomic.remove_leftovers(self.exp_dir, is_locked=True)
        return lock

    def save_config(
        self,
        config: str | Mapping[str, Any],
        source: str | os.PathLike[str] | None = None,
        command: Sequence[str] | None = None,
        with_git: bool = True,
    ) -> None:
        """Write what started the run: config.json, config.py, command.txt and git/.

        Args:
            config: the resolved config, as JSON text or as a JSON-able mapping.
            source: the config file it came from, copied to config.py.
            command: the command line; a continued run adds a line to command.txt.
            with_git: record commit and diff of the repository around the current folder, if any.
        """
        if isinstance(config, str):
            atomic.write_text(self.config_file, config)
        else:
            atomic.write_json(self.config_file, config)
        if source is not None:
            atomic.write_bytes(self.exp_dir / "config.py", Path(source).read_bytes())
        if command is not None:
            self._add_command(command)
        state = git_state(Path.cwd()) if with_git else None
        if state is not None:
            atomic.write_text(self.exp_dir / "git" / "commit.txt", state[0] + "\n")
            atomic.write_bytes(self.exp_dir / "git" / "diff.patch", state[1])

    def load_config(self) -> dict[str, Any]:
        """Read config.json.

        Raises:
            CheckpointError: it is missing or damaged.
        """
        try:
            value = json.loads(self.config_file.read_text(encoding="utf-8"))
        except OSError as error:
            raise CheckpointError(
                f"{self.exp_dir} holds no readable config.json ({error.strerror}); expected the "
                "folder of a run made by `muse train`"
            ) from error
        except ValueError as error:
            raise CheckpointError(
                f"{self.config_file} is damaged ({error}); restore it or train again"
            ) from error
        if not isinstance(value, dict):
            raise CheckpointError(
                f"{self.config_file} is damaged: got a {type(value).__name__}, expected an object"
            )
        return value

    def log(self) -> AbstractContextManager[Logger]:
        """Append what is logged below the logger `muse` to log.txt while inside the context."""
        return run_log(self.log_file)

    def find_data_file(self, name: str | os.PathLike[str]) -> Path:
        """Return the first of `name` as given, `<base_dir>/data/name`, `<exp_dir>/name` there is.

        Raises:
            DataError: none of them exists; the message lists them.
        """
        places = [Path(name), self.data_dir / name, self.exp_dir / name]
        found = _first_existing(places)
        if found is None:
            raise DataError(
                f"data file {os.fspath(name)!r} not found; looked at "
                + ", ".join(str(p) for p in dict.fromkeys(places))
                + "; check the name or put the file in one of these places"
            )
        return found

    def find_model_file(self, name: str | os.PathLike[str] = "model.pt") -> Path:
        """Return the checkpoint `name`: in models/, else as given.

        A bare file name is looked up in models/ first, a path with a folder as given first.

        Raises:
            CheckpointError: there is none; the message lists those there are.
        """
        places = [self.models_dir / name, Path(name)]
        if len(Path(name).parts) > 1:
            places.reverse()
        found = _first_existing(places)
        if found is None:
            there = sorted(p.name for p in self.models_dir.glob("*.pt") if p.name[0] != ".")
            raise CheckpointError(
                f"checkpoint {os.fspath(name)!r} not found at "
                + " or ".join(str(p) for p in places)
                + f"; available: {', '.join(there) or 'none yet'}"
            )
        return found

    def _create(self) -> None:
        if self.exp_dir.exists() and not self.exp_dir.is_dir():
            raise UsageError(
                f"run folder {self.exp_dir} is a file; expected a free name; move it away or use "
                "--extra_exp_name"
            )
        if self.exp_dir.is_dir() and any(self.exp_dir.iterdir()):
            raise UsageError(
                f"run folder {self.exp_dir} exists already; add --continue to resume it, "
                "--extra_exp_name NAME to start another run, or delete the folder"
            )
        try:
            self.exp_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            clear = atomic.explain_write_error(error, self.exp_dir)
            if clear is None:
                raise
            raise clear from error

    def _check_exists(self) -> None:
        if not self.exp_dir.is_dir():
            raise UsageError(
                f"run folder {self.exp_dir} not found; leave out --continue to start it, or check "
                "the name and MUSE_DIR (now: the base folder is "
                f"{self.base_dir})"
            )

    def _add_command(self, command: Sequence[str]) -> None:
        path = self.exp_dir / "command.txt"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        atomic.write_text(path, before + shlex.join(command) + "\n")


def default_base_dir() -> Path:
    """Return $MUSE_DIR when set, else the current folder, as an absolute path."""
    return Path(os.environ.get("MUSE_DIR") or ".").absolute()


def check_exp_name(exp_name: str) -> None:
    """Raise UsageError unless `exp_name` is a relative path that stays inside `experiments/`."""
    path = PurePosixPath(exp_name)
    if not exp_name or path.is_absolute() or ".." in path.parts or not path.parts:
        raise UsageError(
            f"exp_name {exp_name!r} is no name for a run; expected a relative name such as "
            "'real/my_run' without '..'"
        )


def _first_existing(places: Sequence[Path]) -> Path | None:
    return next((place for place in places if place.exists()), None)
