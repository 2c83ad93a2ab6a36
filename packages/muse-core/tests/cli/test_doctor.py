"""`muse doctor` and the probes behind it."""

from __future__ import annotations

import json

import pytest

from muse.cli import findings, probes
from muse.cli.findings import DISTRIBUTIONS, Finding
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


def test_versions_that_disagree_are_broken() -> None:
    found = findings._packages({"muse-core": "0.1.0", "muse-data": "0.0.9"})
    by_name = {finding.name: finding for finding in found}
    assert by_name["muse-data"].state == "broken"
    assert by_name["muse-data"].remedy == "pip install 'muse-data==0.1.0'"
    assert by_name["muse-envs"].state == "missing"


def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--timeout", "soon"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
