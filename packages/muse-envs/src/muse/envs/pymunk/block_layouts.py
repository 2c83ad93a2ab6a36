"""Drawing what an episode of the 2-D block family starts from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError, ParamError
from muse.envs.pymunk import maze as mazes
from muse.envs.pymunk.block_sizes import agent_diameter, largest_sides, maze_cells, size_limits
from muse.envs.pymunk.block_world import INNER_WALL_RADIUS
from muse.envs.pymunk.maze import Cell

#: Tries to place a body without touching another before giving up.
PLACEMENT_TRIES = 1000
#: Places compared by maximize_agent_block_distance.
AGENT_CANDIDATES = 40
#: The block that a task is about, and what the others take in turn.
FIRST_COLOR = (215, 60, 50)
COLORS = ((150, 80, 180), (230, 130, 40), (60, 160, 170), (130, 100, 70))

Taken = list[tuple[np.ndarray, float]]
Draw = Callable[[np.random.Generator, AttrDict, AttrDict], np.ndarray]


class BlockLayouts:
    """Draws layouts: everything an episode starts from, each part of which a preset may replace.

    Args:
        params: of the environment.
        owner: its class name, for messages.
    """

    def __init__(self, params: AttrDict, owner: str) -> None:
        self.params, self.owner = params, owner
        self.grid = np.array(params.grid_size, np.float64)
        self.cells = maze_cells(params)
        self.agent_size = agent_diameter(params)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the parts of a layout and their shapes, in the order they are drawn."""
        n = self.params.num_blocks
        return {
            "gravity": (2,),
            "initialization_steps": (),
            "maze": (self.cells, self.cells),
            "block_masses": (n,),
            "block_colors": (n, 3),
            "block_sizes": (n, 2),
            "block_angles": (n,),
            "goal_position": (2,),
            "block_positions": (n, 2),
            "position": (2,),
        }

    def draw(self, rng: np.random.Generator, presets: Mapping[str, object]) -> AttrDict:
        """Return a layout whose parts are those of `presets`, and drawn where it has none."""
        given = AttrDict()
        for name, shape in self.shapes().items():
            if name in presets:
                given[name] = self._checked(name, presets[name], shape)
        layout = AttrDict()
        for name in self.shapes():
            draw: Draw = getattr(self, f"draw_{name}")
            layout[name] = given[name] if name in given else draw(rng, layout, given)
        return layout

    # ---- the parts: (generator, what is drawn so far, what presets give) -> array --------------

    def draw_gravity(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        return np.array(self.params.gravity, np.float64)

    def draw_initialization_steps(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        return np.array(self.params.initialization_steps)

    def draw_maze(self, rng: np.random.Generator, layout: AttrDict, given: AttrDict) -> np.ndarray:
        if self.params.fixed_np_maze is not None:
            return mazes.checked_maze(self.params.fixed_np_maze, self.owner)
        return mazes.random_maze(self.cells, rng)

    def draw_block_masses(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        return np.full(self.params.num_blocks, self.params.block_mass)

    def draw_block_colors(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        n = self.params.num_blocks
        colors = [FIRST_COLOR, *(COLORS[i % len(COLORS)] for i in range(n - 1))]
        return np.array(colors[:n], np.uint8).reshape(-1, 3)

    def draw_block_sizes(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        lower, upper = (np.array(limit) for limit in size_limits(self.params))
        if (lower > upper).any():
            raise ParamError(
                f"{self.owner}: block_size_lower={lower.tolist()} is above "
                f"block_size_upper={upper.tolist()}"
            )
        if (lower == upper).all():
            return np.tile(lower, (self.params.num_blocks, 1))
        return rng.uniform(lower, upper, (self.params.num_blocks, 2))

    def draw_block_angles(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        return np.zeros(self.params.num_blocks)

    def draw_goal_position(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        """The goal of the first block, away from where it starts."""
        blocks = given.get("block_positions")
        side = max(largest_sides(self.params))
        taken = [] if blocks is None else [(np.array(b), self._away()) for b in blocks[:1]]
        # Whatever side the block is held by, the agent fits between goal and wall.
        room = float((self.grid / self.cells).min()) / 2
        inset = min(side / 2 + 1.2 * side, 0.99 * room)
        return self.draw_free(rng, taken, inset, self._goal_cells())

    def draw_block_positions(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        taken = [(layout["goal_position"], self._away())]
        return self.draw_blocks(rng, layout, given, taken)

    def draw_position(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict
    ) -> np.ndarray:
        return self.draw_agent(rng, layout, [])

    # ---- places ------------------------------------------------------------------------------

    def draw_blocks(
        self, rng: np.random.Generator, layout: AttrDict, given: AttrDict, taken: Taken
    ) -> np.ndarray:
        """Draw the centres of all blocks, (n, 2), apart from one another and from `taken`."""
        sides = layout["block_sizes"].max(axis=1)
        place = given.get("position")
        drawn: list[np.ndarray] = []
        for side in sides:
            apart = [
                *taken,
                *([] if place is None else [(place, self._spacing(side, self.agent_size))]),
                *((center, self._spacing(side, sides[i])) for i, center in enumerate(drawn)),
            ]
            inset = side / 2 + self._spacing(side, side) / 4
            drawn.append(self.draw_free(rng, apart, inset))
        return np.array(drawn).reshape(-1, 2)

    def draw_agent(self, rng: np.random.Generator, layout: AttrDict, taken: Taken) -> np.ndarray:
        """Draw the centre of the agent, (2,), apart from blocks and from `taken`."""
        blocks, sides = layout["block_positions"], layout["block_sizes"].max(axis=1, initial=0.0)
        spacings = [self._spacing(self.agent_size, side) for side in sides]
        taken = [*zip(blocks, spacings, strict=True), *taken]
        cells = self._cells_of("valid_start_idxs")
        inset = self.agent_size / 2
        if not (self.params.maximize_agent_block_distance and len(blocks)):
            return self.draw_free(rng, taken, inset, cells)
        tries = [self.draw_free(rng, taken, inset, cells) for _ in range(AGENT_CANDIDATES)]
        return max(tries, key=lambda place: np.linalg.norm(blocks - place, axis=1).min())

    def draw_free(
        self,
        rng: np.random.Generator,
        taken: Sequence[tuple[np.ndarray, float]],
        inset: float,
        cells: Sequence[Cell] | None = None,
    ) -> np.ndarray:
        """Draw a place (2,) px, `inset` px from walls and away from every (centre, distance).

        Args:
            cells: the cells it may lie in; None for all.
        """
        cells = cells or list(np.ndindex(self.cells, self.cells))  # type: ignore[arg-type]
        if self.cells > 1:
            inset += INNER_WALL_RADIUS
        for _ in range(PLACEMENT_TRIES):
            cell = cells[int(rng.integers(len(cells)))] if len(cells) > 1 else cells[0]
            low, high = mazes.cell_box(cell, self.cells, tuple(self.grid))
            if not (high - low > 2 * inset).all():
                raise ParamError(
                    f"{self.owner}: block_size={self.params.block_size} does not fit "
                    f"grid_size={self.params.grid_size} with {self.cells} x {self.cells} cells; "
                    "use smaller blocks, a larger grid or fewer cells"
                )
            drawn = rng.uniform(low + inset, high - inset)
            if all(math.dist(drawn, center) >= distance for center, distance in taken):
                return drawn
        raise EnvError(
            f"{self.owner}: no room for {self.params.num_blocks} blocks of "
            f"{self.params.block_size} px on {self.params.grid_size}; use fewer or smaller ones"
        )

    def _spacing(self, side: float, other: float) -> float:
        """The distance of two centres at which bodies of these sides surely do not touch, px."""
        return 0.75 * float(side + other)

    def _away(self) -> float:
        return float(self.params.min_goal_distance)

    def _goal_cells(self) -> list[Cell] | None:
        return self._cells_of("valid_goal_idxs")

    def _cells_of(self, name: str) -> list[Cell] | None:
        given = self.params[name]
        if given is None:
            return None
        if max(max(cell) for cell in given) >= self.cells:
            raise ParamError(
                f"{self.owner}: {name}={given} is not allowed: the maze has {self.cells} x "
                f"{self.cells} cells, counted from 0"
            )
        return [(cell[0], cell[1]) for cell in given]

    def _checked(self, name: str, value: object, shape: tuple[int, ...]) -> np.ndarray:
        """Return a preset of `shape`, with or without the batch dimension."""
        if name == "maze":
            maze = mazes.checked_maze(value, self.owner)
            if maze.shape != shape:
                raise self._refusal(name, value, shape)
            return maze
        try:
            array = np.array(value, np.float64)
        except (TypeError, ValueError):
            raise self._refusal(name, value, shape) from None
        if array.shape == (1, *shape):
            array = array[0]
        if array.shape != shape or not np.isfinite(array).all():
            raise self._refusal(name, value, shape)
        if name in ("block_masses", "block_sizes") and not (array > 0).all():
            raise self._refusal(name, value, shape, " above 0")
        if name == "initialization_steps" and (array < 0 or array != np.floor(array)):
            raise self._refusal(name, value, shape, ", whole and not below 0")
        return array

    def _refusal(
        self, name: str, value: object, shape: tuple[int, ...], more: str = ""
    ) -> EnvError:
        return EnvError(
            f"{self.owner}: preset {name}={value!r} is not allowed: expected finite numbers of "
            f"shape {shape}{more}"
        )
