"""Weights & Biases, online or offline."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from muse.core.errors import MissingExtraError, MuseError
from muse.core.params import Param
from muse.experiments import atomic
from muse.trainers.writers.writer import Writer


class WandbWriter(Writer):
    """Logs to a wandb run; a resumed training goes on in the same run.

    The run's id is kept in `wandb_run.json` in the experiment's folder.
    """

    declared_params = (
        Param("project_name", str, "muse", help="wandb project"),
        Param("tags", list[str], [], help="tags of the run"),
        Param(
            "mode",
            str | None,
            None,
            choices=("online", "offline", "disabled", None),
            help="offline: write wandb/ in the experiment's folder, `wandb sync` it later; None: "
            "what $WANDB_MODE says, else online",
        ),
    )
    _run: Any = None

    def open(self, resume_step: int | None = None) -> None:
        try:
            import wandb
        except ImportError as error:
            raise MissingExtraError("WandbWriter", "muse-train", "wandb") from error
        id_file = self.exp_dir / "wandb_run.json"
        run_id = None
        if resume_step is not None and id_file.exists():
            run_id = json.loads(id_file.read_text(encoding="utf-8")).get("id")
        config_file = self.exp_dir / "config.json"
        config = json.loads(config_file.read_text("utf-8")) if config_file.exists() else {}
        try:
            self._run = wandb.init(
                project=self.params.project_name,
                name=self.exp_name,
                dir=str(self.exp_dir),
                tags=list(self.params.tags),
                mode=self.params.mode,
                id=run_id,
                resume="allow" if run_id else None,
                config=config,
            )
        except Exception as error:  # wandb's errors share no base worth naming
            raise MuseError(
                f"wandb cannot start ({' '.join(str(error).split())}); log in with `wandb login`, "
                "use --wandb_mode offline, or leave --wandb out"
            ) from error
        atomic.write_json(id_file, {"id": self._run.id, "project": self.params.project_name})

    def add_scalars(self, scalars: Mapping[str, float], step: int) -> None:
        if self._run is None:
            raise MuseError("WandbWriter: add_scalars before open()")
        self._run.log({k: v for k, v in scalars.items() if math.isfinite(v)}, step=step)

    def close(self) -> None:
        if self._run is not None:
            self._run.finish()
            self._run = None
