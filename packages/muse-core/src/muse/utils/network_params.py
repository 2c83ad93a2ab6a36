"""Networks of several layers, declared without torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Union

from muse.core.errors import ParamError
from muse.utils.layer_params import LayerParams, Memo, models_function
from muse.utils.param_json import decode, encode

Declared = Union[LayerParams, "SequentialParams", "BranchedModuleParams"]


class SequentialParams:
    """Layers one after the other; immutable.

    Args:
        params: `LayerParams`, `SequentialParams` or `BranchedModuleParams`.
    """

    __slots__ = ("_params",)

    def __init__(self, params: Iterable[Declared]) -> None:
        self._params = tuple(check_declared(p, type(self).__name__) for p in params)

    @property
    def params(self) -> tuple[Declared, ...]:
        return self._params

    @property
    def length(self) -> int:
        return len(self._params)

    def to_module_list(self, as_sequential: bool = True) -> Any:
        """Build an `nn.Sequential`, or with `as_sequential=False` a list of modules."""
        return self.build([], as_sequential)

    def build(self, memo: Memo, as_sequential: bool = True) -> Any:
        """`to_module_list` as part of a network whose modules so far are in `memo`."""
        modules = [p.build(memo) for p in self._params]
        if not as_sequential:
            return modules
        return models_function("torch.nn.Sequential")(*modules)

    def to_config(self) -> dict[str, Any]:
        """Return JSON-able data."""
        return {"params": encode(self._params)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> SequentialParams:
        """The inverse of `to_config`."""
        return cls(decode(config["params"]))

    def __len__(self) -> int:
        return len(self._params)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SequentialParams):
            return NotImplemented
        return self._params == other._params

    def __hash__(self) -> int:
        return hash(self._params)

    def __repr__(self) -> str:
        return f"SequentialParams({list(self._params)!r})"


class BranchedModuleParams:
    """Branches side by side; immutable.

    Each branch sees its chunk of the input, or the whole input where it is not split; the outputs
    are concatenated, or come as an AttrDict name → output.

    Args:
        params: name → declaration, in order.
        cat_dim: dimension along which outputs are concatenated; None: not.
        split_dim: dimension along which the input is split; None: not.
        split_sizes: the size of each branch's chunk; None: equal chunks.
    """

    __slots__ = ("_params", "cat_dim", "split_dim", "split_sizes")

    def __init__(
        self,
        params: Mapping[str, Declared],
        cat_dim: int | None = None,
        split_dim: int | None = None,
        split_sizes: Iterable[int] | None = None,
    ) -> None:
        self._params = {k: check_declared(p, type(self).__name__) for k, p in params.items()}
        self.cat_dim = cat_dim
        self.split_dim = split_dim
        self.split_sizes = None if split_sizes is None else tuple(split_sizes)
        if not self._params:
            raise ParamError("BranchedModuleParams: got no branches, expected at least one")
        if self.split_sizes is not None and split_dim is None:
            raise ParamError("BranchedModuleParams: split_sizes need a split_dim")
        if self.split_sizes is not None and len(self.split_sizes) != len(self._params):
            raise ParamError(
                f"BranchedModuleParams: {len(self.split_sizes)} split_sizes for "
                f"{len(self._params)} branches, expected one each"
            )

    @property
    def params(self) -> dict[str, Declared]:
        return dict(self._params)

    def to_module_list(self) -> Any:
        """Build the torch module."""
        return self.build([])

    def build(self, memo: Memo) -> Any:
        """`to_module_list` as part of a network whose modules so far are in `memo`."""
        branches = {name: p.build(memo) for name, p in self._params.items()}
        return models_function("muse.models.layers.branched.BranchedModules")(
            branches, self.cat_dim, self.split_dim, self.split_sizes
        )

    def to_config(self) -> dict[str, Any]:
        """Return JSON-able data; branches as pairs, since order counts."""
        return {
            "params": [[name, encode(p)] for name, p in self._params.items()],
            "cat_dim": self.cat_dim,
            "split_dim": self.split_dim,
            "split_sizes": encode(self.split_sizes),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> BranchedModuleParams:
        """The inverse of `to_config`."""
        return cls(
            {name: decode(p) for name, p in config["params"]},
            config["cat_dim"],
            config["split_dim"],
            config["split_sizes"],
        )

    def _key(self) -> Any:
        return tuple(self._params.items()), self.cat_dim, self.split_dim, self.split_sizes

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BranchedModuleParams):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return (
            f"BranchedModuleParams({self._params!r}, cat_dim={self.cat_dim}, "
            f"split_dim={self.split_dim}, split_sizes={self.split_sizes})"
        )


def check_declared(value: Any, owner: str) -> Declared:
    """Return a declaration, or raise `ParamError`."""
    if isinstance(value, (LayerParams, SequentialParams, BranchedModuleParams)):
        return value
    raise ParamError(
        f"{owner}: got {value!r}, expected LayerParams, SequentialParams or BranchedModuleParams"
    )
