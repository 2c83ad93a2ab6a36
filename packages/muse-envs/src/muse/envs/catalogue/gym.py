"""Environments of gymnasium itself; `GymEnv` takes every other id as well."""

from __future__ import annotations

from typing import Any

from muse.envs.catalogue.entry import Entry


def _entry(name: str, env_type: str, summary: str, expert: str, **more: Any) -> Entry:
    params = {"env_type": env_type, **more.pop("params", {})}
    return Entry(
        name,
        "muse.envs.simple.gym.GymEnv",
        summary,
        extra="gym",
        params=params,
        image_params={"pixels": True},
        expert=f"muse.policies.{expert}",
        **more,
    )


ENTRIES = (
    _entry(
        "cart-pole",
        "CartPole-v1",
        "keep a pole upright on a cart",
        "cart_pole_expert.CartPoleExpert",
        params={"action_labels": ["push the cart left", "push the cart right"]},
    ),
    _entry(
        "pendulum",
        "Pendulum-v1",
        "swing a pendulum up and hold it there",
        "pendulum_expert.PendulumExpert",
        # gymnasium names no return that counts; this one needs the pendulum up and still.
        params={"success_return": -450.0, "action_labels": ["torque"]},
    ),
    _entry(
        "mountain-car",
        "MountainCar-v0",
        "drive a weak car out of a valley",
        "mountain_car_expert.MountainCarExpert",
        # gymnasium's -110 asks for the shortest way; this one for the flag in time.
        params={
            "success_return": -160.0,
            "action_labels": ["drive left", "let it roll", "drive right"],
        },
    ),
    _entry(
        "mountain-car-continuous",
        "MountainCarContinuous-v0",
        "drive a weak car out of a valley with little force",
        "mountain_car_expert.MountainCarExpert",
        params={"action_labels": ["force"]},
        expert_params={"force": 0.7},
    ),
)
