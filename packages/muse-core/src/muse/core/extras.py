"""Which optional dependencies are installed, read from the metadata alone."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution, version


def lacking(package: str, extra: str) -> list[str]:
    """Return the distributions that `package[extra]` needs and that are not installed.

    Args:
        package: an installed distribution ("muse-envs").
        extra: one of its extras ("pymunk"); one it does not have is lacking itself.
    """
    metadata = distribution(package)
    if extra not in (metadata.metadata.get_all("Provides-Extra") or []):
        return [f"{package}[{extra}]"]
    wanted = [
        match.group(0)
        for line in metadata.requires or []
        if re.search(rf"extra == ['\"]{re.escape(extra)}['\"]", line)
        and (match := re.match(r"[A-Za-z0-9._-]+", line))
    ]
    return [name for name in wanted if installed_version(name) is None]


def installed_version(name: str) -> str | None:
    """Return the version of an installed distribution, None when it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
