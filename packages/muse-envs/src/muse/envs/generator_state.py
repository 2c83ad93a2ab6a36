"""A numpy generator as an array, so that a saved state is arrays alone."""

from __future__ import annotations

import numpy as np

from muse.core.errors import EnvError

_WORD = (1 << 64) - 1


def pack_generator(rng: np.random.Generator) -> np.ndarray:
    """Return the state of a PCG64 generator, (6,) uint64."""
    state = rng.bit_generator.state
    words = []
    for number in (state["state"]["state"], state["state"]["inc"]):
        words += [number >> 64, number & _WORD]
    return np.array([*words, state["has_uint32"], state["uinteger"]], np.uint64)


def unpack_generator(packed: np.ndarray) -> np.random.Generator:
    """Return a generator that goes on where the one given to `pack_generator` was."""
    words = [int(word) for word in np.asarray(packed).reshape(-1)]
    if len(words) != 6:
        raise EnvError(f"a saved generator has {len(words)} numbers, expected 6")
    rng = np.random.Generator(np.random.PCG64())
    rng.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": words[0] << 64 | words[1], "inc": words[2] << 64 | words[3]},
        "has_uint32": words[4],
        "uinteger": words[5],
    }
    return rng
