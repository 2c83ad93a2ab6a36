"""The project's jobs: quickstart, tests, lint, docs, bench. `nox -l` lists them.

Every environment is a plain venv filled by pip from wheels of this checkout and the versions in
constraints.txt, so that a test sees what a user would install and nothing beside it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tools"))

from packages import NAMES, WITHOUT_TORCH, folder, needed_by  # noqa: E402
from run_lanes import run_lanes  # noqa: E402

WHEELS = ROOT / ".wheels"
CONSTRAINTS = ROOT / "constraints.txt"
DATA = Path(os.environ.get("MUSE_TEST_DATA", ROOT.parent / "shared" / "data"))
# What a user of everything installs; the quickstart and the benchmarks run on it.
EVERYTHING = {"core": "rich", "data": "torch,zarr", "envs": "gym,pymunk,video"}
EVERYTHING |= {"models": "", "train": "report,wandb"}
# What the tests of a package, or of a simulator, are installed with; else its extra `test`.
TEST_EXTRAS = {
    "data": {"data": "test", "envs": "pymunk"},  # demonstrations are replayed in Push-T
    "envs": {"envs": "display,gym,pymunk,video,test", "data": ""},  # which `play` records into
    "robohive": {"envs": "robohive,torchrl,test"},
    "torchrl": {"envs": "torchrl,gym,test"},
}
# What the benchmarks measure, and what the peers import.
BENCHED = EVERYTHING | {"data": "torch,formats"}
BENCHED |= {"envs": "gym,kitchen,pybullet,pymunk,torchrl,video"}
LEROBOT_NEEDS = ("pandas", "datasets", "draccus", "accelerate", "safetensors", "psutil", "av")
LEROBOT_NEEDS += (
    "deepdiff",
    "einops",
    "jsonlines",
    "huggingface-hub",
    "packaging",
    "pillow",
    "tqdm",
)
ROBOSUITE_NEEDS = ("numba", "opencv-python-headless", "scipy", "shapely")
ROBOMIMIC_NEEDS = ("six", "psutil", "tqdm", "termcolor", "tensorboardX")
# The simulators of muse-envs that get an environment of their own: extra -> its tests.
SIMULATORS = {
    "kitchen": "kitchen",
    "pybullet": "bullet",
    "robohive": "robohive",
    "robosuite": "robosuite",
    "torchrl": "torchrl",
}
# What tests need that no extra brings: requirements, and those to install without their own.
BESIDE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # robomimic reads what is exported for it; its own requirements would bring torchvision.
    "data": (ROBOMIMIC_NEEDS, ("robomimic",)),
    # The published Push-T task, which asks for an opencv with a GUI, and its human demonstrations.
    "envs": (("opencv-python-headless", "shapely", "zarr"), ("gym-pusht",)),
    "robohive": ((), ("robohive",)),  # without pins of 2023: its page tells
    # Recorded demonstrations, and parity with robomimic's wrapper.
    "robosuite": (("h5py", "torch==2.13.0", *ROBOMIMIC_NEEDS), ("robomimic",)),
}
# The longest first, so that the two lanes end together.
TEST_ORDER = ("train", "envs", "data", "robosuite", "robohive", "core", "models", "torchrl")
TEST_ORDER += ("pybullet", "kitchen", "robot")

nox.options.default_venv_backend = "venv"
nox.options.sessions = ["tests", "lint"]


@nox.session(venv_backend="none")
def tests(session: nox.Session) -> None:
    """Test each package, and each simulator, in an environment that holds what it declares."""
    names = [name for name in TEST_ORDER if not session.posargs or name in session.posargs]
    nox_command = [sys.executable, "-m", "nox", "-f", str(ROOT / "noxfile.py")]
    session.run(*nox_command, "-s", "wheels", external=True)
    reuse = ["-r"] if os.environ.get("MUSE_NOX_REUSE") else []
    outcomes = run_lanes(
        {
            name if name in SIMULATORS else f"muse-{name}": [
                *(*nox_command, *reuse, "-s"),
                f"{'simulator' if name in SIMULATORS else 'package'}({name})",
            ]
            for name in names
        }
    )
    failed = [outcome.title for outcome in outcomes if outcome.status]
    if failed:
        session.error("failed: " + ", ".join(failed))


@nox.session
def wheels(session: nox.Session) -> None:
    """Build the six wheels into .wheels/ and check that they share the namespace."""
    session.install("-q", "-c", "constraints.txt", "hatchling")
    shutil.rmtree(WHEELS, ignore_errors=True)
    for name in NAMES:
        with session.chdir(folder(name)):
            session.run("hatchling", "build", "-t", "wheel", "-d", str(WHEELS), silent=True)
    session.run("python", str(ROOT / "tools" / "check_wheels.py"), str(WHEELS))


@nox.session
@nox.parametrize("name", [nox.param(name, id=name) for name in NAMES])
def package(session: nox.Session, name: str) -> None:
    """Install one package without extras and import it, then add its test extra and test it."""
    _install(session, {name: ""})
    forbid = ["--forbid", "torch"] if name in WITHOUT_TORCH else []
    session.run("python", str(ROOT / "tools" / "import_all.py"), f"muse-{name}", *forbid)
    _install_for_tests(session, name, {name: "test"}, CONSTRAINTS)
    elsewhere = SIMULATORS.values() if name == "envs" else ()
    skipped = (f"--ignore={folder(name) / 'tests' / tests}" for tests in elsewhere)
    _pytest(session, name, folder(name) / "tests", *skipped)


@nox.session
@nox.parametrize("name", [nox.param(name, id=name) for name in SIMULATORS])
def simulator(session: nox.Session, name: str) -> None:
    """Install muse-envs with one simulator alone, as a user would, and test what needs it."""
    own = ROOT / f"constraints-{name}.txt"
    constraints = own if own.exists() else CONSTRAINTS
    _install_for_tests(session, name, {"envs": f"{name},test"}, constraints)
    _pytest(session, name, folder("envs") / "tests" / SIMULATORS[name])


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, the directions of imports, versions and who owns which file."""
    session.install("-q", "-c", "constraints.txt", "ruff", "mypy", "import-linter", "numpy")
    paths = os.pathsep.join(str(folder(name) / "src") for name in NAMES)
    checks = (
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy", *(str(folder(name) / "src") for name in NAMES)),
        ("python", "tools/check_arrows.py"),
        ("python", "tools/check_packages.py"),
    )
    failed = []
    for check in checks:
        try:
            session.run(*check, env={"PYTHONPATH": paths})
        except CommandFailed:  # go on: one run shows all there is to mend
            failed.append(" ".join(check[:2]))
    if failed:
        session.error("failed: " + ", ".join(failed))


@nox.session
def quickstart(session: nox.Session) -> None:
    """Collect, train, evaluate and report on a small task; leaves quickstart_report/."""
    _build_and_install(session, EVERYTHING)
    arguments = session.posargs or ["--out", "quickstart_report"]
    session.run("python", "-m", "muse.trainers.quickstart", *arguments)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into build/site/, its reference pages from the code."""
    # TorchRL too: its adapter is documented, and needs it to be imported.
    _build_and_install(session, EVERYTHING | {"envs": "gym,pymunk,torchrl,video"})
    _pip(session, "mkdocs", "mkdocs-material")
    quiet = {"NO_MKDOCS_2_WARNING": "1", "SDL_VIDEODRIVER": "dummy"}
    session.run("mkdocs", "build", "--strict", *session.posargs, env=quiet)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure against the peers in one environment; writes benchmarks/RESULTS.md."""
    _build_and_install(session, BENCHED)
    _pip(session, "attr-dicts", "dotmap", "stable-baselines3", *ROBOMIMIC_NEEDS, *ROBOSUITE_NEEDS)
    # Their own requirements would bring torchvision, egl_probe, an opencv with a GUI, numpy 1.
    _pip(session, "--no-deps", "robomimic", "robosuite", "gym-pusht")
    environment = {"MUJOCO_GL": "osmesa", "SDL_VIDEODRIVER": "dummy", **_lerobot(session)}
    session.run("python", "tools/run_benches.py", *session.posargs, env=environment)


def _lerobot(session: nox.Session) -> dict[str, str]:
    """Make LeRobot an environment of its own and return what the benchmark must know of it.

    It asks for a torch below ours, and for a torchvision of which there is no CPU build everywhere:
    where a module that stands in for the missing parts is at hand, it is used.
    """
    python = ROOT / ".nox" / "lerobot" / "bin" / "python"
    if not python.exists():
        session.run("python", "-m", "venv", str(python.parents[1]))
        pip = (str(python), "-m", "pip", "install", "-q", "-c", str(CONSTRAINTS))
        session.run(*pip, "torch==2.13.0", *LEROBOT_NEEDS, external=True)
        session.run(*pip, "--no-deps", "lerobot", "torchvision", external=True)
    shim = DATA.parent / "tools" / "torchvision_cpu_shim.py"
    found = {"MUSE_BENCH_TORCHVISION_SHIM": str(shim)} if shim.exists() else {}
    return {"MUSE_BENCH_LEROBOT": str(python), **found}


def _build_and_install(session: nox.Session, extras: dict[str, str]) -> None:
    command = [sys.executable, "-m", "nox", "-f", str(ROOT / "noxfile.py"), "-s", "wheels"]
    session.run(*command, external=True, silent=True)
    _install(session, extras)


def _install(session: nox.Session, extras: dict[str, str], constraints: Path = CONSTRAINTS) -> None:
    """Install packages of this checkout, and what they declare; `extras` is package -> extras."""
    wanted = list(dict.fromkeys(n for name in extras for n in needed_by(name)))
    requirements = []
    for name in wanted:
        wheel = next(WHEELS.glob(f"muse_{name}-*.whl"))
        extra = f"[{extras[name]}]" if extras.get(name) else ""
        # A file, not a name: an index must not answer for a package of ours.
        requirements.append(f"muse-{name}{extra} @ {wheel.as_uri()}")
    # In a reused environment the wheels of before have the same version: pip would keep them.
    session.run("pip", "uninstall", "-q", "-y", *(f"muse-{name}" for name in NAMES), silent=True)
    _pip(session, *requirements, constraints=constraints)


def _install_for_tests(
    session: nox.Session, name: str, usual: dict[str, str], constraints: Path
) -> None:
    """Install the extras for the tests of `name`, and what they need beside them."""
    _install(session, TEST_EXTRAS.get(name, usual), constraints)
    needed, alone = BESIDE.get(name, ((), ()))
    if needed:
        _pip(session, *needed, constraints=constraints)
    if alone:
        _pip(session, "--no-deps", *alone, constraints=constraints)


def _pip(session: nox.Session, *arguments: str, constraints: Path = CONSTRAINTS) -> None:
    # What is imported is compiled then; compiling all of torch would take longer than unpacking it.
    session.install("-q", "--no-compile", "-c", str(constraints), *arguments)


def _pytest(session: nox.Session, name: str, *arguments: str | Path) -> None:
    environment = {
        "CI": "1",  # hypothesis then repeats the same examples and sets them no deadline
        "MUSE_TESTS_WHOLE": "1",  # a package that is not there is a failure, not a skip
        "MUSE_TEST_DATA": str(DATA),
        "MUJOCO_GL": "osmesa",
        "OMP_NUM_THREADS": "1",
        "SDL_VIDEODRIVER": "dummy",
    }
    cache = ROOT / ".nox" / f"pytest-{name}"
    command = ("python", "-m", "pytest", "-q", "-rs", "--durations=5", "-o", f"cache_dir={cache}")
    with session.chdir(ROOT):
        session.run(*command, *map(str, arguments), env=environment)
