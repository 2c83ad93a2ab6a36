"""Configs made by a program: a tree of `ConfigNode`s, resolved by the same engine as files.

class Model(ConfigNode):
    default_cls = "muse.models.rnn_model.RnnModel"
    default_local_exp_name = "_rnn-hs{hidden_size}"
    default_params = AttrDict(hidden_size=400)

root = ConfigNode("root")
Model("model", parent=root)
params = root.load(["%model", "--hidden_size", "1000"])
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any, ClassVar

from muse.configs.config import Config
from muse.configs.draft import Draft, clone, join
from muse.configs.exp_name import exp_name_below, local_name
from muse.configs.help import draft_help
from muse.configs.load import finish, load_draft
from muse.configs.source import read_source
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError
from muse.core.params import Param


class ConfigNode:
    """One group of a config, or its root; sub-nodes are its groups.

    A subclass sets the class attributes and may override `declare_arguments` and
    `process_params`.

    Args:
        name: its name in the parent; that of the root is for messages only.
        parent: the node it is a group of, None for the root.
    """

    default_cls: ClassVar[type | str | None] = None
    default_local_exp_name: ClassVar[str | None] = None
    default_params: ClassVar[AttrDict] = AttrDict()

    def __init__(self, name: str, parent: ConfigNode | None = None) -> None:
        if not name or "/" in name:
            raise ConfigError(f"ConfigNode({name!r}): expected a name without '/'")
        self.name = name
        self.parent = parent
        self.nodes: dict[str, ConfigNode] = {}
        self._given = AttrDict()
        self._config: Config | None = None
        if parent is not None:
            if name in parent.nodes:
                raise ConfigError(f"{parent.path or parent.name} has a node {name!r} already")
            parent.nodes[name] = self

    # -- to override -----------------------------------------------------------------------

    def declare_arguments(self) -> Sequence[Param]:
        """Return parameters of this node beside those that its class declares."""
        return ()

    def process_params(self, params: AttrDict, global_params: AttrDict) -> AttrDict:
        """Return the node's parameters changed as needed, after overrides and Fields.

        Args:
            params: a copy of this node's resolved parameters, those of sub-nodes processed.
            global_params: a copy of the whole config.
        """
        return params

    # -- use -------------------------------------------------------------------------------

    def load(
        self,
        args: Sequence[str] = (),
        defaults: AttrDict | None = None,
        cls: type | str | None = None,
    ) -> AttrDict:
        """Resolve the tree below this root and return its parameters.

        Args:
            args: command-line words.
            defaults: values that go over `default_params` of the root.
            cls: the root's class, instead of `default_cls`.

        Raises:
            ConfigError: this is no root, or what `load_config` raises.
        """
        if self.parent is not None:
            raise ConfigError(f"load the root, not its node {self.path!r}")
        given = defaults if defaults is not None else AttrDict()
        self._given = given & AttrDict(cls=cls) if cls is not None else given.copy()
        config = finish(self.draft(), args, source_file=self.name)
        for node in self._inner_first():
            node._process(config)
        finished = Draft(
            config.params,
            config.provenance,
            references=set(config.references),
            declared=config.declared,
        )
        self._config = finish(finished, (), source_file=self.name)
        self._config.argv = tuple(args)
        self._config.fields = config.fields
        return self._config.params

    @property
    def config(self) -> Config:
        """What `load` worked out, with provenance, `to_json` and the experiment's name."""
        root = self.root
        if root._config is None:
            raise ConfigError(f"{self.name} is not loaded yet: call load(args) on the root first")
        return root._config

    @property
    def root(self) -> ConfigNode:
        """The outermost node."""
        return self if self.parent is None else self.parent.root

    @property
    def path(self) -> str:
        """Path of this node from the root, which is ''."""
        return "" if self.parent is None else join(self.parent.path, self.name)

    @property
    def params(self) -> AttrDict:
        """The node's resolved parameters without `cls`."""
        return AttrDict((k, v) for k, v in self.full_params.items() if k != "cls")

    @property
    def full_params(self) -> AttrDict:
        """The node's resolved parameters with `cls`."""
        found = self.config.params[self.path] if self.path else self.config.params
        assert isinstance(found, AttrDict)
        return found

    @property
    def global_params(self) -> AttrDict:
        """The resolved parameters of the root."""
        return self.config.params

    def get_local_exp_name(self) -> str:
        """Return what this node alone adds to the experiment's name."""
        return local_name(self.config.params, self.path)

    def get_exp_name(self, nested: bool = True) -> str:
        """Return the name of this node, with those of all groups in it if `nested`."""
        if not nested:
            return self.get_local_exp_name()
        config = self.config
        return exp_name_below(Draft(config.params, references=set(config.references)), self.path)

    def usage(self) -> str:
        """Return the first line of the help."""
        return self.help().splitlines()[0]

    def help(self) -> str:
        """Return what can be set in this node, with the values there are by now."""
        draft = self.root.draft() if self.root._config is None else self._loaded_draft()
        return draft_help(draft, self.root.name, self.path)

    def draft(self) -> Draft:
        """Return the tree of this root and its nodes, before any override."""
        draft = Draft(AttrDict())
        self._fill(draft)
        return draft

    # -- inside ----------------------------------------------------------------------------

    def _loaded_draft(self) -> Draft:
        config = self.config
        return Draft(clone(config.params), dict(config.provenance), declared=config.declared)

    def _fill(self, draft: Draft) -> None:
        own = AttrDict()
        if self.default_cls is not None:
            own["cls"] = self.default_cls
        if self.default_local_exp_name is not None:
            own["exp_name"] = self.default_local_exp_name
        arguments = {param.name: param for param in self.declare_arguments()}
        for param in arguments.values():
            if not param.required:
                own[param.name] = clone(param.default)
        own = clone(own & self.default_params & self._given)
        draft.merge(self.path, own, dict.fromkeys(own.leaf_keys(), type(self).__name__))
        if arguments:
            draft.declared[self.path] = arguments
        for node in self.nodes.values():
            node._fill(draft)

    def _inner_first(self) -> list[ConfigNode]:
        return [n for node in self.nodes.values() for n in node._inner_first()] + [self]

    def _process(self, config: Config) -> None:
        here = config.params[self.path] if self.path else config.params
        processed = self.process_params(here.copy(), config.params.copy())
        if not isinstance(processed, AttrDict):
            raise ConfigError(
                f"{type(self).__name__}.process_params returned a {type(processed).__name__}, "
                "expected the AttrDict of parameters"
            )
        draft = Draft(config.params, config.provenance)
        origin = f"{type(self).__name__}.process_params"
        for key in [k for k in here if k not in processed]:
            draft.remove(join(self.path, key))
        for leaf, value in processed.leaf_items():
            if leaf not in here or not _is_same(here[leaf], value):
                draft.set(join(self.path, leaf), value, origin)


class GroupStruct:
    """A named group and what it is made from.

    Args:
        name: name of the group.
        source: config file, module with `export`, import path of a class, class, or AttrDict.
        params: values that go over those of the source.
    """

    def __init__(
        self, name: str, source: str | type | AttrDict, params: AttrDict | None = None
    ) -> None:
        self.name = name
        self.source = source
        self.params = params if params is not None else AttrDict()

    def resolve(self) -> AttrDict:
        """Return the group's parameters with `cls`, Fields not worked out yet.

        Raises:
            ConfigError: the source is none of the above.
        """
        if isinstance(self.source, AttrDict):
            found = clone(self.source)
        elif isinstance(self.source, str):
            found, _ = read_source(self.name, self.source, "source")
        else:
            found = AttrDict(cls=self.source)
        merged: AttrDict = found & clone(self.params)
        return merged

    def node(self, parent: ConfigNode) -> ConfigNode:
        """Return a node of `parent` that holds this group."""
        node = ConfigNode(self.name, parent)
        node._given = self.resolve()
        return node


def make_base_config(params: AttrDict, name: str = "config") -> ConfigNode:
    """Return the root node of a declarative tree; load it with `root.load(args)`."""
    node_class = type("BaseConfig", (ConfigNode,), {"default_params": clone(params)})
    root: ConfigNode = node_class(name)
    return root


def load_base_config(
    file: str | os.PathLike[str], args: Sequence[str] = ()
) -> tuple[AttrDict, ConfigNode]:
    """Load a config file; return its resolved parameters and its root node."""
    draft, name = load_draft(file)
    root = make_base_config(draft.tree, name)
    return root.load(args), root


def get_script_parser(**kwargs: Any) -> argparse.ArgumentParser:
    """Return a parser for `script [script options] CONFIG [config words]`.

    Add the script's own options; `config` and `config_args` (all that follows the config, to be
    given to `load_config`) are there. Keyword arguments are those of `argparse.ArgumentParser`.
    """
    parser = argparse.ArgumentParser(allow_abbrev=False, **{"add_help": False, **kwargs})
    parser.add_argument("config", help="config file, module, or exp=FOLDER of an earlier run")
    parser.add_argument("config_args", nargs=argparse.REMAINDER, help="words for the config")
    return parser


def _is_same(old: Any, new: Any) -> bool:
    return old is new or AttrDict(value=old) == AttrDict(value=new)
