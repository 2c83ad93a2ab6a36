"""What `muse doctor` finds out about pictures: SDL, a display, EGL and OSMesa."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import re

from muse.cli.finding import Finding
from muse.cli.probes import DISPLAY_PROBE, DRAW_PROBE, mujoco_probe, run_probe

#: What MuJoCo can draw with, without a display: backend -> (library, Debian package).
_BACKENDS = {"egl": ("EGL", "libegl1"), "osmesa": ("OSMesa", "libosmesa6")}
#: A shared library as the loader names it -> the Debian package that has it.
_PACKAGES = {
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libGLX": "libgl1",
    "libOSMesa": "libosmesa6",
    "libSDL2": "libsdl2-2.0-0",
    "libglib": "libglib2.0-0",
    "libgthread": "libglib2.0-0",
}


def plane_drawing(seconds: float) -> Finding:
    """Draw with pygame, in memory."""
    result = run_probe(DRAW_PROBE, seconds)
    detail = "pygame is not installed" if result.state == "missing" else result.detail
    remedy = library_remedy(detail) or "pip install 'muse-envs[display]'"
    return Finding("machine", "2-D drawing", result.state, detail, remedy)


def display(seconds: float) -> Finding:
    """Look for a display on which a window can open."""
    result = run_probe(DISPLAY_PROBE, seconds)
    if result.state == "ok":
        return Finding("machine", "display", "ok", result.detail)
    detail = "none found" if result.state == "broken" else "not tried: pygame is not installed"
    remedy = "none needed, except for render=True, muse envs play and muse data relabel"
    return Finding("machine", "display", "note", detail, remedy)


def space_drawing(seconds: float) -> Finding:
    """Draw a tiny scene with MuJoCo: by what MUJOCO_GL names, or by all that needs no display."""
    wanted = os.environ.get("MUJOCO_GL", "").lower()
    has_mujoco = importlib.util.find_spec("mujoco") is not None
    tried = [_try(backend, has_mujoco, seconds) for backend in ([wanted] if wanted else _BACKENDS)]
    works = any(good for good, _, _ in tried)
    state = "ok" if works else "broken" if has_mujoco else "missing"
    detail = "; ".join(text for _, text, _ in tried)
    remedies = dict.fromkeys(remedy for _, _, remedy in tried if remedy)
    needed = "" if has_mujoco else " (only MuJoCo simulators need them)"
    return Finding("machine", "3-D rendering", state, detail, ", or ".join(remedies) + needed)


def _try(backend: str, has_mujoco: bool, seconds: float) -> tuple[bool, str, str]:
    """Return whether the backend works, what was found, and what to do."""
    library, package = _BACKENDS.get(backend, (backend, ""))
    if package and ctypes.util.find_library(library) is None:
        return False, f"the library {library} is missing", f"apt-get install {package}"
    if not has_mujoco:
        return bool(package), f"{library} found, not tried: MuJoCo is not installed", ""
    result = run_probe(mujoco_probe(backend), seconds)
    if result.state == "ok":
        return True, f"{result.detail} by {library}", ""
    others = " or ".join(f"MUJOCO_GL={name}" for name in _BACKENDS if name != backend)
    remedy = library_remedy(result.detail) or f"apt-get install libgl1 {package}".strip()
    return False, f"{library} fails: {result.detail}", f"{remedy}, or {others}"


def library_remedy(detail: str) -> str:
    """Return how to install the shared library that an error says is missing; "" for others."""
    found = re.search(r"(lib[A-Za-z]+[0-9]*)[\w.-]*\.so[.\d]*: cannot open shared object", detail)
    if found is None:
        return ""
    package = _PACKAGES.get(found.group(1)) or _PACKAGES.get(found.group(1).rstrip("0123456789"))
    name = found.group(0).partition(":")[0]
    return f"apt-get install {package or 'the package that has ' + name}"
