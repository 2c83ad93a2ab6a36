"""Writers: where training puts its numbers."""

from __future__ import annotations

from muse.trainers.writers.jsonl_writer import JsonlWriter
from muse.trainers.writers.tensorboard_writer import TensorboardWriter
from muse.trainers.writers.wandb_writer import WandbWriter
from muse.trainers.writers.writer import Writer

__all__ = ["JsonlWriter", "TensorboardWriter", "WandbWriter", "Writer"]
