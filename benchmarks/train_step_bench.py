"""One training step of BC-RNN-GMM: ours, the same modules in a bare loop, and robomimic 0.3's.

Sizes of robomimic's low-dimensional Square task: LSTM 400x2, a mixture of 5 Gaussians, horizon
10, batch 100. The three take turns, round after round, so that a change in the machine's load
falls on all of them; a ratio is the median over the rounds of a round's two times.
"""

from __future__ import annotations

import contextlib
import io
import json
import statistics
import sys
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from muse.core.attrdict import AttrDict
from muse.core.params import instantiate
from muse.core.spec import ParamEnvSpec

OBS = {"robot0_eef_pos": 3, "robot0_eef_quat": 4, "robot0_gripper_qpos": 2, "object": 14}
ACTION_DIM, BATCH, HORIZON, HIDDEN, MODES, RATE = 7, 100, 10, 400, 5, 1e-4
ROUNDS, STEPS, WARMUP = 30, 6, 10

Step = Callable[[], Any]


def main(json_path: str | None = None) -> list[dict[str, Any]]:
    """Time the three steps and print them beside the bars they have to meet."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model, inputs = make_ours(device)
    steps: dict[str, Step] = {
        "muse": our_step(model, inputs),
        "bare PyTorch loop": bare_step(make_ours(device)[0], inputs),
    }
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            steps["robomimic 0.3"] = robomimic_step(inputs, device)
    except ImportError as error:
        print(f"robomimic 0.3 left out: {error} (pip install --no-deps robomimic==0.3.0)")
    times = measure(steps, device)
    rows = report(times, device)
    if json_path:
        Path(json_path).write_text(json.dumps(rows, indent=2))
    return rows


def measure(steps: dict[str, Step], device: torch.device) -> dict[str, list[float]]:
    """Return seconds a step for every round, the contestants taking turns."""
    for step in steps.values():
        for _ in range(WARMUP):
            step()
    times: dict[str, list[float]] = {name: [] for name in steps}
    order = list(steps)
    for i in range(ROUNDS):
        for name in order[i % len(order) :] + order[: i % len(order)]:
            synchronize(device)
            start = time.perf_counter()
            for _ in range(STEPS):
                steps[name]()
            synchronize(device)
            times[name].append((time.perf_counter() - start) / STEPS)
    return times


def report(times: dict[str, list[float]], device: torch.device) -> list[dict[str, Any]]:
    """Print the table and return its rows."""
    bars = {"bare PyTorch loop": ("<=", 1.05), "robomimic 0.3": ("<", 1.0)}
    rows = []
    for name, seconds in times.items():
        row: dict[str, Any] = {
            "measure": name,
            "device": device.type,
            "ms": statistics.median(seconds) * 1e3,
        }
        if name in bars:
            pairs = zip(times["muse"], seconds, strict=True)
            row["ratio"] = statistics.median(ours / theirs for ours, theirs in pairs)
            relation, bar = bars[name]
            row["bar"] = f"ours / it {relation} {bar}"
            row["met"] = row["ratio"] <= bar if relation == "<=" else row["ratio"] < bar
        rows.append(row)
        shown = f"{row['ratio']:.3f}  ({row['bar']})" if "ratio" in row else ""
        print(f"{name:20} {row['ms']:8.2f} ms   {shown}")
    return rows


def synchronize(device: torch.device) -> None:
    """Wait for the device."""
    if device.type == "cuda":
        torch.cuda.synchronize()


# -- ours ----------------------------------------------------------------------------------------


class Statistics:
    """Stands for the training data: mean 0, deviation 1, range [-1, 1]."""

    def __init__(self, spec: ParamEnvSpec) -> None:
        self.spec = spec

    def get_statistics(self, names: list[str]) -> AttrDict:
        """Return the statistics of names."""
        result = AttrDict()
        for name in names:
            zeros = np.zeros(self.spec.shape(name))
            result[name] = AttrDict(mean=zeros, std=zeros + 1, min=zeros - 1, max=zeros + 1)
        return result


def make_ours(device: torch.device) -> tuple[Any, AttrDict]:
    """Return the model of the shipped config, and a batch."""
    from muse.cfgs.model.bc_rnn_gmm import export

    rows = [(n, (size,), (-np.inf, np.inf), np.float32) for n, size in OBS.items()]
    rows.append(("action", (ACTION_DIM,), (-1, 1), np.float32))
    spec = ParamEnvSpec(
        AttrDict(
            names_shapes_limits_dtypes=rows, observation_names=list(OBS), action_names=["action"]
        )
    )
    group = export & AttrDict(
        device=device.type,
        action_decoder=AttrDict(hidden_size=HIDDEN, policy_num_mix=MODES),
    )
    torch.manual_seed(0)
    model = instantiate(group, spec, Statistics(spec))
    model.load_statistics()
    inputs = AttrDict({n: torch.randn(BATCH, HORIZON, s, device=device) for n, s in OBS.items()})
    inputs["action"] = torch.rand(BATCH, HORIZON, ACTION_DIM, device=device) * 2 - 1
    return model, inputs


def our_step(model: Any, inputs: AttrDict) -> Step:
    """A step as a trainer does it."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    outputs = AttrDict()

    def step() -> None:
        loss = model.loss(inputs, outputs).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def bare_step(model: Any, inputs: AttrDict) -> Step:
    """The same modules and arithmetic with nothing around them."""
    decoder = model["action_decoder/decoder"]
    rnn, linear, head = decoder.rnn, decoder.net, model.head
    optimizer = torch.optim.Adam([*rnn.parameters(), *linear.parameters()], lr=RATE)
    plain = dict(inputs.leaf_items())
    names = list(OBS)
    kept = {n: model.normalizer[n] for n in (*names, "action")}

    def step() -> None:
        parts = [(plain[n] - kept[n].shift) / kept[n].scale for n in names]
        out, _ = rnn(torch.cat(parts, -1))
        target = (plain["action"] - kept["action"].shift) / kept["action"].scale
        loss = -head.log_prob(head(linear(out)), target).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


# -- the peer ------------------------------------------------------------------------------------


@contextlib.contextmanager
def torchvision_stub() -> Iterator[None]:
    """Let robomimic import without torchvision, of which low-dimensional BC uses nothing."""
    names = ("torchvision", "torchvision.transforms", "torchvision.transforms.functional")
    names += ("torchvision.models", "torchvision.utils")
    added = [name for name in names if name not in sys.modules]
    try:
        import torchvision  # noqa: F401

        added = []
    except ImportError:
        for name in added:
            sys.modules[name] = types.ModuleType(name)
        transforms = sys.modules["torchvision.transforms"]
        for name in ("Lambda", "Compose"):
            setattr(transforms, name, object)
        sys.modules["torchvision"].transforms = transforms  # type: ignore[attr-defined]
        functional = sys.modules["torchvision.transforms.functional"]
        transforms.functional = functional  # type: ignore[attr-defined]
        models = sys.modules["torchvision.models"]
        sys.modules["torchvision"].models = models  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for name in added:
            sys.modules.pop(name, None)


def robomimic_step(inputs: AttrDict, device: torch.device) -> Step:
    """Its own `train_on_batch` on the same batch, already processed for it."""
    with torchvision_stub():
        import robomimic.utils.obs_utils as obs_utils
        from robomimic.algo import algo_factory
        from robomimic.config import config_factory
    config = config_factory("bc")
    with config.values_unlocked():
        config.observation.modalities.obs.low_dim = list(OBS)
        config.train.seq_length = HORIZON
        config.algo.actor_layer_dims = ()
        config.algo.optim_params.policy.learning_rate.initial = RATE
        config.algo.gmm.enabled = True
        config.algo.gmm.num_modes = MODES
        config.algo.rnn.enabled = True
        config.algo.rnn.horizon = HORIZON
        config.algo.rnn.hidden_dim = HIDDEN
        config.algo.rnn.rnn_type = "LSTM"
        config.algo.rnn.num_layers = 2
    obs_utils.initialize_obs_utils_with_config(config)
    shapes = {name: [size] for name, size in OBS.items()}
    algo = algo_factory("bc", config, obs_key_shapes=shapes, ac_dim=ACTION_DIM, device=device)
    algo.set_train()
    batch = {"obs": {n: inputs[n] for n in OBS}, "goal_obs": None, "actions": inputs["action"]}

    def step() -> None:
        algo.train_on_batch(batch, epoch=0, validate=False)

    return step


if __name__ == "__main__":
    main(*sys.argv[1:])
