"""`NpInteractionDataset`: windows around contact, what came before it and its goal (PLATO)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError, ParamError
from muse.core.params import Param, non_negative
from muse.core.splitmix import splitmix
from muse.datasets.batch_plan import BatchPlan
from muse.datasets.columns import PADDING
from muse.datasets.dataset import Batch
from muse.datasets.interaction_index import InteractionIndex
from muse.datasets.np_dataset import NpDataset
from muse.datasets.storage.windows import Rows, WindowIndex

_DRAWS = 1 << 20  # ways to choose a pre-window and a goal for one window
_ODD = np.uint64(0x9E3779B97F4A7C15)


class NpInteractionDataset(NpDataset):
    """Windows of interactions: stretches of an episode with one contact in each.

    After Belkhale and Sadigh, "PLATO: Predicting Latent Affordances Through Object-Centric Play",
    CoRL 2022. A batch holds windows (B, H) around the contacts; in the group `pre` windows (B, H)
    from before them; in `goal` one step (B, 1) to reach. Windows shorter than the horizon are
    filled up with zeros, told by `padding_mask` and `pre/padding_mask`.

    Indices of `get_batch` are interactions, in each of which all three are drawn at random; pairs
    (window, draw) of shape (B, 2) name them exactly, and are what samplers use. Interactions are
    drawn equally often.

    The goal is the window's last step by default. Without `sample_goal_as_contact_end` it is drawn
    from what follows the window in its interaction; with `sample_interaction_goals_only` from what
    follows up to the end of the contact; with `sample_post_goals_only` from what follows the
    contact. Where nothing follows it is the last step there is.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "parse_interaction_bounds_from_episode_fn",
            Callable,
            help="(inputs, outputs) of an episode -> bounds (N, 4) [begin, contact_start, "
            "contact_end, end] and the number left out",
        ),
        Param("pad_to_horizon", bool, True, help="keep interactions shorter than a window"),
        Param("sample_pre_window", bool, True, help="hand out windows from before the contact"),
        Param("sample_goals", bool, True, help="hand out goals"),
        Param("sample_goal_as_contact_end", bool, True, help="goals are the window's last step"),
        Param("sample_post_goals_only", bool, False, help="goals from after the contact"),
        Param("sample_interaction_goals_only", bool, False, help="goals up to the contact's end"),
        Param(
            "soft_boundary_length",
            int | None,
            None,
            help="windows reach so far beyond the contact; None: half a horizon",
            unit="steps",
            check=non_negative,
        ),
        Param(
            "init_soft_boundary_length",
            int | None,
            None,
            help="pre-windows reach so far into the contact; None: soft_boundary_length",
            unit="steps",
            check=non_negative,
        ),
        Param("pre_window_key_prefix", str, "pre", help="group of the pre-windows"),
        Param("goal_key_prefix", str, "goal", help="group of the goals"),
    )

    def __init__(self, params: Any, env_spec: Any, *args: Any, **kwargs: Any) -> None:
        self._interactions: InteractionIndex | None = None
        super().__init__(params, env_spec, *args, **kwargs)
        self._check_params()

    # -- sizes -------------------------------------------------------------------------------

    @property
    def interactions(self) -> InteractionIndex:
        """Where the interactions are."""
        if self._interactions is None:
            given, half = self.params, self.horizon // 2
            soft = half if given.soft_boundary_length is None else given.soft_boundary_length
            init = given.init_soft_boundary_length
            self._interactions = InteractionIndex(
                self._parsed_bounds(),
                (self.horizon, given.horizon_skip),
                soft,
                soft if init is None else init,
                given.pad_to_horizon,
            )
        return self._interactions

    @property
    def index(self) -> WindowIndex:
        """The windows around the contacts; its episodes are interactions."""
        return self.interactions.windows

    def __len__(self) -> int:
        """Number of interactions."""
        return self.get_num_periods()

    def get_num_periods(self) -> int:
        """Number of interactions."""
        return len(self.interactions.begin)

    def period_length(self, i: int) -> int:
        """Steps in interaction `i`, from its begin to its end."""
        return int(self.interactions.end[i] - self.interactions.begin[i] + 1)

    def period_weights(self) -> NDArray[np.float64]:
        """Share of the windows drawn that come from each interaction, (P,): all the same."""
        sampled = (self.index.counts > 0).astype(np.float64)
        return sampled / sampled.sum()

    @property
    def extra_horizons(self) -> Mapping[str, int]:
        """Groups that batches hold beside the window itself, each with its number of steps."""
        pre = {self.params.pre_window_key_prefix: self.horizon}
        goal = {self.params.goal_key_prefix: 1}
        return (pre if self.params.sample_pre_window else {}) | (
            goal if self.params.sample_goals else {}
        )

    # -- reading -----------------------------------------------------------------------------

    def windows_at(self, uniform: NDArray[np.float64]) -> Rows:
        """Turn `uniform` numbers (B, 2) in [0, 1) into windows (B,), each with a draw.

        The draw chooses pre-window and goal; it is counted in multiples of `num_windows`.
        """
        sampled = self.index.sampled_episodes
        place = uniform[:, 0] * len(sampled)
        choice = place.astype(np.int64)
        draws = ((place - choice) * _DRAWS).astype(np.int64)
        windows = self.index.windows_of(sampled[choice], uniform[:, 1])
        return windows + draws * self.num_windows

    def window_indices(self, windows: Rows) -> Rows:
        """Return the indices that mean these windows: pairs (window, draw)."""
        return np.stack([windows % self.num_windows, windows // self.num_windows], axis=1)

    def windows_of_indices(self, indices: Any) -> Rows:
        """Return the windows (B,), each with a draw, that `indices` of `get_batch` mean."""
        indices = np.asarray(indices, np.int64)
        total = self.num_windows
        if indices.ndim == 2:
            if indices.shape[1] != 2:
                raise DataError(
                    f"indices have shape {indices.shape}; expected (B,) or (B, 2) of (window, draw)"
                )
            self._check_range(indices[:, 0], total, "window")
            return indices[:, 0] + total * indices[:, 1]
        self._check_range(indices, self.get_num_periods(), "interaction")
        if not self.index.counts[indices].all():
            raise DataError("an interaction is shorter than a window; set pad_to_horizon=True")
        windows = self.index.windows_of(indices, self._rng.random(len(indices)))
        return windows + total * self._rng.integers(0, _DRAWS, len(indices))

    def get_periods(
        self, indices: Any, names: Sequence[str] | None = None, torch_device: Any = None
    ) -> Batch:
        """Return whole interactions, (B, longest, …), zeros past their ends, with `padding_mask`.

        Args:
            indices: interactions, (B,).
            names: names wanted beside timestep and done; None: `batch_names_to_get`.
            torch_device: return tensors there.
        """
        plan, periods = self._plan(names), np.asarray(indices, np.int64)
        self._check_range(periods, self.get_num_periods(), "interaction")
        rows, padded = self.interactions.whole(periods)
        arrays = self.store.gather(plan.steps, rows, padded)
        episodes = self.interactions.episode[periods]
        onetime = [
            np.repeat(self.store.onetime(n)[episodes][:, None], rows.shape[1], 1)
            for n in plan.onetime
        ]
        inputs, outputs = plan.build(arrays, onetime, padded)
        if torch_device is not None:
            return self.torchify(inputs, torch_device), self.torchify(outputs, torch_device)
        return inputs, outputs

    # -- inner -------------------------------------------------------------------------------

    def _gather(self, plan: BatchPlan, codes: Rows) -> Batch:
        """Return windows (B, H, …), `pre/…` (B, H, …) and `goal/…` (B, 1, …), taken in one go."""
        windows = codes % self.num_windows
        periods = self.index.episodes(windows)
        chance = _chances(codes)
        rows, padded, zeros = self.interactions.windows.rows(windows)
        pre_windows = self.interactions.pre.windows_of(periods, chance[0])
        pre_rows, pre_padded, pre_zeros = self.interactions.pre.rows(pre_windows)
        last = rows.max(axis=1)
        goal_rows = self._goals(periods, last, chance[1])
        blank = np.zeros((len(rows), 1), np.bool_)
        zeros = np.zeros_like(padded) if zeros is None else zeros
        pre_zeros = np.zeros_like(pre_padded) if pre_zeros is None else pre_zeros
        arrays = self.store.gather(
            plan.steps,
            np.concatenate([rows, pre_rows, goal_rows[:, None]], axis=1),
            np.concatenate([zeros, pre_zeros, blank], axis=1),
        )
        horizon = self.horizon
        onetime = [self.step_values(name, windows) for name in plan.onetime]
        mask = padded if self.params.pad_to_horizon else None
        inputs, outputs = plan.build([a[:, :horizon] for a in arrays], onetime, mask)
        taken = list(zip(plan.input_steps, arrays, strict=False))  # outputs come behind
        if self.params.sample_pre_window:
            prefix = self.params.pre_window_key_prefix
            for name, array in taken:
                inputs[f"{prefix}/{name}"] = array[:, horizon:-1]
            inputs[f"{prefix}/{PADDING}"] = pre_padded
        if self.params.sample_goals:
            for name, array in taken:
                inputs[f"{self.params.goal_key_prefix}/{name}"] = array[:, -1:]
        return inputs, outputs

    def _goals(self, periods: Rows, last: Rows, chance: NDArray[np.float64]) -> Rows:
        given, found = self.params, self.interactions
        begin, end = last + 1, found.end[periods]
        if given.sample_post_goals_only:
            begin = np.maximum(begin, found.contact_end[periods] + 1)
        elif given.sample_interaction_goals_only:
            end = np.minimum(end, found.contact_end[periods])
        elif given.sample_goal_as_contact_end:
            return last
        goals = begin + (chance * np.maximum(end - begin + 1, 0)).astype(np.int64)
        return np.where(begin <= end, goals, np.maximum(last, end))

    def step_values(self, name: str, windows: Rows) -> NDArray[Any]:
        """Return what the steps of `windows` (B,) hold of one column, (B, H, …)."""
        if name not in self.columns.onetime:
            return super().step_values(name, windows)
        episodes = self.interactions.episode[self.index.episodes(windows)]
        return np.repeat(self.store.onetime(name)[episodes][:, None], self.horizon, axis=1)

    def _parsed_bounds(self) -> NDArray[np.int64]:
        """Return [episode, begin, contact_start, contact_end, end], rows of the store, (P, 5)."""
        parse = self.params.parse_interaction_bounds_from_episode_fn
        found, skipped = [], 0
        for i in range(self.get_num_episodes()):
            bounds, left_out = parse(*self.get_episode(i))
            bounds, length = np.asarray(bounds, np.int64).reshape(-1, 4), self.episode_length(i)
            ordered = (np.diff(bounds, axis=1) >= 0).all()
            if not ordered or (bounds < 0).any() or (bounds >= length).any():
                raise DataError(
                    f"parse_interaction_bounds_from_episode_fn gave {bounds.tolist()} for episode "
                    f"{i} of {length} steps; expected growing [begin, contact_start, contact_end, "
                    "end] within it"
                )
            episode = np.full((len(bounds), 1), i)
            found.append(np.concatenate([episode, bounds + self.store.starts[i]], axis=1))
            skipped += int(left_out)
        rows = np.concatenate(found)
        if not len(rows):
            raise DataError(
                f"no interaction in {self.get_num_episodes()} episodes ({skipped} were left out); "
                "look at parse_interaction_bounds_from_episode_fn"
            )
        return rows

    def _check_params(self) -> None:
        given = self.params
        if not self.frozen or self.horizon < 2:
            raise ParamError(
                f"NpInteractionDataset: frozen={self.frozen}, horizon={self.horizon}; expected "
                "frozen=True and a horizon of at least 2"
            )
        if given.sample_post_goals_only and given.sample_interaction_goals_only:
            raise ParamError(
                "NpInteractionDataset: sample_post_goals_only and sample_interaction_goals_only "
                "exclude each other; set one"
            )
        for prefix in self.extra_horizons:
            taken = [n for n in self.names if n.split("/")[0] == prefix]
            if taken:
                raise ParamError(
                    f"NpInteractionDataset: the data have {taken[0]!r}, so {prefix!r} cannot be "
                    "the group of what is sampled beside; change pre_window_key_prefix or "
                    "goal_key_prefix"
                )


def _chances(codes: Rows) -> NDArray[np.float64]:
    """Return two numbers in [0, 1) for each window and draw, (2, B), always the same ones."""
    first = splitmix((codes.astype(np.uint64) + np.uint64(1)) * _ODD)
    both = np.stack([first, splitmix(first + _ODD)])
    return (both >> np.uint64(11)).astype(np.float64) / (1 << 53)
