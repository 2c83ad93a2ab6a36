"""Sampling-based predictive control in a MuJoCo simulation of one's own."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from muse.core.errors import UsageError
from muse.envs.mujoco.loading import load_mujoco

#: `(states (N, H, S), sensors (N, H, M), controls (N, H, U)) -> costs (N,)`, see `SamplingPlanner`.
Cost = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Search:
    """How far and how widely a `SamplingPlanner` looks.

    Args:
        horizon: H, control steps of a rollout.
        knots: K, of the spline of controls over the horizon, at least 2.
        samples: N, rollouts of a round, the nominals among them.
        rounds: each begins from the best of the one before.
        temperature: of the mean over the samples, in units of what the mean sample costs above the
            best; 0 takes the best sample alone.
        substeps: physics steps of a control step.
    """

    horizon: int = 15
    knots: int = 4
    samples: int = 30
    rounds: int = 1
    temperature: float = 0.1
    substeps: int = 5

    def __post_init__(self) -> None:
        if min(self.horizon, self.samples, self.rounds, self.substeps) < 1 or self.knots < 2:
            raise UsageError(f"{self}: expected knots of at least 2 and every other count positive")


class SamplingPlanner:
    """Looks for the controls that a cost likes best, among noisy splines around nominal ones.

    A plan is K knots of the controls, evenly spaced over H control steps, with straight lines
    between. With a temperature of 0 this is predictive sampling (Howell et al. 2022, "Predictive
    sampling: real-time behaviour synthesis with MuJoCo"), else the path-integral mean
    `sum_n w_n u_n`, `w_n = exp(-(c_n - min c) / (temperature (mean c - min c)))` (Williams et al.
    2016, "Aggressive driving with model predictive path integral control").

    A plan depends on the arguments of `plan` alone, and on the model as it is then (place things in
    it before): never on earlier plans, so rows may share a planner.

    Args:
        model: a `mujoco.MjModel`; give it sensors for what the cost needs.
        cost: of N rollouts, (N,), from `states` (N, H, S), those of `mjSTATE_FULLPHYSICS` (time,
            positions, velocities, ...), `sensors` (N, H, M) and `controls` (N, H, U). As in
            `mj_step`, sensors are those of one physics step before the state.
        noise: (U,) standard deviation of a knot, in units of the controls.
        search: how far and how widely to look.
    """

    def __init__(self, model: Any, cost: Cost, noise: np.ndarray, search: Search) -> None:
        self._mujoco = load_mujoco("SamplingPlanner", "kitchen")
        self._rollout: Any = importlib.import_module("mujoco.rollout").rollout
        self._model, self._data = model, self._mujoco.MjData(model)
        self._cost, self._search = cost, search
        self._noise = np.broadcast_to(np.asarray(noise, np.float64), (model.nu,))
        limited = model.actuator_ctrllimited.astype(bool)
        self._low = np.where(limited, model.actuator_ctrlrange[:, 0], -np.inf)
        self._high = np.where(limited, model.actuator_ctrlrange[:, 1], np.inf)

    @property
    def search(self) -> Search:
        """How far and how widely it looks."""
        return self._search

    def plan(self, state: np.ndarray, nominals: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the knots (K, U) of the best controls found.

        Args:
            state: (S,) of `mjSTATE_FULLPHYSICS` where the plan begins.
            nominals: (C, K, U) plans to look around, each rolled out without noise as well.
            rng: draws the noise.
        """
        for _ in range(self._search.rounds):
            knots = self._sample(nominals, rng)
            costs = self._costs(state, knots)
            nominals = self._mean(knots, costs)[None]
        best: np.ndarray = nominals[0]
        return best

    def controls(self, knots: np.ndarray, steps: np.ndarray | None = None) -> np.ndarray:
        """Return the controls (..., T, U) of a plan (..., K, U).

        Args:
            knots: the plan.
            steps: (T,) control steps from its beginning, H of them if None; the last knot holds on.
        """
        search = self._search
        if steps is None:
            steps = np.arange(search.horizon)
        at = np.clip(np.asarray(steps) / search.horizon, 0.0, 1.0) * (search.knots - 1)
        before = np.minimum(at.astype(int), search.knots - 2)
        share = (at - before)[:, None]
        mixed: np.ndarray = (1 - share) * knots[..., before, :] + share * knots[..., before + 1, :]
        return mixed

    def later(self, knots: np.ndarray, steps: int) -> np.ndarray:
        """Return a plan (..., K, U) as it goes on after `steps`: the next nominal."""
        search = self._search
        return self.controls(knots, steps + np.linspace(0.0, search.horizon, search.knots))

    def _sample(self, nominals: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return plans (N, K, U): the nominals as they are, then noisy copies in turn."""
        count = max(self._search.samples, len(nominals))
        knots = np.asarray(nominals, np.float64)[np.arange(count) % len(nominals)]
        knots[len(nominals) :] += self._noise * rng.normal(size=knots[len(nominals) :].shape)
        return np.clip(knots, self._low, self._high)

    def _costs(self, state: np.ndarray, knots: np.ndarray) -> np.ndarray:
        """Return the costs (N,) of plans (N, K, U); what blows up costs infinitely much."""
        substeps = self._search.substeps
        controls = self.controls(knots)
        states, sensors = self._rollout(
            self._model, self._data, state[None], np.repeat(controls, substeps, axis=1)
        )
        ends = slice(substeps - 1, None, substeps)
        costs = self._cost(states[:, ends], sensors[:, ends], controls)
        # MuJoCo answers a blow-up by going back to time 0, and the rollout ends there.
        sound = states[:, -1, 0] > state[0] + 0.5 * controls.shape[1] * self._model.opt.timestep
        return np.where(sound & np.isfinite(costs), costs, np.inf)

    def _mean(self, knots: np.ndarray, costs: np.ndarray) -> np.ndarray:
        """Return the plan (K, U) that the costs (N,) of plans (N, K, U) speak for."""
        best = int(np.argmin(costs))
        excess = costs - costs[best]
        scale = self._search.temperature * np.mean(excess[np.isfinite(excess)])
        if not scale > 0.0:
            return knots[best]
        weights = np.exp(-excess / scale)
        mean: np.ndarray = np.tensordot(weights / weights.sum(), knots, axes=1)
        return mean
