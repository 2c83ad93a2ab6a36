"""What the experts of the Adroit hand that plan share: a simulation that follows, and a planner."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.params import Param
from muse.core.policy import Policy, next_count, row_generators
from muse.envs.mujoco.loading import load_mujoco
from muse.envs.robohive.simhive import SIMHIVE
from muse.policies.adroit_hand import adroit_model, observation_name
from muse.policies.adroit_thing import AdroitThing
from muse.policies.sampling_planner import SamplingPlanner, Search

#: Physics steps of a control step: of the environments, and of plans.
EXACT, COARSE = 5, 2


class AdroitPlanningExpert(Policy):
    """Model-predictive control of the hand, by sampling in a simulation of its own.

    Lowrey et al. 2019, "Plan online, learn offline: efficient learning and exploration via
    model-based control", control this hand so. A row's simulation begins at rest where the first
    observation says, makes the row's actions along with the environment, and takes over what is
    observed; the velocities of the hand, which are not, are its own.

    A subclass names its task, what it reads (`_place`, `_follow`) and what costs (`_cost`).
    """

    declared_params: ClassVar[tuple[Param, ...]] = (SIMHIVE,)
    task: ClassVar[str]
    search: ClassVar[Search]
    #: Steps between two plans.
    every: ClassVar[int]
    #: Standard deviation of a knot, in units of the action.
    noise: ClassVar[float]
    #: Sites that the cost looks at, beside the thing in the hand.
    sites: ClassVar[tuple[str, ...]]

    def _set_up(self) -> None:
        owner = type(self).__name__
        self._mujoco = load_mujoco(owner, "kitchen")
        self._name = observation_name(self.env_spec)
        model = adroit_model(owner, self.task, self.env_spec, self.params.simhive)
        self._model, self._coarse = model, _coarse_copy(model)
        self._data = self._mujoco.MjData(model)
        self._thing = AdroitThing(model, self._data)
        self._site_ids = [model.site(name).id for name in self.sites]
        # gymnasium-robotics looks at things before the last physics step has moved them.
        self._lag = model.opt.timestep if self._name == "state" else 0.0
        limits = model.actuator_ctrlrange
        self._middle, self._half_range = limits.mean(axis=1), np.ptp(limits, axis=1) / 2
        self._planner = SamplingPlanner(
            self._coarse, self._costs, self.noise * self._half_range, self.search
        )

    @abstractmethod
    def _place(self, row: np.ndarray) -> None:
        """Place what an episode draws in the model, as a row of observations says."""

    @abstractmethod
    def _follow(self, row: np.ndarray, lag: float) -> None:
        """Put the joints and velocities that a row of observations tells into the simulation.

        Args:
            row: of the observations.
            lag: how much older than the joints the places of things are in it, s.
        """

    @abstractmethod
    def _cost(self, thing: np.ndarray, *sites: np.ndarray) -> np.ndarray:
        """Return the costs (N, H) of moments.

        Args:
            thing: (N, H, 3) where the thing in the hand is, m.
            sites: (N, H, 3) each, where `sites` are, m.
        """

    def initial_memory(
        self, model: Any, batch_size: int, seeds: Sequence[int] | np.ndarray | None = None
    ) -> AttrDict:
        """Return the memory of B rows: `physics` (B, S), `plan` (B, K, U), `control` (B, U)."""
        memory = super().initial_memory(model, batch_size, seeds)
        size = self._mujoco.mj_stateSize(self._model, self._state_kind)
        memory["physics"] = np.zeros((batch_size, size))
        memory["plan"] = np.tile(self._middle, (batch_size, self.search.knots, 1))
        memory["control"] = np.tile(self._middle, (batch_size, 1))
        return memory

    def get_action(
        self, model: Any, obs: AttrDict, goal: AttrDict, memory: AttrDict
    ) -> tuple[AttrDict, AttrDict]:
        """Return (action, memory) with `action` (B, U), targets of the joints over their ranges."""
        after = next_count(memory).leaf_apply(np.copy)
        rows = np.asarray(obs[self._name], np.float64)
        for b, (row, rng) in enumerate(zip(rows, row_generators(memory), strict=True)):
            after.physics[b] = self._physics(row, memory, b)
            age = int(memory.count[b]) % self.every
            if age == 0:
                nominal = self._planner.later(memory.plan[b], self.every)
                after.plan[b] = self._planner.plan(after.physics[b], nominal[None], rng)
            after.control[b] = self._planner.controls(after.plan[b], np.array([age]))[0]
        action = ((after.control - self._middle) / self._half_range).astype(np.float32)
        return AttrDict(action=np.clip(action, -1.0, 1.0)), after

    @property
    def _state_kind(self) -> Any:
        return self._mujoco.mjtState.mjSTATE_FULLPHYSICS

    def _physics(self, row: np.ndarray, memory: AttrDict, b: int) -> np.ndarray:
        """Return the state (S,) of a row's simulation now; the models are placed for the row."""
        mujoco, model, data = self._mujoco, self._model, self._data
        mujoco.mj_resetData(model, data)
        self._place(row)
        for name in ("body_pos", "body_quat"):
            getattr(self._coarse, name)[:] = getattr(model, name)
        begun = bool(memory.count[b])
        if begun:
            mujoco.mj_setState(model, data, memory.physics[b], self._state_kind)
            data.ctrl[:] = memory.control[b]
            mujoco.mj_step(model, data, nstep=EXACT)
        self._follow(row, self._lag if begun else 0.0)
        state = np.empty(memory.physics.shape[1])
        mujoco.mj_getState(model, data, state, self._state_kind)
        return state

    def _costs(self, states: np.ndarray, sensors: np.ndarray, controls: np.ndarray) -> np.ndarray:
        """Return the costs (N,) of rollouts, the mean over their moments."""
        joints = states[..., 1 : 1 + self._model.nq]
        places = np.empty((*joints.shape[:2], 1 + len(self.sites), 3))
        for at in np.ndindex(joints.shape[:2]):
            self._data.qpos[:] = joints[at]
            self._mujoco.mj_kinematics(self._model, self._data)
            places[at][0] = self._data.xpos[self._thing.body]
            places[at][1:] = self._data.site_xpos[self._site_ids]
        mean: np.ndarray = self._cost(*np.moveaxis(places, 2, 0)).mean(axis=1)
        return mean


def _coarse_copy(model: Any) -> Any:
    """Return a model for plans: as good for them, at a third of the price."""
    coarse = copy.copy(model)
    coarse.opt.timestep *= EXACT / COARSE
    coarse.opt.noslip_iterations = 0
    return coarse
