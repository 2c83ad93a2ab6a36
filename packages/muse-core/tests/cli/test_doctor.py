"""`muse doctor` and the probes behind it."""

from __future__ import annotations

import json

import pytest

from muse.cli import drawing, findings, probes
from muse.cli.finding import Finding
from muse.cli.findings import DISTRIBUTIONS
from muse.cli.main import main
from muse.cli.probes import run_probe


def test_json_tells_all_six_packages(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out)
    found = {f["name"]: f for f in report["findings"]}
    assert set(DISTRIBUTIONS) <= set(found)
    assert found["muse-core"]["state"] == "ok"
    assert {"GPU", "disk", "CPU", "3-D rendering", "2-D drawing"} <= set(found)
    assert report["healthy"] == (status == 0)
    for finding in report["findings"]:
        if finding["state"] in ("missing", "broken"):
            assert finding["remedy"]
            assert "\n" not in finding["remedy"]


def test_the_page_is_readable_without_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = [
        Finding("packages", "muse-core", "ok", "0.1.0"),
        Finding("extras", "muse-envs[pymunk]", "broken", "crashed with SIGSEGV", "pip install x"),
    ]
    monkeypatch.setattr("muse.cli.doctor.examine", lambda seconds: answer)
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "muse-envs[pymunk]" in shown
    assert "pip install x" in shown
    assert "\x1b" not in shown


def test_a_probe_that_works() -> None:
    assert run_probe("print('one'); print('two')", 30) == probes.ProbeResult("ok", "two")


def test_a_probe_that_crashes_does_not_take_us_along() -> None:
    result = run_probe("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", 30)
    assert result == probes.ProbeResult("broken", "crashed with SIGSEGV")


def test_a_probe_that_hangs_is_stopped() -> None:
    assert run_probe("import time; time.sleep(60)", 0.5).detail == "no answer within 0.5 s"


def test_missing_and_broken_are_told_apart() -> None:
    assert run_probe("import muse_no_such_module", 30).state == "missing"
    result = run_probe("raise RuntimeError('driver too old')", 30)
    assert (result.state, result.detail) == ("broken", "RuntimeError: driver too old")


def test_what_a_package_needs_is_broken_when_missing_but_an_extra_is_not() -> None:
    program = "import muse_no_such_module"
    extra = findings._extra("muse-envs", "gym", program, 30)
    base = findings._extra("muse-data", "", program, 30)
    assert (extra.state, extra.remedy) == ("missing", "pip install 'muse-envs[gym]'")
    assert base.state == "broken"
    assert base.remedy == "pip install --force-reinstall muse-data"


def test_a_probe_says_itself_what_is_not_there_and_what_to_run() -> None:
    program = (
        "print('RoboHiveEnv: the folder scene_sim is not in x. Run: git clone y')\n"
        "raise SystemExit(4)"
    )
    found = findings._extra("muse-envs", "robohive", program, 30)
    assert found.state == "missing"
    assert found.detail == "RoboHiveEnv: the folder scene_sim is not in x"
    assert found.remedy == "git clone y"


def test_a_wrong_version_is_broken_and_says_what_to_run() -> None:
    program = "raise RuntimeError('RoboHive is 0.6.0, expected 0.7.0; run: pip install z')"
    found = findings._extra("muse-envs", "robohive", program, 30)
    assert (found.state, found.remedy) == ("broken", "pip install z")
    assert found.detail == "RuntimeError: RoboHive is 0.6.0, expected 0.7.0"


def test_versions_that_disagree_are_broken() -> None:
    found = findings._packages({"muse-core": "0.1.0", "muse-data": "0.0.9"})
    by_name = {finding.name: finding for finding in found}
    assert by_name["muse-data"].state == "broken"
    assert by_name["muse-data"].remedy == "pip install 'muse-data==0.1.0'"
    assert by_name["muse-envs"].state == "missing"


def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--timeout", "soon"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("detail", "remedy"),
    [
        (
            "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
            "apt-get install libgl1",
        ),
        (
            "ImportError: libSDL2-2.0.so.0: cannot open shared object file: No such file",
            "apt-get install libsdl2-2.0-0",
        ),
        (
            "ImportError: libglib-2.0.so.0: cannot open shared object file: No such file",
            "apt-get install libglib2.0-0",
        ),
        (
            "ImportError: libodd.so.3: cannot open shared object file: No such file",
            "apt-get install the package that has libodd.so.3",
        ),
        ("RuntimeError: driver too old", ""),
    ],
)
def test_a_missing_shared_library_is_named_with_its_package(detail: str, remedy: str) -> None:
    assert drawing.library_remedy(detail) == remedy


def test_an_extra_that_lacks_a_shared_library_is_not_to_be_installed_anew() -> None:
    program = "raise ImportError('libGL.so.1: cannot open shared object file: No such file')"
    found = findings._extra("muse-envs", "robosuite", program, 30)
    assert (found.state, found.remedy) == ("broken", "apt-get install libgl1")


def test_missing_opengl_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    monkeypatch.setattr(drawing.ctypes.util, "find_library", lambda name: None)
    found = drawing.space_drawing(30)
    assert found.state in ("missing", "broken")
    assert "library EGL is missing" in found.detail
    assert "library OSMesa is missing" in found.detail
    assert "libegl1" in found.remedy and "libosmesa6" in found.remedy


def test_only_the_chosen_backend_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    monkeypatch.setattr(drawing.ctypes.util, "find_library", lambda name: None)
    assert "EGL" not in drawing.space_drawing(30).detail


def test_no_display_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert drawing.display(30).state == "note"


def test_extras_that_want_an_environment_of_their_own_are_named() -> None:
    (found,) = findings._apart({"muse-envs": "0.1.0"})
    assert "muse-envs[robosuite]" in found.name
    assert "numpy" in found.detail
    assert findings._apart({"muse-data": "0.1.0"}) == []
