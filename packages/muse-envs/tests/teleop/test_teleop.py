"""A person at the keyboard: the window, the policy, the session."""

from __future__ import annotations

import numpy as np
import pytest
from env_zoo import CounterEnv
from sdl_events import PressingEnv, post

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.envs.env import make
from muse.envs.rollout import rollout
from muse.envs.simple.point_mass_env import PointMassEnv
from muse.envs.teleop import TeleopPolicy, TeleopSession, TeleopWindow
from muse.envs.vector import SyncVectorEnv

pygame = pytest.importorskip("pygame")
PICTURE = np.zeros((60, 120, 3), np.uint8)


@pytest.fixture(autouse=True)
def _no_display(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture
def window():
    with TeleopWindow("test", {"left": "move left", "r": "up"}, fps=1000) as opened:
        opened.show(PICTURE)
        pygame.event.clear()
        yield opened


def test_keys_are_down_from_press_to_release(window):
    post("KEYDOWN", key="left")
    window.poll()
    assert window.is_down("left") and window.was_pressed("left")
    window.poll()
    assert window.is_down("left") and not window.was_pressed("left")
    post("KEYUP", key="left")
    window.poll()
    assert not window.is_down("left")


def test_a_tap_between_two_polls_is_not_lost(window):
    post("KEYDOWN", key="left")
    post("KEYUP", key="left")
    window.poll()
    assert window.is_down("left") and window.was_pressed("left")
    window.poll()
    assert not window.is_down("left")


def test_keys_are_let_go_when_the_window_loses_the_focus(window):
    post("KEYDOWN", key="left")
    post("MOUSEBUTTONDOWN", pos=(1, 1), button=1)
    post("WINDOWFOCUSLOST")
    window.poll()
    window.poll()
    assert not window.is_down("left") and not window.is_button_down()


def test_the_pointer_is_in_units_of_the_picture(window):
    # The picture of 120 x 60 is shown 600 px wide and 300 px high.
    post("MOUSEMOTION", pos=(150, 225), rel=(0, 0), buttons=(0, 0, 0))
    post("MOUSEBUTTONDOWN", pos=(150, 225), button=3)
    window.poll()
    assert window.pointer == pytest.approx((0.25, 0.75))
    assert window.is_button_down(3) and not window.is_button_down(1)
    post("MOUSEMOTION", pos=(700, 100), rel=(0, 0), buttons=(0, 0, 0))
    window.poll()
    assert window.pointer is None


def test_the_window_shows_the_picture_and_text(window):
    window.show(PICTURE + 200, ["step 7"])
    shown = pygame.surfarray.array3d(pygame.display.get_surface())
    assert (shown[10:590, 10:290] == 200).all()
    panel = shown[605:]
    window.show(PICTURE + 200, ["step 8"])
    other = pygame.surfarray.array3d(pygame.display.get_surface())[605:]
    assert (panel != other).any()


def test_a_letter_of_the_environment_is_the_environments(window):
    post("KEYDOWN", key="r")
    window.poll()
    assert window.is_down("r") and not window.wants_end
    post("KEYDOWN", key="return")
    window.poll()
    assert window.wants_end and not window.wants_quit
    window.begin()
    assert not window.wants_end


@pytest.mark.parametrize("key", ["q", "escape"])
def test_quitting_ends_the_episode_too(window, key):
    post("KEYDOWN", key=key)
    window.poll()
    assert window.wants_end and window.wants_quit


def test_a_pause_lasts_until_its_key_comes_again(window):
    post("KEYDOWN", key="p")
    pygame.time.set_timer(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_p), 200, loops=1)
    began = pygame.time.get_ticks()
    window.poll()
    assert pygame.time.get_ticks() - began >= 150


def test_asking_waits_for_one_of_the_answers(window):
    for key in ("x", "n"):
        post("KEYDOWN", key=key)
    assert window.ask({"y": "yes", "n": "no"}) == "n"
    post("QUIT")
    assert window.ask({"y": "yes", "n": "no"}) is None


def test_without_a_display_there_is_no_window_that_nobody_sees(monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    pygame.display.quit()  # whoever opened it before
    with pytest.raises(EnvError, match="cannot open a window"):
        TeleopWindow("test", {})


def test_a_person_is_a_policy_of_the_rollout_engine():
    seen = []

    def watch(obs, memory):
        seen.append(obs)
        if len(seen) == 5:
            post("KEYDOWN", key="r")

    env = make(PointMassEnv, AttrDict(num_steps=50))
    with env, TeleopWindow("test", env.teleop_keys, fps=1000) as window:
        post("KEYDOWN", key="right")
        policy = TeleopPolicy(None, env.env_spec, env=env, user_input=window, watch=watch)
        presets = {"ego": [0.1, 0.1], "target": [1, 1]}
        (episode,) = rollout(env, policy, seeds=[0], record=True, presets=presets)
    assert episode.length == 5 and episode.truncated and not episode.terminated
    assert (episode.data[0]["action"] == [[1.0, 0.0]] * 5).all()


def test_the_devices_of_the_environment_are_used_when_none_are_given():
    with make(PointMassEnv) as env, TeleopWindow("test", env.teleop_keys) as window:
        env.user_input_reset(window)
        assert TeleopPolicy(None, env.env_spec, env=env).user_input is window


def test_who_cannot_be_driven_is_refused():
    with make(CounterEnv) as env, pytest.raises(EnvError, match="CounterEnv has no teleop"):
        TeleopPolicy(None, env.env_spec, env=env)
    group = AttrDict(cls=PointMassEnv)
    env = make(SyncVectorEnv, AttrDict(num_envs=2, env=group))
    with env, pytest.raises(EnvError, match="2 rows"):
        TeleopPolicy(None, env.env_spec, env=env)
    with make(PointMassEnv) as env:
        with pytest.raises(EnvError, match="nothing to read keys from"):
            TeleopPolicy(None, env.env_spec, env=env)
        with pytest.raises(EnvError, match="env is missing"):
            TeleopPolicy(None, env.env_spec)


def run_session(script, seeds, keep=None, **params):
    group = AttrDict(cls=PressingEnv, num_steps=4, script=script, **params)
    with make(group) as env, TeleopWindow("test", env.teleop_keys, fps=1000) as window:
        session = TeleopSession(env, window, keep, {"ego": [0.1, 0.1], "target": [0.9, 0.9]})
        return session.run(seeds), session


def test_a_session_keeps_what_the_person_keeps():
    kept = []
    script = ["4:y", "8:n", "12:y"]
    played, session = run_session(script, range(3), lambda *data: kept.append(data))
    assert [episode.seed for episode in played] == [0, 1, 2]
    assert session.kept == len(kept) == 2
    inputs, outputs = kept[0]
    assert inputs["ego"].shape == (4, 2) and outputs["done"].tolist() == [0, 0, 0, 1]


def test_an_episode_in_which_the_person_quits_is_not_kept():
    kept = []
    played, _ = run_session(["4:y", "6:escape"], range(9), lambda *data: kept.append(data))
    assert len(played) == len(kept) == 1


def test_quitting_at_the_question_throws_the_episode_away():
    kept = []
    played, _ = run_session(["4:escape"], range(9), lambda *data: kept.append(data))
    assert (len(played), len(kept)) == (1, 0)


def test_without_recording_space_goes_on():
    played, session = run_session(["4:space", "5:close"], range(9))
    assert len(played) == 1 and session.kept == 0
