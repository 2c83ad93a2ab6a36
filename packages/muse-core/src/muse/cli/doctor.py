"""`muse doctor`: what is installed, what of it works, and what to do about the rest."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict

from muse.cli import console
from muse.cli.finding import Finding
from muse.cli.findings import examine
from muse.cli.parser import CommandParser

_STYLES = {"ok": "green", "missing": "yellow", "broken": "bold red", "note": "cyan"}


def main(argv: Sequence[str]) -> int:
    """Tell what is installed, what works, and what to do about what does not.

    Status 0 when nothing is broken (an extra that is not installed is not broken), else 1.
    """
    parser = CommandParser(prog="muse doctor", description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    parser.add_argument(
        "--timeout", type=float, default=60.0, help="seconds one try may take (default 60)"
    )
    args = parser.parse_args(argv)
    findings = examine(args.timeout)
    healthy = all(finding.state != "broken" for finding in findings)
    if args.json:
        report = {
            "python": platform.python_version(),
            "platform": platform.platform(),
            "healthy": healthy,
            "findings": [asdict(finding) for finding in findings],
        }
        print(json.dumps(report, indent=2))
    else:
        _show(findings, healthy)
    return 0 if healthy else 1


def _show(findings: Sequence[Finding], healthy: bool) -> None:
    print(f"Python {platform.python_version()} at {sys.executable}")
    for area in dict.fromkeys(finding.area for finding in findings):
        rows = [
            (f.state, f.name, f.detail, "" if f.state == "ok" else f.remedy)
            for f in findings
            if f.area == area
        ]
        print()
        console.table(area, ("state", "what", "found", "what to do"), rows, styles=_STYLES)
    print()
    print("Nothing is broken." if healthy else "Something is broken: see what to do above.")
