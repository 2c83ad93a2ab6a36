"""Imports every module of one installed Muse distribution.

Run in an environment that holds the distribution without extras:

    python tools/import_all.py muse-core [--forbid torch]

A module may fail to import only because a dependency is missing that one of the distribution's
extras declares. With --forbid, that module must not be installed at all, and so cannot have been
pulled in.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import re
import sys
from importlib.metadata import distribution

# Where the import name is not the distribution's.
IMPORT_NAMES = {"pillow": "PIL", "imageio-ffmpeg": "imageio_ffmpeg"}


def main() -> int:
    """Import the modules; print what failed and return 1 if something must not have."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="the distribution")
    parser.add_argument("--forbid", action="append", default=[], help="must not be installed")
    args = parser.parse_args()
    optional = _optional_modules(args.name)
    imported, waiting, failed = 0, [], []
    for module in _modules(args.name):
        try:
            importlib.import_module(module)
            imported += 1
        except ImportError as error:
            missing = _missing(error)
            if missing in optional:
                waiting.append(f"{module} (needs {missing})")
            else:
                failed.append(f"{module}: {type(error).__name__}: {error}")
        except Exception as error:
            failed.append(f"{module}: {type(error).__name__}: {error}")
    for name in args.forbid:
        if name in sys.modules or importlib.util.find_spec(name) is not None:
            failed.append(f"{name} is installed beside {args.name}, which must do without it")
    more = f", {len(waiting)} need an extra: {', '.join(waiting)}" if waiting else ""
    print(f"{args.name} alone: {imported} modules imported{more}")
    for line in failed:
        print(f"FAILED {line}", file=sys.stderr)
    return 1 if failed or not imported else 0


def _modules(name: str) -> list[str]:
    found = set()
    for file in distribution(name).files or []:
        parts = file.parts
        if parts[0] != "muse" or file.suffix != ".py" or parts[-1] == "__main__.py":
            continue
        dotted = ".".join([*parts[:-1], file.stem])
        found.add(dotted.removesuffix(".__init__"))
    return sorted(found)


def _optional_modules(name: str) -> set[str]:
    """Return the top-level modules that the extras of the distribution bring."""
    modules = set()
    for line in distribution(name).requires or []:
        match = re.match(r"[A-Za-z0-9._-]+", line)
        if match and "extra ==" in line:
            required = match.group(0).lower()
            modules.add(IMPORT_NAMES.get(required, required.replace("-", "_")))
    return modules


def _missing(error: BaseException) -> str:
    """Return the top-level module whose absence is at the bottom of `error`."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ModuleNotFoundError) and cause.name:
            return cause.name.partition(".")[0]
        cause = cause.__cause__ or cause.__context__
    return ""


if __name__ == "__main__":
    sys.exit(main())
