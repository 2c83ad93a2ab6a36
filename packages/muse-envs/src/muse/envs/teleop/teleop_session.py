"""`TeleopSession`: a person does episodes, one after the other, and says which to keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from muse.core.attrdict import AttrDict
from muse.envs.env import Env
from muse.envs.episode import Episode
from muse.envs.rollout import rollout
from muse.envs.teleop.teleop_policy import TeleopPolicy
from muse.envs.teleop.teleop_window import TeleopWindow

#: Takes (inputs, outputs) of a whole episode, as a dataset's `add_episode`.
Keep = Callable[[AttrDict, AttrDict], None]


class TeleopSession:
    """Runs the rollout engine with a person as the policy.

    Args:
        env: what is driven; of one row.
        window: shows it and reads keyboard and mouse.
        keep: called with each episode that the person keeps, right after the answer; None: nothing
            is recorded and nobody is asked.
        presets: given to each reset.

    Raises:
        EnvError: the environment has no teleoperation.
    """

    def __init__(
        self,
        env: Env,
        window: TeleopWindow,
        keep: Keep | None = None,
        presets: Mapping[str, Any] | None = None,
    ) -> None:
        self._env, self._window, self._keep, self._presets = env, window, keep, presets
        self._policy = TeleopPolicy(
            None, env.env_spec, env=env, user_input=window, watch=self._watch
        )
        self._return = 0.0
        self._episode_text = ""
        #: Episodes kept so far.
        self.kept = 0

    def run(self, seeds: Iterable[int]) -> list[Episode]:
        """Do an episode for each seed until the person quits; return those that were finished.

        An episode in which the person quits is neither kept nor returned.
        """
        played: list[Episode] = []
        for number, seed in enumerate(seeds, 1):
            self._episode_text, self._return = f"episode {number}, seed {seed}", 0.0
            self._window.begin()
            (episode,) = rollout(
                self._env,
                self._policy,
                seeds=[seed],
                presets=self._presets,
                record=self._keep is not None,
            )
            if self._window.wants_quit:
                break
            played.append(episode)
            if not self._conclude(episode):
                break
        return played

    def _conclude(self, episode: Episode) -> bool:
        """Show how it ended and what to do with it; return whether to go on."""
        outcome = "success" if episode.success else "no success"
        if episode.failed:
            outcome = "the simulator broke: nothing to keep"
        lines = [
            self._episode_text,
            f"{episode.length} steps, {outcome}",
            f"return {episode.total_reward:.3g}",
            *self._kept_lines(),
        ]
        self._window.show(self._env.render(), lines)
        if episode.data is None or self._keep is None:
            return self._window.ask({"space": "next episode"}) is not None
        answer = self._window.ask({"y": "keep the episode", "n": "throw it away"})
        if answer == "y":
            self._keep(*episode.data)
            self.kept += 1
        return answer is not None

    def _watch(self, obs: AttrDict, memory: AttrDict) -> None:
        step = int(memory.count[0])
        reward = float(obs["reward"].sum()) if "reward" in obs else 0.0
        self._return += reward
        lines = [
            self._episode_text,
            f"step {step}",
            f"reward {reward:.3g}, return {self._return:.3g}",
            "success" if step and bool(self._env.is_success()[0]) else "",
            *self._kept_lines(),
        ]
        self._window.show(self._env.render(), lines)

    def _kept_lines(self) -> list[str]:
        return [] if self._keep is None else [f"{self.kept} kept"]
