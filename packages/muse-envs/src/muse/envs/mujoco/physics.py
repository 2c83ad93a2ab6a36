"""The state of a MuJoCo simulation: whether it is sound, and how to save it."""

from __future__ import annotations

from typing import Any

import numpy as np

from muse.core.errors import EnvError


def is_sound(mujoco: Any, data: Any) -> bool:
    """Return whether positions and velocities are finite and no step has blown up.

    MuJoCo answers a blow-up by resetting the state to its start and counting a warning, so finite
    numbers alone do not tell.
    """
    warnings = mujoco.mjtWarning
    for kind in (warnings.mjWARN_BADQPOS, warnings.mjWARN_BADQVEL, warnings.mjWARN_BADQACC):
        if data.warning[kind].number:
            return False
    return bool(np.isfinite(data.qpos).all() and np.isfinite(data.qvel).all())


def read_state(mujoco: Any, model: Any, data: Any) -> np.ndarray:
    """Return all that the next step depends on, with the solver's warm start, (n,) float64."""
    kind = mujoco.mjtState.mjSTATE_INTEGRATION
    state = np.empty(mujoco.mj_stateSize(model, kind), np.float64)
    mujoco.mj_getState(model, data, state, kind)
    return state


def write_state(mujoco: Any, model: Any, data: Any, state: np.ndarray) -> None:
    """Go to what `read_state` returned; derived quantities wait for a forward pass.

    Raises:
        EnvError: when the state belongs to another model.
    """
    kind = mujoco.mjtState.mjSTATE_INTEGRATION
    size = mujoco.mj_stateSize(model, kind)
    if np.shape(state) != (size,):
        raise EnvError(
            f"a saved state has shape {np.shape(state)}, expected ({size},): is it of another task?"
        )
    mujoco.mj_setState(model, data, np.asarray(state, np.float64), kind)
