"""Public contract tests: run them on your own environment or policy.

    check_env("my.module.MyEnv")

or inherit `EnvContract` in a pytest class and override `make_env`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, MuseError, SpecError
from muse.core.policy import Policy
from muse.core.spec import EnvSpec
from muse.envs.env import Env, make
from muse.envs.spec_building import observed_names
from muse.policies.random_policy import RandomPolicy

_FLAGS = ("terminated", "truncated")


def check_env(
    env: type[Env] | str | Env,
    params: Mapping[str, Any] | None = None,
    *,
    steps: int = 50,
    seed: int = 0,
    render: bool = True,
    presets: Mapping[str, Any] | None = None,
    on_rule: Callable[[str], None] = lambda rule: None,
) -> None:
    """Check that an environment keeps the contract of `Env`; an environment given stays open.

    Args:
        env: a class, its import path, or a ready environment.
        params: parameters for a class.
        steps: random steps to take in each run; where episodes are shorter, over several.
        seed: of environment and actions.
        render: also check the picture; leave out for an environment that has none.
        presets: also reset with these; each that is an observation must be honoured.
        on_rule: called with each rule, in words, once it was found kept.

    Raises:
        EnvError: with the first rule broken.
    """
    made = env if isinstance(env, Env) else make(env, params)
    try:
        for rule, check in _Checker(made, steps, seed).rules(render, presets):
            check()
            on_rule(rule)
    finally:
        if made is not env:
            made.close()
    if made is not env:
        made.close()  # closing again does nothing
        _refused(lambda: made.reset(), "reset() after close()", (EnvError,))
        on_rule("it closes twice and is closed then")


def check_policy(policy: Policy, env: Env, *, model: Any = None, steps: int = 20) -> None:
    """Check that a policy keeps the contract of `Policy` in `env`.

    Its actions fit the spec, it repeats itself for the same seed, its memory has the batch in
    front, and `is_terminated` gives one bool a row.

    Raises:
        EnvError: with the first rule broken.
    """
    first = _actions(policy, env, model, steps)
    second = _actions(policy, env, model, steps)
    for i, (a, b) in enumerate(zip(first, second, strict=True)):
        _expect(_equal(a, b), f"step {i}: the same seed gave other actions: {a} and {b}")


class EnvContract:
    """Mix-in for pytest classes: override `make_env`, inherit the tests."""

    #: Random steps of each test.
    contract_steps = 30
    #: Whether the environment has a picture.
    contract_render = True

    def make_env(self) -> Env:
        """Return a new environment to test."""
        raise NotImplementedError("override make_env()")

    def test_outputs_match_the_spec(self) -> None:
        self._run("check_outputs")

    def test_same_seed_gives_the_same_episode(self) -> None:
        self._run("check_seeding")

    def test_bad_actions_are_refused(self) -> None:
        self._run("check_bad_actions")

    def test_bad_presets_are_refused(self) -> None:
        self._run("check_bad_presets")

    def test_a_restored_state_goes_on_the_same(self) -> None:
        with self.make_env() as env:
            if env.saves_state:
                _Checker(env, self.contract_steps, 0).check_restoring()

    def test_render_gives_a_picture(self) -> None:
        if self.contract_render:
            self._run("check_render")

    def test_closes_twice(self) -> None:
        env = self.make_env()
        env.reset()
        env.close()
        env.close()
        _refused(lambda: env.reset(), "reset() after close()", (EnvError,))

    def _run(self, check: str) -> None:
        with self.make_env() as env:
            getattr(_Checker(env, self.contract_steps, 0), check)()


class _Checker:
    """The rules, one method each."""

    def __init__(self, env: Env, steps: int, seed: int) -> None:
        self.env, self.spec, self.steps, self.seed = env, env.env_spec, steps, seed
        self.name = type(env).__name__
        self.policy = RandomPolicy(AttrDict(), env.env_spec)

    def rules(
        self, render: bool, presets: Mapping[str, Any] | None
    ) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield each rule that applies, in words, and what checks it."""
        yield "its spec is an EnvSpec, and its class gives a default one", self.check_default_spec
        yield "names, shapes, dtypes and limits equal the spec's; ends agree", self.check_outputs
        yield "the same seed gives the same episode", self.check_seeding
        yield "bad actions are refused, and change nothing", self.check_bad_actions
        yield "unknown presets are refused", self.check_bad_presets
        if self.env.saves_state:
            yield "an episode goes on the same from a restored state", self.check_restoring
        if render:
            yield "render() gives a picture", self.check_render
        if presets:
            yield "presets are honoured", partial(self.check_presets, presets)

    def check_default_spec(self) -> None:
        _expect(isinstance(self.spec, EnvSpec), f"{self.name}.env_spec is no EnvSpec")
        given = type(self.env).get_default_env_spec_params(self.env.params)
        _expect("cls" in given, f"{self.name}.get_default_env_spec_params gives no 'cls'")

    def check_outputs(self) -> None:
        """Names, shapes, dtypes and limits equal the spec; the flags of an end agree."""
        taken = 0
        while taken < self.steps:
            episode = self._episode(first=taken)
            for obs, goal, done in episode:
                self._check_batch(obs, self._emitted(), "observation")
                self._check_batch(goal, list(goal.leaf_keys()), "goal")
                self._check_done(obs, done)
            taken += len(episode) - 1

    def check_seeding(self) -> None:
        """The same seed gives the same episode, and past observations are left alone."""
        snapshots: list[AttrDict] = []
        first = self._episode(snapshots)
        second = self._episode()
        for i, ((obs, _, _), snapshot) in enumerate(zip(first, snapshots, strict=True)):
            same = _equal(obs, snapshot)
            _expect(same, f"step {i}: an observation changed after it was returned")
        _expect(len(first) == len(second), "the same seed gave episodes of different length")
        for i, ((obs, goal, done), (obs2, goal2, done2)) in enumerate(
            zip(first, second, strict=True)
        ):
            same = _equal(obs, obs2) and _equal(goal, goal2) and np.array_equal(done, done2)
            _expect(same, f"step {i}: the same seed gave {_difference(obs, obs2)}")

    def check_restoring(self) -> None:
        """From a restored state the same actions lead to the same observations, bit for bit."""
        self._reset()
        for count in range(min(3, self.steps)):
            if self.env.step(self._action(count))[2].all():
                self._reset()
        state = self.env.save_state()
        kept = state.leaf_apply(np.copy)
        first = self._actions_from(len(state))
        self._reset()  # another place to come from
        obs = self.env.restore_state(state)
        self._check_batch(obs, self._emitted(), "restored observation")
        second = self._actions_from(len(state))
        _expect(_equal(state, kept), "a saved state changed after it was returned")
        for i, ((obs, done), (obs2, done2)) in enumerate(zip(first, second, strict=True)):
            same = _equal(obs, obs2) and np.array_equal(done, done2)
            _expect(same, f"step {i} after restore_state gave {_difference(obs, obs2)}")

    def _actions_from(self, first: int) -> list[tuple[AttrDict, np.ndarray]]:
        """Step until the episode ends, at most `steps` times."""
        taken: list[tuple[AttrDict, np.ndarray]] = []
        while len(taken) < self.steps and not (taken and taken[-1][1].all()):
            obs, _, done = self.env.step(self._action(first + len(taken)))
            taken.append((obs.leaf_apply(np.copy), done))
        return taken

    def check_bad_actions(self) -> None:
        """Missing, unknown, misshapen, mistyped, NaN and out-of-limit actions are refused."""
        self._reset()
        for label, action in self._bad_actions():
            _refused(partial(self.env.step, action), label, (SpecError, EnvError))
        self.env.step(self._action(0))  # a refusal leaves the episode as it was

    def check_bad_presets(self) -> None:
        if self.env.preset_names is not None:
            unknown = AttrDict(no_such_preset=1)
            _refused(lambda: self.env.reset(unknown), "an unknown preset", (EnvError,))

    def check_render(self) -> None:
        self._reset()
        picture = self.env.render()
        good = isinstance(picture, np.ndarray) and picture.dtype == np.uint8
        good = good and picture.ndim == 3 and picture.shape[2] == 3
        _expect(good, f"render() gave {_describe(picture)}, expected (H, W, 3) uint8")

    def check_presets(self, presets: Mapping[str, Any]) -> None:
        self.env.seed(self.seed if self.env.num_envs == 1 else list(range(self.env.num_envs)))
        obs, _ = self.env.reset(presets)
        for name, value in AttrDict(presets).leaf_items():
            if name in obs:
                near = np.allclose(obs[name], np.broadcast_to(value, obs[name].shape), atol=1e-5)
                _expect(near, f"preset {name!r}={value} was not honoured: got {obs[name]}")

    def _episode(
        self, snapshots: list[AttrDict] | None = None, first: int = 0
    ) -> list[tuple[AttrDict, AttrDict, np.ndarray]]:
        """Run one episode of random steps, those of the counts from `first` on.

        `snapshots` takes copies of the observations as they come.
        """
        kept = [] if snapshots is None else snapshots
        obs, goal = self._reset(self.seed + first)
        history = [(obs, goal, np.zeros(self.env.num_envs, bool))]
        kept.append(obs.leaf_apply(np.copy))
        for count in range(first, self.steps):
            obs, goal, done = self.env.step(self._action(count))
            history.append((obs, goal, done))
            kept.append(obs.leaf_apply(np.copy))
            if done.all():
                break
        return history

    def _reset(self, seed: int | None = None) -> tuple[AttrDict, AttrDict]:
        first = self.seed if seed is None else seed
        self.env.seed([first + row for row in range(self.env.num_envs)])
        return self.env.reset()

    def _action(self, count: int) -> AttrDict:
        rows = self.env.num_envs
        memory = AttrDict(
            seed=np.arange(rows, dtype=np.int64) + self.seed, count=np.full(rows, count, np.int64)
        )
        return self.policy.get_action(None, AttrDict(), AttrDict(), memory)[0]

    def _emitted(self) -> list[str]:
        return list(observed_names(self.spec))

    def _check_batch(self, batch: AttrDict, names: list[str], what: str) -> None:
        missing = set(names) ^ set(batch.leaf_keys())
        _expect(not missing, f"{what}s differ from the spec in {sorted(missing)}")
        for name in names:
            value = batch[name]
            shape = (self.env.num_envs, *self.spec.shape(name))
            dtype = np.dtype(self.spec.dtype(name))
            good = isinstance(value, np.ndarray) and value.shape == shape and value.dtype == dtype
            _expect(good, f"{what} {name!r} is {_describe(value)}, expected {shape} {dtype}")
            self._check_limits(name, value, what)

    def _check_limits(self, name: str, value: np.ndarray, what: str) -> None:
        if value.dtype.kind not in "fiu":
            return
        low, high = self.spec.limits(name)
        if value.dtype.kind == "f":  # a limit may be rounded in the precision of the value
            slack = 1e-5 * np.maximum(1.0, np.abs(value))
            low, high = low - slack, high + slack
        bad = ~((value >= low) & (value <= high))
        if bad.any():
            index = tuple(int(i) for i in np.argwhere(bad)[0])
            limits = self.spec.limits(name)
            low, high = (np.broadcast_to(limit, value.shape[1:])[index[1:]] for limit in limits)
            raise EnvError(
                f"contract broken: {what} {name!r}{list(index)} = {value[index]}, outside the "
                f"spec's [{low}, {high}]"
            )

    def _check_done(self, obs: AttrDict, done: np.ndarray) -> None:
        good = isinstance(done, np.ndarray) and done.dtype == bool
        good = good and done.shape == (self.env.num_envs,)
        _expect(good, f"done is {_describe(done)}, expected ({self.env.num_envs},) bool")
        flags = [obs[name].reshape(-1) for name in _FLAGS if name in obs]
        if len(flags) == len(_FLAGS):
            either = flags[0] | flags[1]
            _expect(
                np.array_equal(either, done),
                f"done={done} but terminated={flags[0]} and truncated={flags[1]}",
            )
        success, score = self.env.is_success(), self.env.score()
        _expect(
            success.shape == done.shape and success.dtype == bool,
            f"is_success() is {_describe(success)}, expected {done.shape} bool",
        )
        _expect(score.shape == done.shape, f"score() is {_describe(score)}, expected {done.shape}")

    def _bad_actions(self) -> list[tuple[str, AttrDict]]:
        cases = [("an action that lacks every name", AttrDict())]
        for name in self.spec.action_names:
            good = self._action(0)
            value, (_, high) = good[name], self.spec.limits(name)
            if value.dtype.kind == "f":
                cases.append(
                    (f"NaN in {name!r}", good & AttrDict.from_kvs([name], [value * np.nan]))
                )
            bad_shape = np.concatenate([value, value])
            cases.append((f"a wrong batch in {name!r}", good & _one(name, bad_shape)))
            cases.append((f"a wrong dtype in {name!r}", good & _one(name, value.astype(str))))
            if np.isfinite(high).all() and value.dtype.kind != "b":
                beyond = np.broadcast_to(high + 1.0, value.shape).astype(np.float64)
                wider = np.float64 if value.dtype.kind == "f" else np.int64
                cases.append((f"{name!r} above its limit", good & _one(name, beyond.astype(wider))))
            cases.append((f"an unknown name beside {name!r}", good & _one("no_such_action", value)))
        return cases


def _actions(policy: Policy, env: Env, model: Any, steps: int) -> list[AttrDict]:
    rows, names = env.num_envs, list(env.env_spec.action_names)
    seeds = np.arange(rows, dtype=np.int64)
    env.seed(seeds.tolist())
    obs, goal = env.reset()
    memory = policy.initial_memory(model, rows, seeds=seeds)
    taken = []
    for _ in range(steps):
        for name, leaf in memory.leaf_items():
            _expect(
                np.shape(leaf)[:1] == (rows,),
                f"memory {name!r} has shape {np.shape(leaf)}, expected ({rows}, ...)",
            )
        action, memory = policy.get_action(model, obs, goal, memory)
        for name in names:
            _expect(name in action, f"the action lacks {name!r}; it has {list(action.leaf_keys())}")
        chosen = action > names
        obs, goal, done = env.step(chosen)
        taken.append(chosen)
        ended = np.asarray(policy.is_terminated(model, obs, goal, memory))
        _expect(
            ended.shape == (rows,) and ended.dtype == bool,
            f"is_terminated() gave {_describe(ended)}, expected ({rows},) bool",
        )
        if done.any():
            break
    return taken


def _one(name: str, value: Any) -> AttrDict:
    return AttrDict.from_kvs([name], [value])


def _expect(holds: bool, complaint: str) -> None:
    if not holds:
        raise EnvError(f"contract broken: {complaint}")


def _refused(call: Callable[[], Any], label: str, kinds: tuple[type[Exception], ...]) -> None:
    try:
        call()
    except kinds as error:
        _expect("\n" not in str(error), f"{label}: the message has more than one line")
        return
    except MuseError as error:
        raise EnvError(f"contract broken: {label} raised {type(error).__name__}") from error
    raise EnvError(f"contract broken: {label} was not refused")


def _equal(a: AttrDict, b: AttrDict) -> bool:
    same = set(a.leaf_keys()) == set(b.leaf_keys())
    return same and all(
        np.array_equal(v, b[k], equal_nan=v.dtype.kind == "f") for k, v in a.leaf_items()
    )


def _difference(a: AttrDict, b: AttrDict) -> str:
    for name, value in a.leaf_items():
        if name not in b or not np.array_equal(value, b[name]):
            return f"{name!r}={value} and then {b.get(name, 'nothing')}"
    return "another goal or end"


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array {value.shape} {value.dtype}"
    return f"a {type(value).__name__}"
