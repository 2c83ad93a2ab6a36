"""Names of the signals that end processes."""

from __future__ import annotations

import signal


def signal_name(number: int) -> str:
    """Return the name of a signal, such as SIGSEGV; "signal 99" for one the system lacks."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
