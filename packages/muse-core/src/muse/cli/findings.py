"""What `muse doctor` looks at."""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import distribution

from muse.cli.drawing import display, library_remedy, plane_drawing, space_drawing
from muse.cli.finding import Finding
from muse.cli.probes import CUDA_PROBE, EXTRA_PROBES, run_probe
from muse.core.extras import installed_version, lacking
from muse.experiments.atomic import free_bytes
from muse.experiments.file_manager import default_base_dir

DISTRIBUTIONS = ("muse-core", "muse-data", "muse-envs", "muse-models", "muse-train", "muse-robot")
_LOW_DISK = 2 * 2**30  # bytes; a training run with checkpoints and videos takes about this


#: Extras that hold versions others cannot use, and who these are.
APART = {
    ("muse-envs", "robosuite"): (
        "holds numpy below 2, for robosuite's mink",
        "muse-envs[robohive], muse-data[rerun] or Minari, which need numpy 2",
    ),
}


def examine(seconds: float = 60.0) -> list[Finding]:
    """Look at everything; probes run side by side, each for at most `seconds`."""
    installed = {name: found for name in DISTRIBUTIONS if (found := installed_version(name))}
    jobs: list[Callable[[], Finding]] = [
        partial(_extra, package, extra, program, seconds)
        for (package, extra), program in EXTRA_PROBES.items()
        if package in installed
    ]
    jobs += [partial(_unprobed_extra, *both) for both in _other_extras(installed)]
    jobs += [partial(look, seconds) for look in (plane_drawing, display, space_drawing, _gpu)]
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        tried = list(pool.map(lambda job: job(), jobs))
    return [*_packages(installed), *tried, *_apart(installed), *_machine()]


def _packages(installed: dict[str, str]) -> list[Finding]:
    core = installed.get("muse-core")
    found = []
    for name in DISTRIBUTIONS:
        have = installed.get(name)
        if have is None:
            found.append(
                Finding("packages", name, "missing", "not installed", f"pip install {name}")
            )
        elif have != core:
            detail = f"{have}, but muse-core is {core}"
            found.append(
                Finding("packages", name, "broken", detail, f"pip install '{name}=={core}'")
            )
        else:
            found.append(Finding("packages", name, "ok", have))
    return found


def _extra(package: str, extra: str, program: str, seconds: float) -> Finding:
    result = run_probe(program, seconds)
    name = f"{package}[{extra}]" if extra else f"what {package} needs"
    target = f"'{package}[{extra}]'" if extra else package
    state = "broken" if result.state == "missing" and not extra else result.state
    detail = result.detail
    if state == "missing" and not result.remedy:
        names = lacking(package, extra) if installed_version(package) else []
        detail = f"not installed: {', '.join(names)}" if names else "not installed"
    force = "--force-reinstall " if state == "broken" else ""
    remedy = result.remedy or library_remedy(detail) or f"pip install {force}{target}"
    return Finding("extras", name, state, detail, remedy)


def _other_extras(installed: dict[str, str]) -> list[tuple[str, str]]:
    """Return the extras that installed packages declare and no probe knows."""
    return [
        (package, extra)
        for package in installed
        for extra in distribution(package).metadata.get_all("Provides-Extra") or []
        if (package, extra) not in EXTRA_PROBES and extra != "test"
    ]


def _unprobed_extra(package: str, extra: str) -> Finding:
    absent = lacking(package, extra)
    name = f"{package}[{extra}]"
    if absent:
        text = "not installed: " + ", ".join(absent)
        return Finding("extras", name, "missing", text, f"pip install '{name}'")
    return Finding("extras", name, "ok", "installed (not tried)")


def _apart(installed: dict[str, str]) -> list[Finding]:
    """Say which extras want an environment of their own."""
    remedy = "give it one of its own: python -m venv …"
    return [
        Finding(
            "extras",
            f"{package}[{extra}] apart",
            "note",
            f"{holds}: no environment with {others}",
            remedy,
        )
        for (package, extra), (holds, others) in APART.items()
        if package in installed
    ]


def _gpu(seconds: float) -> Finding:
    cards = _nvidia_cards()
    if importlib.util.find_spec("torch") is None:
        text = ", ".join(cards) or "none found"
        return Finding("machine", "GPU", "note", f"{text} (torch is not installed)")
    result = run_probe(CUDA_PROBE, seconds)
    if result.state == "ok":
        return Finding("machine", "GPU", "ok", result.detail)
    if cards:
        detail = f"{', '.join(cards)}, but {result.detail}"
        remedy = "install a CUDA build of torch that fits the driver"
        return Finding("machine", "GPU", "broken", detail, remedy)
    return Finding("machine", "GPU", "note", "none found", "none needed: models run on the CPU")


def _nvidia_cards() -> list[str]:
    try:
        done = subprocess.run(
            ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line.strip() for line in done.stdout.splitlines()] if done.returncode == 0 else []


def _machine() -> list[Finding]:
    cores = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    return [Finding("machine", "CPU", "note", cores), _disk()]


def _disk() -> Finding:
    base = default_base_dir()
    free = free_bytes(base)
    detail = f"{free / 2**30:.1f} GiB free for {base}"
    remedy = "free some space or set MUSE_DIR to a folder on another disk"
    if not os.access(base, os.W_OK):
        detail, remedy = f"{base} cannot be written", "set MUSE_DIR to a folder of yours"
        return Finding("machine", "disk", "broken", detail, remedy)
    return Finding("machine", "disk", "broken" if free < _LOW_DISK else "ok", detail, remedy)
