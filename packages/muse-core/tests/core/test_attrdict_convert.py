import subprocess
import sys

import pytest

from muse.core import AttrDict, UsageError, from_tensordict, register_pytree, to_tensordict


def test_pytree():
    torch = pytest.importorskip("torch")
    from torch.utils import _pytree as pytree

    register_pytree()
    register_pytree()
    tree = AttrDict(x=torch.ones(2), g=AttrDict(y=torch.zeros(1)), e=AttrDict())
    mapped = pytree.tree_map(lambda t: t + 1, tree)
    assert mapped == tree.leaf_apply(lambda t: t + 1) and type(mapped.g) is AttrDict
    with_paths, _ = pytree.tree_flatten_with_path(tree)
    assert [pytree.keystr(path) for path, _ in with_paths] == ["['x']", "['g']['y']"]
    frozen = pytree.tree_map(lambda t: t, tree.copy().freeze())
    assert frozen.is_frozen and frozen == tree


@pytest.mark.parametrize(
    "first", ["attrdict", "attrdict_frozen", "attrdict_convert", "attrdict_pytree"]
)
def test_torch_first_registers_on_import(first):
    pytest.importorskip("torch")
    code = (
        "import torch, importlib; from torch.utils import _pytree as p; "
        f"importlib.import_module('muse.core.{first}'); from muse.core import AttrDict; "
        "assert p.tree_leaves(AttrDict(g=AttrDict(x=1), y=2)) == [1, 2]; "
        "assert p.tree_leaves(AttrDict(g=AttrDict(x=1)).freeze()) == [1]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_tensordict():
    torch = pytest.importorskip("torch")
    pytest.importorskip("tensordict")
    tree = AttrDict(x=torch.ones(2, 3), g=AttrDict(y=torch.zeros(2)))
    td = to_tensordict(tree, [2])
    assert tuple(td.batch_size) == (2,) and torch.equal(td["g", "y"], tree.g.y)
    assert from_tensordict(td) == tree
    with pytest.raises(UsageError, match="got a dict"):
        from_tensordict({})
