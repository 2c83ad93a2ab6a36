"""`EnvSpec`: what an environment, a data set and a model agree on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from muse.core.attrdict import AttrDict
from muse.core.errors import SpecError, suggest
from muse.core.params import Configurable, Param, imported, object_path
from muse.core.spec_base import Spec
from muse.core.spec_row import SpecRow

__all__ = ["BiModalParamEnvSpec", "EnvSpec", "ParamEnvSpec", "Spec", "SpecRow"]

ROLLOUT_TIMESTEP = "rollout_timestep"


class EnvSpec(Spec, Configurable):
    """Immutable description of names → (shape, limits, dtype), in groups.

    Two rows need no declaration: `done` (bool, shape (); named by the parameter `done_key`) and
    `rollout_timestep` (int64, shape (): steps since the start of the episode). They ride along
    with every group and belong to none.

    Args:
        params: as declared below; those of another spec's `params` also serve.

    Raises:
        ParamError: for a parameter unknown, missing or of the wrong type.
        SpecError: for a bad row, or a group that names what no row describes.
    """

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param(
            "names_shapes_limits_dtypes",
            list,
            help="rows (name, shape, (low, high), dtype); shapes without batch or horizon",
        ),
        Param("observation_names", list[str], help="what a policy sees before it acts"),
        Param("output_observation_names", list[str], [], help="what a step returns besides"),
        Param("action_names", list[str], help="what a policy gives"),
        Param("goal_names", list[str], [], help="the goal a policy is given"),
        Param("output_goal_names", list[str], [], help="goal values known after a step"),
        Param("param_names", list[str], [], help="once an episode, from its first observation"),
        Param("final_names", list[str], [], help="once an episode, from its last observation"),
        Param("done_key", str, "done", help="name of the flag that ends an episode"),
    )
    #: The parameters that are groups of names.
    groups: ClassVar[tuple[str, ...]] = (
        "observation_names",
        "output_observation_names",
        "action_names",
        "goal_names",
        "output_goal_names",
        "param_names",
        "final_names",
    )

    observation_names: tuple[str, ...]
    output_observation_names: tuple[str, ...]
    action_names: tuple[str, ...]
    goal_names: tuple[str, ...]
    output_goal_names: tuple[str, ...]
    param_names: tuple[str, ...]
    final_names: tuple[str, ...]
    done_key: str

    def __init__(self, params: Mapping[str, Any]) -> None:
        given = self.resolve_params(params)
        rows = [SpecRow.parse(row) for row in given.names_shapes_limits_dtypes]
        declared = {row.name for row in rows}
        for row in implicit_rows(given.done_key):
            if row.name not in declared:
                rows.append(row)
        Spec.__init__(self, rows)
        for group in self.groups:
            self._keep(group, self._group(group, given[group]))
        self._keep("done_key", given.done_key)

    def _group(self, group: str, names: list[str]) -> tuple[str, ...]:
        """Return the names of a group, each known and named once."""
        for name in names:
            if name not in self:
                raise SpecError(
                    f"{type(self).__name__}: {group} has {name!r}, which no row of "
                    f"names_shapes_limits_dtypes describes.{suggest(name, self.all_spec_names)}"
                )
            if names.count(name) > 1:
                raise SpecError(f"{type(self).__name__}: {group} has {name!r} twice, expected once")
        return tuple(names)

    # -- groups ------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that has a value at each step: observations, goals, actions and outputs."""
        return _once(
            self.observation_names,
            self.goal_names,
            self.action_names,
            self.output_observation_names,
            self.output_goal_names,
        )

    @property
    def all_names(self) -> tuple[str, ...]:
        """`names`, and those that have a value once an episode."""
        return _once(self.names, self.param_names, self.final_names)

    @property
    def input_names(self) -> tuple[str, ...]:
        """What a model may read: observations, goals, actions, params and finals."""
        return _once(
            self.observation_names,
            self.goal_names,
            self.action_names,
            self.param_names,
            self.final_names,
        )

    @property
    def output_names(self) -> tuple[str, ...]:
        """What a model may predict besides actions: output observations and goals."""
        return _once(self.output_observation_names, self.output_goal_names)

    # -- whole -------------------------------------------------------------------------------

    @property
    def params(self) -> AttrDict:
        """Fresh, JSON-able parameters with `cls`; `instantiate(spec.params) == spec`."""
        implied = {row.name: row for row in implicit_rows(self.done_key)}
        rows = [r.to_params() for r in self._rows.values() if implied.get(r.name) != r]
        out = AttrDict(cls=object_path(type(self)), names_shapes_limits_dtypes=rows)
        for name in self.all_params():
            if name not in out:
                out[name] = _plain(getattr(self, name))
        return out

    def derive(self, add_rows: Iterable[Any] = (), **changes: Any) -> EnvSpec:
        """Return a new spec of this class.

        Args:
            add_rows: rows to append, (name, shape, (low, high), dtype); a name that is already
                here gets the new row.
            changes: parameters to replace, such as `action_names=[…]`.
        """
        params = self.params
        added = [SpecRow.parse(row).to_params() for row in add_rows]
        params.update(changes)
        new = {row[0] for row in added}
        kept = [row for row in params.names_shapes_limits_dtypes if row[0] not in new]
        params.names_shapes_limits_dtypes = kept + added
        return type(self)(params)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EnvSpec):
            return NotImplemented
        return type(self) is type(other) and self.params == other.params

    def __hash__(self) -> int:
        return hash((self.all_spec_names, self.names))

    def __reduce__(self) -> Any:
        return type(self), (self.params,)

    def __repr__(self) -> str:
        groups = ", ".join(f"{g}={list(getattr(self, g))}" for g in self.groups if getattr(self, g))
        return f"{type(self).__name__}({groups})"


class ParamEnvSpec(EnvSpec):
    """The `EnvSpec` of a config: everything comes from its parameters."""


class BiModalParamEnvSpec(ParamEnvSpec):
    """A spec whose actions come in two modes: 0, sparse waypoints, and 1, dense actions (HYDRA)."""

    declared_params: ClassVar[tuple[Param, ...]] = (
        Param("mode0_action_names", list[str], help="actions of mode 0 (sparse), of action_names"),
        Param("mode1_action_names", list[str], help="actions of mode 1 (dense), of action_names"),
        Param(
            "dynamics_state_names",
            list[str] | None,
            None,
            help="state that wp_dynamics_fn reads; None: all observations",
        ),
        Param(
            "wp_dynamics_fn",
            Callable | str | None,
            None,
            help="function or its import path: (state, target) -> (action, next_state, reached)",
        ),
    )
    mode0_action_names: tuple[str, ...]
    mode1_action_names: tuple[str, ...]
    dynamics_state_names: tuple[str, ...]
    wp_dynamics_fn: Callable[..., Any] | None

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__(params)
        given = self.resolve_params(params)
        for group in ("mode0_action_names", "mode1_action_names"):
            for name in given[group]:
                if name not in self.action_names:
                    raise SpecError(
                        f"{type(self).__name__}: {group} has {name!r}, expected names of "
                        f"action_names {list(self.action_names)}"
                    )
            self._keep(group, self._group(group, given[group]))
        states = given.dynamics_state_names
        if states is None:
            states = list(self.observation_names)
        self._keep("dynamics_state_names", self._group("dynamics_state_names", states))
        fn = given.wp_dynamics_fn
        self._keep("wp_dynamics_fn", imported(fn))


def implicit_rows(done_key: str) -> list[SpecRow]:
    """The rows every `EnvSpec` has without declaring them."""
    return [
        SpecRow.parse((done_key, (), (0, 1), "bool")),
        SpecRow.parse((ROLLOUT_TIMESTEP, (), (0, None), "int64")),
    ]


def _once(*groups: Iterable[str]) -> tuple[str, ...]:
    """Join groups, each name at its first place."""
    return tuple(dict.fromkeys(name for group in groups for name in group))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return object_path(value) if callable(value) else value
