"""What every sensor does: open, read, reset, close."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, ClassVar, TypeVar

from muse.core.attrdict import AttrDict
from muse.core.errors import EnvError
from muse.core.params import Configurable, Param

SelfSensor = TypeVar("SelfSensor", bound="Sensor")


class Sensor(Configurable):
    """A device, or the simulation of one, that is read for its latest state.

    Making one touches no device; `open` does. A subclass writes `_open`, `_read`, `_close` and,
    where a reset means something, `_reset`.
    """

    declared_params: ClassVar[tuple[Param, ...]] = ()

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        self.params = self.resolve_params(params)
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether it can be read."""
        return self._is_open

    def open(self: SelfSensor) -> SelfSensor:
        """Take the device; opening again does nothing. Returns the sensor itself.

        Raises:
            EnvError: when the device is not there or busy.
        """
        if not self._is_open:
            self._open()
            self._is_open = True
        return self

    def read_state(self) -> AttrDict:
        """Return the latest state: arrays of its names, and `timestamp`.

        `timestamp` is a float, the `time.monotonic` second at which the state was taken, not read:
        how old a state is, is for the caller to judge.

        Raises:
            EnvError: when it is closed or the device gives nothing.
        """
        if not self._is_open:
            raise EnvError(f"{type(self).__name__} is closed; call open() first")
        return self._read()

    def reset(self) -> None:
        """Forget what was measured before, as at the start of an episode."""
        if not self._is_open:
            raise EnvError(f"{type(self).__name__} is closed; call open() first")
        self._reset()

    def close(self) -> None:
        """Give the device back; closing again does nothing."""
        if self._is_open:
            self._is_open = False
            self._close()

    def _open(self) -> None:
        """Take the device."""

    def _read(self) -> AttrDict:
        raise NotImplementedError(f"{type(self).__name__} must define _read()")

    def _reset(self) -> None:
        """Forget what was measured before."""

    def _close(self) -> None:
        """Give the device back."""

    def __enter__(self: SelfSensor) -> SelfSensor:
        return self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
