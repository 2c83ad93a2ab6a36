"""Episodes as a recording for the Rerun viewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.core.errors import MissingExtraError
from muse.datasets.formats.source import Column, EpisodeSource
from muse.datasets.tools.column_check import flat_size
from muse.experiments.atomic import atomic_path

_QUALITY = 80


def write_recording(
    source: EpisodeSource,
    episodes: Sequence[int],
    path: Path,
    advance: Callable[[], None] = lambda: None,
) -> None:
    """Write one recording (.rrd) with the entities `episode_3/action`, ….

    Timelines are `step`, and `time` in seconds where the source knows its `fps`; every episode
    begins at 0. Numbers become scalars, a series for each dimension; pictures become JPEG.

    Raises:
        MissingExtraError: rerun is not installed.
        MuseError: the file cannot be written.
    """
    try:
        import rerun as rr
    except ImportError as error:
        raise MissingExtraError("a Rerun recording", "muse-data", "rerun") from error
    columns = [c for c in source.columns() if c.per == "step" and c.dtype.kind in "fiub"]
    with atomic_path(path) as temporary:
        recording = rr.RecordingStream(f"muse_{source.path.stem}")
        recording.save(str(temporary))
        for episode in episodes:
            times = _times(rr, int(source.lengths[episode]), source.info.get("fps"))
            for column in columns:
                entity = f"episode_{episode}/{column.name}"
                log = _log_pictures if column.is_image else _log_numbers
                log(rr, recording, entity, times, column, source.read(column.name, episode))
            advance()
        recording.flush()
        recording.disconnect()


def _times(rr: Any, length: int, fps: Any) -> list[Any]:
    steps = np.arange(length)
    times = [rr.TimeColumn("step", sequence=steps)]
    if isinstance(fps, (int, float)) and fps > 0:
        times.append(rr.TimeColumn("time", duration=steps / fps))
    return times


def _log_numbers(
    rr: Any, recording: Any, entity: str, times: list[Any], column: Column, values: NDArray[Any]
) -> None:
    flat = values.reshape(len(values), flat_size(column)).astype(np.float64)
    recording.send_columns(entity, indexes=times, columns=rr.Scalars.columns(scalars=flat))


def _log_pictures(
    rr: Any, recording: Any, entity: str, times: list[Any], column: Column, values: NDArray[Any]
) -> None:
    model = "RGB" if column.shape[2] == 3 else "L"
    pictures = [
        rr.Image(frame if model == "RGB" else frame[..., 0], color_model=model).compress(_QUALITY)
        for frame in values
    ]
    blobs = [bytes(picture.blob.as_arrow_array()[0].as_py()) for picture in pictures]
    columns = rr.EncodedImage.columns(blob=blobs, media_type=["image/jpeg"] * len(blobs))
    recording.send_columns(entity, indexes=times, columns=columns)
