"""`Chosen`: the environment and the policy that the words of a command name."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from muse.configs import resolve_config
from muse.configs.classes import Unavailable, import_class
from muse.core.attrdict import AttrDict
from muse.core.errors import ConfigError, UsageError, suggest
from muse.core.params import imported
from muse.core.policy import Policy
from muse.envs.catalogue import Entry, find_entry
from muse.envs.env import Env, make

RANDOM = "muse.policies.random_policy.RandomPolicy"


@dataclass(frozen=True)
class Chosen:
    """An environment that a command works on.

    Args:
        name: as the person calls it.
        group: `cls` and every parameter.
        entry: of the catalogue, if it is from there.
    """

    name: str
    group: AttrDict
    entry: Entry | None = None

    def make(self) -> Env:
        """Build it."""
        return make(self.group)

    def policy(self, word: str) -> AttrDict:
        """Return the config group of the policy that `--policy WORD` means.

        Raises:
            UsageError: there is no expert, or `word` is no Policy class.
        """
        if word == "random":
            return AttrDict(cls=RANDOM)
        if word == "expert":
            if self.entry is None or self.entry.expert is None:
                raise UsageError(
                    f"{self.name} has no scripted expert; name who acts: --policy random or "
                    "--policy my_file.MyPolicy"
                )
            return AttrDict({"cls": self.entry.expert, **self.entry.expert_params})
        return AttrDict(cls=_path_of(word, Policy))


#: What parsed arguments hold beside options.
_NO_OPTIONS = ("command", "env", "overrides", "run")


def chosen(arguments: argparse.Namespace) -> Chosen:
    """Return what `ENV`, `--image` and the parameters after it name.

    Raises:
        UsageError: nothing is called so, or a parameter is unknown or wrong.
    """
    try:
        return _chosen(arguments, arguments.env, arguments.overrides)
    except ConfigError as error:
        # What no option took went to the environment; it may be an option that is misspelt.
        options = [f"--{n.replace('_', '-')}" for n in vars(arguments) if n not in _NO_OPTIONS]
        words = [word.partition("=")[0] for word in arguments.overrides if word[:2] == "--"]
        unknown = [w for w in words if repr(w[2:].replace("-", "_")) in str(error)]
        near = [suggest(word, options) for word in unknown]
        raise UsageError(f"{error}{''.join(near)}") from error


def _chosen(arguments: argparse.Namespace, name: str, words: Sequence[str]) -> Chosen:
    if name.endswith(".py") or "/" in name:
        _refuse_image(name, arguments.image)
        return Chosen(name, _resolved(AttrDict(), [name, *words]))
    if "." in name:
        _refuse_image(name, arguments.image)
        return Chosen(name, _resolved(AttrDict(cls=_path_of(name, Env)), words))
    entry = find_entry(name)
    return chosen_entry(entry, arguments.image, words)


def chosen_entry(entry: Entry, image: bool = False, words: Sequence[str] = ()) -> Chosen:
    """Return an environment of the catalogue, with the parameters of `words`."""
    _refuse_image(entry.name, image and entry.image_params is None)
    return Chosen(entry.name, _resolved(entry.group(image), words), entry)


def _resolved(group: AttrDict, words: Sequence[str]) -> AttrDict:
    """Apply the words of a command line to a group: `--name value`, `%inner --name value`."""
    inner = ["%" + word if word.startswith("%") else word for word in words]
    tree = AttrDict(env=group) if len(group) else AttrDict()
    resolved = resolve_config(tree, ["%env", *inner] if inner else []).params["env"]
    assert isinstance(resolved, AttrDict)
    if not issubclass(imported(resolved["cls"]), Env):
        raise UsageError(f"{resolved['cls']} is no Env class; see muse envs --help")
    return resolved


def _path_of(path: str, base: type) -> str:
    """Return `path` if it leads to a subclass of `base`."""
    try:
        found = import_class(path)
    except Unavailable as error:
        raise UsageError(f"{path}: {error}") from error
    if not (isinstance(found, type) and issubclass(found, base)):
        raise UsageError(f"{path} is no {base.__name__} class, but {found!r}")
    return path


def _refuse_image(name: str, refuse: bool) -> None:
    if refuse:
        raise UsageError(
            f"--image: the catalogue knows no image observation of {name}; set the parameters "
            "that give one, or leave --image out"
        )
