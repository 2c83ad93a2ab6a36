"""What the packages expect of each other, as protocols.

They say the shapes and the manners; the base classes (`muse.envs.env.Env`,
`muse.datasets.dataset.Dataset`, `muse.models.model.Model`, …) do the work, and each package has a
checker for classes of one's own. Nothing need inherit from a protocol.

Shapes: B rows (environments, or windows of a batch), H horizon. Leaves are numpy arrays, or torch
tensors where said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.spec import EnvSpec

__all__ = ["Dataset", "Env", "Model", "Sampler", "Writer"]


@runtime_checkable
class Env(Protocol):
    """A simulator or robot, or N of them behind the same interface.

    Every array has a leading dimension B = `num_envs`, 1 for a single environment.
    """

    env_spec: EnvSpec
    #: What `is_success` means, in one sentence.
    success_rule: str

    @property
    def num_envs(self) -> int:
        """B."""

    def seed(self, seed: int | Sequence[int]) -> None:
        """Let the next reset begin from `seed`; the same seed gives the same episode, bit for
        bit."""

    def reset(self, presets: Mapping[str, Any] | None = None) -> tuple[AttrDict, AttrDict]:
        """Begin an episode in every row.

        Args:
            presets: values to start from in place of drawn ones.

        Returns:
            obs: leaves (B, …) of the spec's observations, params and output observations.
            goal: leaves (B, …), empty without a goal.
        """

    def step(self, action: AttrDict) -> tuple[AttrDict, AttrDict, np.ndarray]:
        """Apply an action for one time step.

        Args:
            action: leaves (B, …) in the shapes, dtypes and limits of the spec.

        Returns:
            obs: also with `reward` (B, 1) float32, `terminated` (B, 1) and `truncated` (B, 1)
                bool, where the spec lists them.
            goal: leaves (B, …).
            done: (B,) bool, terminated or truncated.

        Raises:
            SpecError: for a bad action, naming the leaf, the value and the limit.
            EnvError: before the first reset, after the end of the episode, or when closed.
        """

    def reset_where(
        self, rows: np.ndarray, seeds: Sequence[int], presets: Mapping[str, Any] | None = None
    ) -> tuple[AttrDict, AttrDict]:
        """Begin a seeded episode in the rows given, (B,) bool; return all B rows.

        Args:
            seeds: B integers, read where `rows` holds.
        """

    def is_success(self) -> np.ndarray:
        """Return (B,) bool: has the episode met `success_rule`?"""

    @property
    def failed(self) -> np.ndarray:
        """Which rows' episodes a broken simulator has ended, (B,) bool."""

    def score(self) -> np.ndarray:
        """Return (B,) float: how well did the episode go so far?"""

    def render(self) -> np.ndarray:
        """Return (H, W, 3) uint8 RGB."""

    def close(self) -> None:
        """Free the simulator; closing again does nothing."""


@runtime_checkable
class Dataset(Protocol):
    """Episodes, and batches of windows of H consecutive steps of them.

    Images stay uint8 HWC RGB. Inputs are the spec's observations, actions, goals, params and
    finals with `rollout_timestep`; outputs are the output observations and goals with `done`.
    """

    env_spec: EnvSpec

    def __len__(self) -> int:
        """Number of windows, or of steps where there are no windows."""

    def get_batch(
        self,
        indices: Sequence[int] | np.ndarray | None = None,
        names: Iterable[str] | None = None,
        torch_device: Any = None,
    ) -> tuple[AttrDict, AttrDict]:
        """Return (inputs, outputs) with leaves (B, H, …).

        Args:
            indices: B windows; None: drawn by the data set.
            names: only these; None: all.
            torch_device: torch tensors on that device in place of numpy arrays.

        Where a window can reach beyond its episode, `padding_mask` (B, H) bool in inputs is true
        at padded steps.
        """

    def get_num_episodes(self) -> int:
        """Number of episodes."""

    def episode_length(self, i: int) -> int:
        """Steps of episode i."""

    def get_episode(self, i: int, names: Iterable[str] | None = None, split: bool = True) -> Any:
        """Return episode i with leaves (L, …): (inputs, outputs), or one tree unless `split`."""

    def add_episode(self, inputs: AttrDict, outputs: AttrDict) -> None:
        """Append a whole episode with leaves (L, …)."""

    def add(self, input: AttrDict, output: AttrDict) -> None:
        """Append one step with leaves (1, …); `done` in output ends the episode."""

    def save(self, path: Any = None) -> Any:
        """Write everything to disk, atomically."""

    def get_statistics(self, names: Iterable[str]) -> AttrDict:
        """Return name → AttrDict(mean, std, min, max), each of the name's shape, over all steps
        of this split without padding."""

    def get_sampler(self, extra_datasets: Sequence[Dataset] = ()) -> Sampler:
        """Return the sampler of this data set, drawing from the extra ones too."""


@runtime_checkable
class Sampler(Protocol):
    """What decides which windows come next.

    Its position is a pure function of (seed, epoch, position), so that a resumed run goes on
    exactly where the interrupted one stopped.
    """

    def get_indices(self) -> np.ndarray | None:
        """Return the next (B,) window numbers; None: let the data set draw."""

    def state(self) -> dict[str, Any]:
        """Return the position as JSON-able data."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go to a position that `state()` returned."""


@runtime_checkable
class Model(Protocol):
    """A torch module over AttrDicts; its normalisation statistics are buffers."""

    env_spec: EnvSpec
    #: Whether the trainer calls `train_step` in place of `loss` and an optimizer step.
    implements_train_step: bool

    def forward(self, inputs: AttrDict) -> AttrDict:
        """Return outputs (B, H, …) for inputs (B, H, …), both torch."""

    def loss(self, inputs: AttrDict, outputs: AttrDict) -> AttrDict:
        """Return `loss`, a scalar tensor to minimise, and further scalars to log."""

    def load_statistics(self, dd: AttrDict | None = None) -> Any:
        """Take the statistics of the training split (or the given ones) into the buffers."""

    def normalize_by_statistics(
        self, inputs: AttrDict, names: Iterable[str], inverse: bool = False
    ) -> AttrDict:
        """Return `inputs` with the named leaves normalised, or un-normalised if `inverse`."""

    def pretrain(self, datasets_holdout: Sequence[Dataset] | None = None) -> None:
        """Do what must precede training; most models do nothing."""

    def initial_memory(self, batch_size: int) -> AttrDict:
        """Return what the model remembers at the start of B episodes, every leaf (B, …);
        recurrent states (B, layers, hid)."""

    def online_step(
        self, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (outputs, memory) of one time step, with torch leaves (B, 1, …) on the model's
        device."""

    def restore_from_checkpoint(self, chkpt: Mapping[str, Any], strict: bool = True) -> Any:
        """Load the weights and statistics of a checkpoint."""


@runtime_checkable
class Writer(Protocol):
    """Where a run's scalars go."""

    def open(self, resume_step: int | None = None) -> None:
        """Start writing; rows after `resume_step`, which a resumed run repeats, are dropped."""

    def add_scalars(self, scalars: Mapping[str, float], step: int) -> None:
        """Write name → number for one training step."""

    def flush(self) -> None:
        """Hand everything written so far to the operating system."""

    def close(self) -> None:
        """Finish; no more rows may follow."""
