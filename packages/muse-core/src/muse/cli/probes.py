"""Small programs that try an optional dependency for real.

Each runs in a process of its own: a simulator or driver that crashes or hangs takes only its
probe with it. A probe prints one line (a version, what it did) and ends with status 0.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass

from muse.core.signals import signal_name

#: With this status a probe says that a part which pip does not bring is not there: what and how.
_NOT_THERE = 4
_TORCH = """
import torch
assert float(torch.ones(2, 2).sum()) == 4.0
print("torch", torch.__version__)
"""
_REPORT = """
import io, jinja2, matplotlib, PIL
matplotlib.use("Agg")
from matplotlib import pyplot
pyplot.plot([0, 1]); pyplot.savefig(io.BytesIO())
print("matplotlib", matplotlib.__version__, "drew a curve")
"""
_GYM = """
import gymnasium, pygame
env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
env.reset(seed=0); env.step(env.action_space.sample())
assert env.render().ndim == 3
print("gymnasium", gymnasium.__version__, "stepped and drew CartPole")
"""
_PYMUNK = """
import pygame, pymunk
space = pymunk.Space()
body = pymunk.Body(1.0, 1.0)
space.add(body, pymunk.Circle(body, 1.0))
space.step(0.1)
pygame.draw.circle(pygame.Surface((32, 32)), (255, 0, 0), (16, 16), 8)
print("pymunk", pymunk.version, "and pygame", pygame.version.ver, "stepped and drew")
"""
_PYBULLET = """
import pybullet
assert pybullet.connect(pybullet.DIRECT) >= 0
pybullet.stepSimulation()
assert pybullet.getCameraImage(8, 8, renderer=pybullet.ER_TINY_RENDERER)[0] == 8
print("pybullet", pybullet.getAPIVersion(), "stepped and drew")
"""
_KITCHEN = """
import gymnasium, gymnasium_robotics
gymnasium.register_envs(gymnasium_robotics)
gymnasium.make("FrankaKitchen-v1").reset(seed=0)
print("gymnasium-robotics", gymnasium_robotics.__version__, "began a kitchen")
"""
_ROBOSUITE = """
import logging, robosuite
logging.disable()
env = robosuite.make("Lift", robots="Panda", has_renderer=False, has_offscreen_renderer=False,
                     use_camera_obs=False)
env.reset()
print("robosuite", robosuite.__version__, "began Lift")
"""
_ROBOHIVE = """
from muse.core.errors import EnvError, MissingExtraError
from muse.envs.env import make
from muse.envs.robohive.loading import load_robohive, robohive_folder
from muse.envs.robohive.simhive import find_simhive
from muse.envs.robohive.tasks import find_task
task = "FrankaReachFixed-v0"
try:
    find_simhive(None, robohive_folder(), find_task(task).suite.models)
except MissingExtraError as error:
    raise ModuleNotFoundError(error) from error
except EnvError as error:
    print(error)
    raise SystemExit(NOT_THERE)
version = load_robohive().__version__
with make("muse.envs.robohive.robohive_env.RoboHiveEnv", {"env_name": task}) as env:
    env.reset()
    assert env.render().std() > 5, "the picture is empty"
print("RoboHive", version, "began", task, "and drew it")
""".replace("NOT_THERE", str(_NOT_THERE))
_VIDEO = """
import io, subprocess, imageio_ffmpeg
from PIL import Image
Image.new("RGB", (16, 16)).save(io.BytesIO(), "gif")
subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-version"], check=True, capture_output=True)
print("pillow and ffmpeg", imageio_ffmpeg.get_ffmpeg_version())
"""
_ZARR = """
import numcodecs, zarr
print("zarr", zarr.__version__, "numcodecs", numcodecs.__version__)
"""
_CUDA = """
import torch
if torch.cuda.is_available():
    x = torch.ones(8, device="cuda").sum()
    print("torch computes on", torch.cuda.get_device_name(0), "x", torch.cuda.device_count())
else:
    print("torch", torch.__version__, "sees no GPU")
    raise SystemExit(3)
"""
_DRAW = """
import os
os.environ["SDL_VIDEODRIVER"] = "dummy"
import pygame
pygame.display.init()
screen = pygame.display.set_mode((32, 32))
screen.fill((255, 0, 0))
assert pygame.surfarray.array3d(screen)[0, 0, 0] == 255
print("pygame", pygame.version.ver, "draws without a display")
"""

# A mark stands for the backend.
_MUJOCO = """
import os
os.environ["MUJOCO_GL"] = BACKEND
import mujoco
model = mujoco.MjModel.from_xml_string(
    "<mujoco><worldbody><geom type='sphere' size='1' rgba='1 0 0 1'/></worldbody></mujoco>"
)
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
renderer = mujoco.Renderer(model, 32, 32)
renderer.update_scene(data)
pixel = renderer.render()[16, 16]
assert pixel[0] > pixel[2], "the picture is empty"
renderer.close()
print("MuJoCo", mujoco.__version__, "drew")
"""
_DISPLAY = """
import pygame
pygame.display.init()
driver = pygame.display.get_driver()
assert driver not in ("offscreen", "dummy"), "there is no display"
print("windows open by", driver)
"""


def _importing(*modules: str) -> str:
    names = ", ".join(modules)
    first = modules[0]
    return f"import {names}\nprint({first!r}, getattr({first}, '__version__', ''))"


# (distribution, extra) -> program; the extra "" is what the distribution needs in any case.
EXTRA_PROBES: dict[tuple[str, str], str] = {
    ("muse-core", ""): _importing("numpy"),
    ("muse-core", "rich"): _importing("rich.console"),
    ("muse-data", ""): _importing("h5py"),
    ("muse-data", "torch"): _TORCH,
    ("muse-data", "zarr"): _ZARR,
    ("muse-envs", "display"): _importing("pygame"),
    ("muse-envs", "gym"): _GYM,
    ("muse-envs", "kitchen"): _KITCHEN,
    ("muse-envs", "pybullet"): _PYBULLET,
    ("muse-envs", "pymunk"): _PYMUNK,
    ("muse-envs", "robohive"): _ROBOHIVE,
    ("muse-envs", "robosuite"): _ROBOSUITE,
    ("muse-envs", "torchrl"): _importing("torchrl", "tensordict"),
    ("muse-envs", "video"): _VIDEO,
    ("muse-models", ""): _TORCH,
    ("muse-robot", ""): _importing("pygame", "msgpack"),
    ("muse-train", ""): _importing("tensorboard", "torch.utils.tensorboard"),
    ("muse-train", "report"): _REPORT,
    ("muse-train", "wandb"): _importing("wandb"),
}
CUDA_PROBE = _CUDA
DRAW_PROBE = _DRAW
DISPLAY_PROBE = _DISPLAY


def mujoco_probe(backend: str) -> str:
    """Return a program that draws with MuJoCo by a backend ("egl", "osmesa")."""
    return _MUJOCO.replace("BACKEND", repr(backend))


@dataclass(frozen=True)
class ProbeResult:
    """How a probe ended.

    Attributes:
        state: "ok", "missing" (not installed) or "broken".
        detail: what was found.
        remedy: what the probe itself says is to be done, "" when it does not.
    """

    state: str
    detail: str
    remedy: str = ""


def run_probe(program: str, seconds: float) -> ProbeResult:
    """Run `program` in a fresh interpreter for at most `seconds`."""
    environment = {**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1", "WANDB_MODE": "disabled"}
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ProbeResult("broken", f"no answer within {seconds:g} s")
    if done.returncode == 0:
        return ProbeResult("ok", _last_line(done.stdout))
    if done.returncode < 0:
        return ProbeResult("broken", f"crashed with {signal_name(-done.returncode)}")
    if done.returncode == _NOT_THERE:
        return ProbeResult("missing", *_split(_last_line(done.stdout)))
    error = _last_line(done.stderr) or _last_line(done.stdout)
    if error.startswith("ModuleNotFoundError"):
        return ProbeResult("missing", error)
    return ProbeResult("broken", *_split(error))


def _split(message: str) -> tuple[str, str]:
    """Return what Muse's message says is wrong, and the command it says to run, "" if none."""
    detail, *remedy = re.split(r"[;.] [Rr]un: ", message, maxsplit=1)
    return detail, "".join(remedy)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
