"""The labeller, on SDL's real event queue without a display."""

from __future__ import annotations

import numpy as np
import pytest

from muse.core.errors import DataError, UsageError
from muse.datasets.formats.catalogue import open_source
from muse.datasets.formats.npz_reader import NpzReader
from muse.datasets.tools.relabel.click_labels import ClickLabels
from muse.datasets.tools.relabel.label_window import LabelWindow

pygame = pytest.importorskip("pygame", reason="the labeller needs the extra label")


@pytest.fixture
def source(make_data, write, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    with open_source(write(make_data([6, 5, 4]))) as source:
        yield source


def press(*keys):
    """Put key presses into the queue, which exists from the moment the display does."""
    pygame.display.init()
    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))


def run(source, labels, first, *keys):
    press(*keys)
    LabelWindow(source, "image", labels).run(first)


def text(flags):
    return "".join("1" if f else "0" for f in flags)


def test_keys_mark_move_and_finish(source, tmp_path):
    labels = ClickLabels(source, "click_state", tmp_path / "labels.npz")
    k = pygame
    run(
        source, labels, 0,
        k.K_m, k.K_n, k.K_n, k.K_f, k.K_RIGHTBRACKET, k.K_m, k.K_n, k.K_n, k.K_n, k.K_f,
        k.K_LEFTBRACKET, k.K_p, k.K_f, k.K_p, k.K_LEFTBRACKET, k.K_BACKSPACE, k.K_q,
        k.K_n, k.K_m, k.K_ESCAPE,
    )  # fmt: skip
    assert text(labels.of(0)) == "000011"
    assert text(labels.of(1)) == "01000"
    assert labels.is_labelled(0) and not labels.is_labelled(1)
    again = ClickLabels(source, "click_state", tmp_path / "labels.npz")
    assert text(again.of(1)) == "01000" and again.first_open() == 1 and again.count == 1


def test_labelling_goes_on_where_it_stopped(source, tmp_path):
    path = tmp_path / "labels.npz"
    run(
        source, ClickLabels(source, "click_state", path), 0, pygame.K_m, pygame.K_q, pygame.K_ESCAPE
    )
    labels = ClickLabels(source, "click_state", path)
    run(
        source,
        labels,
        labels.first_open(),
        pygame.K_f,
        pygame.K_q,
        pygame.K_n,
        pygame.K_m,
        pygame.K_q,
    )
    assert labels.count == 3
    view = labels.applied(source)
    assert [text(view.read("click_state", i)[:, 0]) for i in range(3)] == [
        "100000",
        "10000",
        "0100",
    ]
    assert view.read("click_state", 0).dtype == np.uint8


def test_labels_are_saved_while_they_are_made(source, tmp_path):
    path = tmp_path / "labels.npz"
    seen = []

    class Watched(ClickLabels):
        def save(self):
            super().save()
            with NpzReader(path) as reader:
                seen.append(int(reader.read("clicks").sum()))

    keys = [pygame.K_f, pygame.K_n] * 5 + [pygame.K_f] * 16
    run(source, Watched(source, "click_state", path), 0, *keys, pygame.K_ESCAPE)
    assert len(seen) == 2  # once after twenty changes, once at the end


def test_the_window_closing_ends_it_and_shows_the_frame(source, tmp_path):
    labels = ClickLabels(source, "click_state", tmp_path / "labels.npz")
    pygame.display.init()
    window = LabelWindow(source, "image", labels, flip=True)
    shown = []
    draw = window._draw
    window._draw = lambda: (draw(), shown.append(pygame.surfarray.array3d(window._screen)))
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    window.run(1)
    top_left = source.read("image", 1)[0][-1, 0]  # upside down
    assert shown[0][2, 2].tolist() == top_left.tolist()


def test_old_labels_in_the_data_are_the_start(make_data, write, tmp_path):
    data = make_data([3, 3])
    data["click_state"] = np.array([0, 1, 0, 0, 0, 0], np.uint8)[:, None]
    with open_source(write(data)) as source:
        labels = ClickLabels(source, "click_state", tmp_path / "labels.npz")
        assert text(labels.of(0)) == "010" and labels.first_open() == 1


def test_labels_of_other_data_are_refused(source, make_data, write, tmp_path):
    path = tmp_path / "labels.npz"
    ClickLabels(source, "click_state", path).save()
    with (
        open_source(write(make_data([2, 2]), "other.npz")) as other,
        pytest.raises(DataError, match="made for other data"),
    ):
        ClickLabels(other, "click_state", path)
    np.savez(path, x=np.zeros(3))
    with pytest.raises(DataError, match="holds no click labels"):
        ClickLabels(source, "click_state", path)


def test_without_a_display_it_says_so(source, tmp_path, monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    pygame.display.quit()
    labels = ClickLabels(source, "click_state", tmp_path / "labels.npz")
    with pytest.raises(UsageError, match="cannot open a window.*where there is a display"):
        LabelWindow(source, "image", labels).run(0)
