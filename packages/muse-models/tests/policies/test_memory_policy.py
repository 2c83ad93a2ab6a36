from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from muse.core.attrdict import AttrDict
from muse.grouped_models import GroupedModel
from muse.models import Model
from muse.models.bc import BaseGCBC
from muse.policies.basic_policy import BasicPolicy, forward_model
from muse.policies.memory_policy import MemoryPolicy, get_timeout_terminate_fn
from muse.policies.policy import Policy


def build(tools, dist=True, **policy):
    spec = tools.make_spec(action_names=["target"])
    model = BaseGCBC(
        AttrDict(
            normalize_inputs=True,
            action_normalization="minmax",
            action_decoder=AttrDict(
                cls="muse.models.bc.rnn_action_decoder.RNNActionDecoder",
                hidden_size=16,
                rnn_type="lstm",
                use_policy_dist=dist,
                policy_num_mix=4,
                use_tanh_out=True,
            ),
        ),
        spec,
        tools.FakeDataset(spec),
    )
    model.load_statistics()
    return MemoryPolicy(AttrDict(policy), spec), model, spec


def observations(spec, rows, steps=6, seed=0):
    rng = np.random.default_rng(seed)
    return [
        AttrDict(
            pos=rng.random((rows, 2), dtype=np.float32),
            pose=rng.random((rows, 2, 3)),
            grip=rng.random(rows, dtype=np.float32),
        )
        for _ in range(steps)
    ]


def act(policy, model, steps, rows, seeds):
    memory = policy.initial_memory(model, len(seeds), seeds)
    actions = []
    for obs in steps:
        action, memory = policy.get_action(
            model, obs.leaf_apply(lambda v: v[rows]), AttrDict(), memory
        )
        actions.append(action.target)
    return np.stack(actions, 1), memory


@pytest.mark.parametrize("mode", ["mean", "mode", "sample"])
def test_rows_do_not_depend_on_the_batch(tools, mode):
    policy, model, spec = build(tools, action_mode=mode, flush_horizon=4)
    steps = observations(spec, 8)
    together, memory = act(policy, model, steps, slice(0, 8), range(10, 18))
    assert together.shape == (8, 6, 2) and together.dtype == np.float32
    assert (memory.count == 6).all() and memory.seed.tolist() == list(range(10, 18))
    for row in range(8):
        alone, _ = act(policy, model, steps, slice(row, row + 1), [10 + row])
        np.testing.assert_allclose(alone[0], together[row], rtol=1e-4, atol=1e-3)


def test_draws_differ_by_seed_and_step_and_repeat(tools):
    policy, model, spec = build(tools, action_mode="sample")
    steps = [observations(spec, 1, 1)[0].leaf_apply(lambda v: np.repeat(v, 2, 0))] * 3
    first, _ = act(policy, model, steps, slice(0, 2), [1, 2])
    again, _ = act(policy, model, steps, slice(0, 2), [1, 2])
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first[0], first[1])
    state = torch.get_rng_state()
    act(policy, model, steps, slice(0, 2), [1, 2])
    assert torch.equal(state, torch.get_rng_state())


def test_unnormalised_once_and_clipped(tools):
    policy, model, spec = build(tools, dist=False)
    steps = observations(spec, 2, 1)
    action, _ = act(policy, model, steps, slice(0, 2), [0, 1])
    inputs = steps[0].leaf_apply(lambda v: torch.from_numpy(v).float()[:, None])
    with torch.no_grad():
        raw = model(inputs).target
    np.testing.assert_allclose(action[:, 0], (raw[:, 0].numpy() + 1) * 256, rtol=1e-5)
    with torch.no_grad():
        model["action_decoder"].head.use_tanh = False
        model["action_decoder/decoder"].net[-1].bias.fill_(100.0)
    high, _ = act(policy, model, steps, slice(0, 2), [0, 1])
    assert (high == 512).all()


def test_memory_is_explicit(tools):
    policy, model, spec = build(tools)
    obs = observations(spec, 2, 1)[0]
    memory = policy.initial_memory(model, 2)
    before = memory.leaf_apply(lambda v: v.clone() if isinstance(v, torch.Tensor) else v.copy())
    first, after = policy.get_action(model, obs, AttrDict(), memory)
    second, _ = policy.get_action(model, obs, AttrDict(), memory)
    np.testing.assert_array_equal(first.target, second.target)
    assert all(np.array_equal(v, before[k]) for k, v in memory.leaf_items())
    third, _ = policy.get_action(model, obs, AttrDict(), after)
    assert not np.allclose(first.target, third.target)


def test_flush_starts_the_models_memory_anew(tools):
    spec_steps = None
    results = {}
    for horizon in (0, 3):
        torch.manual_seed(0)
        policy, model, spec = build(tools, flush_horizon=horizon)
        spec_steps = spec_steps or [observations(spec, 2, 1)[0]] * 6
        results[horizon], _ = act(policy, model, spec_steps, slice(0, 2), [0, 1])
    flushed = results[3]
    np.testing.assert_allclose(flushed[:, :3], flushed[:, 3:], rtol=1e-5)
    np.testing.assert_allclose(flushed[:, :3], results[0][:, :3], rtol=1e-5)
    assert not np.allclose(flushed[:, 3], results[0][:, 3])


def test_reset_rows(tools):
    policy, model, spec = build(tools)
    steps = observations(spec, 3, 4)
    _, memory = act(policy, model, steps, slice(0, 3), [0, 1, 2])
    rows = np.array([False, True, False])
    memory = policy.reset_rows(model, memory, rows, [0, 9, 2])
    assert memory.count.tolist() == [4, 0, 4] and memory.seed.tolist() == [0, 9, 2]
    for leaf in memory.model.leaf_values():
        assert (leaf[1] == 0).all() and (leaf[0] != 0).any()


def test_training_mode_is_left_as_it_was(tools):
    policy, model, spec = build(tools)
    model.train()
    act(policy, model, observations(spec, 1, 1), slice(0, 1), [0])
    assert model.training and all(m.training for m in model.modules())


def test_termination(tools):
    policy, model, spec = build(tools, timeout=2)
    memory = policy.initial_memory(model, 2)
    assert not policy.is_terminated(model, AttrDict(), AttrDict(), memory).any()
    memory["count"] = np.array([1, 2])
    assert policy.is_terminated(model, AttrDict(), AttrDict(), memory).tolist() == [False, True]
    by_fn = MemoryPolicy(AttrDict(is_terminated_fn=get_timeout_terminate_fn(1)), spec)
    assert by_fn.is_terminated(model, AttrDict(), AttrDict(), memory).all()


def test_groups_forward_fn(tools):
    fn = GroupedModel.get_default_mem_policy_forward_fn(flush_horizon=2)
    policy, model, spec = build(tools, policy_model_forward_fn=fn)
    steps = [observations(spec, 1, 1)[0]] * 4
    actions, _ = act(policy, model, steps, slice(0, 1), [0])
    np.testing.assert_allclose(actions[:, :2], actions[:, 2:], rtol=1e-5)


def test_basic_policy(tools):
    _, model, spec = build(tools, dist=False)
    dummy = BasicPolicy(AttrDict(timeout=2), spec)
    assert isinstance(dummy, Policy)
    memory = dummy.initial_memory(None, 3)
    for done in (False, False, True):
        assert dummy.is_terminated(None, AttrDict(), AttrDict(), memory).tolist() == [done] * 3
        goal, memory = dummy.get_action(
            Model(AttrDict(ignore_inputs=True)), AttrDict(x=np.zeros((3, 1))), AttrDict(), memory
        )
        assert len(goal) == 0
    acting = BasicPolicy(
        AttrDict(policy_model_forward_fn=forward_model, out_names=["target"]), spec
    )
    action, _ = acting.get_action(
        model, observations(spec, 2, 1)[0], AttrDict(), acting.initial_memory(model, 2)
    )
    assert action.target.shape == (2, 2) and action.target.dtype == np.float32


def test_memory_as_json_has_no_hidden_parts(tools):
    policy, model, _ = build(tools)
    memory = policy.initial_memory(model, 2, [4, 5])
    assert json.dumps({k: v.tolist() for k, v in memory.leaf_items()})


def test_integers_are_rounded():
    from muse.core.spec import ParamEnvSpec
    from muse.policies.model_io import named_arrays

    spec = ParamEnvSpec(
        AttrDict(
            names_shapes_limits_dtypes=[("x", (), (0, 1), "float32"), ("k", (2,), (0, 3), "int64")],
            observation_names=["x"],
            action_names=["k"],
        )
    )
    out = AttrDict(k=torch.tensor([[[1.9, -0.6]], [[7.0, 0.4]]]))
    got = named_arrays(out, ["k"], spec).k
    assert got.dtype == np.int64 and got.tolist() == [[2, 0], [3, 0]]
