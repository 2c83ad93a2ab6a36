import numpy as np
import pytest

from muse.core import AttrDict, ParamEnvSpec, ParamError, Policy, UsageError
from muse.core.policy import next_count, row_generators


class NoisyPolicy(Policy):
    """Remembers the sum of its draws."""

    def initial_memory(self, model, batch_size, seeds=None):
        return super().initial_memory(model, batch_size, seeds) & AttrDict(
            total=np.zeros((batch_size, 2), np.float32)
        )

    def get_action(self, model, obs, goal, memory):
        draw = np.stack([g.normal(size=2) for g in row_generators(memory)]).astype(np.float32)
        memory = next_count(memory)
        memory.total = memory.total + draw
        return AttrDict(act=draw), memory


@pytest.fixture
def policy() -> NoisyPolicy:
    rows = [("act", (2,), (-9, 9), "float32")]
    spec = ParamEnvSpec(
        AttrDict(names_shapes_limits_dtypes=rows, observation_names=[], action_names=["act"])
    )
    return NoisyPolicy({}, spec)


def run(policy, memory, steps=3):
    actions = []
    for _ in range(steps):
        action, memory = policy.get_action(None, AttrDict(), AttrDict(), memory)
        actions.append(action.act)
    return np.stack(actions, 1), memory


def test_memory_has_count_and_seed(policy):
    memory = policy.initial_memory(None, 3, [5, -6, 7])
    assert memory.count.tolist() == [0, 0, 0] and memory.seed.tolist() == [5, -6, 7]
    assert memory.count.dtype == memory.seed.dtype == np.int64
    assert policy.initial_memory(None, 2).seed.tolist() == [0, 1]
    assert not policy.is_terminated(None, AttrDict(), AttrDict(), memory).any()


def test_draws_do_not_depend_on_batching(policy):
    together, _ = run(policy, policy.initial_memory(None, 3, [5, -6, 7]))
    for row, seed in enumerate([5, -6, 7]):
        alone, _ = run(policy, policy.initial_memory(None, 1, [seed]))
        assert np.array_equal(alone[0], together[row])
    assert len(np.unique(together)) == together.size


@pytest.mark.parametrize("seeds", [[0, 8, 0], [8]])
def test_reset_rows_starts_only_those_rows_anew(policy, seeds):
    _, memory = run(policy, policy.initial_memory(None, 3, [1, 2, 3]))
    before = memory.copy()
    again = policy.reset_rows(None, memory, np.array([False, True, False]), seeds)
    assert again.count.tolist() == [3, 0, 3] and again.seed.tolist() == [1, 8, 3]
    assert not again.total[1].any() and np.array_equal(again.total[::2], before.total[::2])
    assert memory == before
    assert policy.reset_rows(None, memory, np.zeros(3, bool), [0, 0, 0]) == memory


def test_reset_rows_handles_torch_leaves(policy):
    torch = pytest.importorskip("torch")
    memory = policy.initial_memory(None, 2)
    memory.total = torch.ones(2, 2)
    again = policy.reset_rows(None, memory, np.array([True, False]), [4, 5])
    assert again.total.tolist() == [[0, 0], [1, 1]] and again.seed.tolist() == [4, 1]


def test_misuse_is_told(policy):
    memory = policy.initial_memory(None, 3)
    with pytest.raises(UsageError, match=r"expected bool \(3,\)"):
        policy.reset_rows(None, memory, np.array([1, 0, 0]), [1, 2, 3])
    with pytest.raises(UsageError, match="got 2 seeds, expected 3, or 1"):
        policy.reset_rows(None, memory, np.array([True, False, False]), [1, 2])
    with pytest.raises(UsageError, match=r"expected \(3,\)"):
        policy.initial_memory(None, 3, [1, 2])
    with pytest.raises(UsageError, match="batch_size is 0"):
        policy.initial_memory(None, 0)
    with pytest.raises(ParamError, match="env_spec is a NoneType"):
        NoisyPolicy({}, None)
    with pytest.raises(ParamError, match="unknown parameter 'speed'"):
        NoisyPolicy({"speed": 1}, policy.env_spec)
