"""Which columns a dataset has, what each must look like, and which batch half it goes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import DataError

TIMESTEP = "rollout_timestep"
PADDING = "padding_mask"
#: Group that a mixture adds to the inputs: the source of each row, and which names that has.
SOURCE = "source"
HAS = f"{SOURCE}/has"


class Columns:
    """The names a dataset stores and how it hands them out.

    Args:
        env_spec: shapes and dtypes by name, and the groups names belong to.
        step_names: names with one entry a step, without `done` and the timestep.
        onetime_names: names with one entry an episode.
        done_key: name of the flag that ends an episode.
        use_rollout_steps: store and hand out the step number within the episode.
        final_names_as_inputs: final names go to the inputs, else to the outputs.
    """

    def __init__(
        self,
        env_spec: Any,
        step_names: Iterable[str],
        onetime_names: Iterable[str],
        done_key: str,
        use_rollout_steps: bool,
        final_names_as_inputs: bool,
    ) -> None:
        self.env_spec = env_spec
        self.done_key = done_key
        self.use_rollout_steps = use_rollout_steps
        implicit = {done_key, TIMESTEP}
        self.given = tuple(n for n in step_names if n not in implicit)
        self.onetime = tuple(onetime_names)
        self._refuse_duplicates()
        self.implicit = (*([TIMESTEP] if use_rollout_steps else []), done_key)
        self.steps = (*self.given, *self.implicit)
        self.final = frozenset(env_spec.final_names)
        self.actions = frozenset(env_spec.action_names)
        outputs = {*env_spec.output_observation_names, *env_spec.output_goal_names, done_key}
        if not final_names_as_inputs:
            outputs |= self.final
        self.outputs = frozenset(outputs) - set(env_spec.observation_names)
        self._rows = spec_rows(env_spec)

    @property
    def all(self) -> tuple[str, ...]:
        """Step names, then one-time names."""
        return (*self.steps, *self.onetime)

    def with_implicit(self, names: Iterable[str], stored: Iterable[str]) -> list[str]:
        """Return `names` and the timestep and done, as far as these are `stored`."""
        there = set(stored)
        return list(dict.fromkeys([*names, *[n for n in self.implicit if n in there]]))

    def expected(self, name: str) -> tuple[tuple[int, ...] | None, np.dtype[Any] | None]:
        """Return shape and dtype of one entry of `name`; None where anything goes."""
        if name == self.done_key:
            return (), np.dtype(np.bool_)
        if name == TIMESTEP:
            return (), np.dtype(np.int64)
        return self._rows.get(name, (None, None))

    def fit(self, name: str, array: Any, where: str) -> NDArray[Any]:
        """Return `array` (N, …) in the shape and dtype the spec asks for.

        A missing or added axis of length 1 is mended; values are converted only within their kind
        (float64 to float32, bool or int to float).

        Raises:
            DataError: it does not fit; `where` says whose array it is.
        """
        array = np.asarray(array)
        if array.dtype.hasobject:
            raise DataError(f"{where}: {name!r} is an object array; expected numbers")
        shape, dtype = self.expected(name)
        if shape is not None and array.shape[1:] != shape:
            squeezed = [s for s in array.shape[1:] if s != 1]
            if array.ndim == 0 or squeezed != [s for s in shape if s != 1]:
                raise DataError(
                    f"{where}: {name!r} has shape {array.shape}, expected (steps, "
                    f"{', '.join(map(str, shape))}) as in the env spec; use the spec the data was "
                    "made with, or leave the key out of step_names".replace("(steps, )", "(steps,)")
                )
            array = array.reshape(len(array), *shape)
        return array if dtype is None else self.cast(name, array, dtype, where)

    @staticmethod
    def cast(name: str, array: NDArray[Any], dtype: np.dtype[Any], where: str) -> NDArray[Any]:
        """Return `array` as `dtype` if nothing but precision can be lost."""
        if array.dtype == dtype:
            return array
        whole_flags = dtype == np.bool_ and array.dtype.kind in "iu"
        if not whole_flags and not np.can_cast(array.dtype, dtype, "same_kind"):
            raise DataError(
                f"{where}: {name!r} is {array.dtype}, expected {dtype} as in the env spec; convert "
                "it when saving, or correct the spec"
            )
        return array.astype(dtype)

    def _refuse_duplicates(self) -> None:
        seen: set[str] = set()
        for name in (*self.given, *self.onetime):
            if name in seen:
                raise DataError(
                    f"{name!r} is listed twice in step_names and onetime_names; expected each name "
                    "once"
                )
            seen.add(name)


def spec_rows(env_spec: Any) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
    """Return name -> (shape, dtype) of every row of an env spec."""
    names = env_spec.all_spec_names
    return {n: (tuple(env_spec.shape(n)), np.dtype(env_spec.dtype(n))) for n in names}


def refuse_nan(name: str, array: NDArray[Any], lengths: NDArray[np.int64], where: str) -> None:
    """Raise a `DataError` that says where the first NaN or infinity of an action is."""
    if array.dtype.kind != "f":
        return
    bad = ~np.isfinite(array.reshape(len(array), -1)).all(axis=1)
    if not bad.any():
        return
    row = int(np.argmax(bad))
    episode = int(np.searchsorted(np.cumsum(lengths), row, side="right"))
    step = row - int(lengths[:episode].sum())
    raise DataError(
        f"{where}: action {name!r} is not finite in {int(bad.sum())} steps, first in episode "
        f"{episode}, step {step} (row {row}): {array[row].tolist()}; expected numbers; remove or "
        "mend these episodes"
    )
