"""`muse data relabel clicks` and `recover` from the command line."""

from __future__ import annotations

import pytest

from muse.core.errors import UsageError
from muse.datasets.commands.main import main
from muse.datasets.formats.catalogue import open_source


def test_labels_become_a_column_when_all_is_labelled(make_data, write, tmp_path, monkeypatch):
    pygame = pytest.importorskip("pygame", reason="the labeller needs the extra label")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "clicked.npz"
    argv = ["relabel", "clicks", write(make_data([4, 3])), "--image-key", "image", "--to", str(out)]

    def press(*keys):
        pygame.display.init()
        for key in keys:
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))

    press(pygame.K_m, pygame.K_q, pygame.K_ESCAPE)
    assert main(argv) == 0
    assert not out.exists() and (tmp_path / "data.clicks.npz").exists()
    press(pygame.K_n, pygame.K_m, pygame.K_q)  # goes on with the second episode
    assert main(argv) == 0
    with open_source(out) as source:
        clicks = [source.read("click_state", i)[:, 0].tolist() for i in (0, 1)]
    assert clicks == [[1, 0, 0, 0], [0, 1, 0]]


def test_wrong_usage_is_explained(make_data, write, tmp_path):
    path, out = write(make_data([4])), str(tmp_path / "o.npz")
    with pytest.raises(UsageError, match="Did you mean 'image'"):
        main(["relabel", "clicks", path, "--image-key", "imgae", "--to", out])
    with pytest.raises(UsageError, match="there are 1 episodes"):
        main(["relabel", "clicks", path, "--image-key", "image", "--start-ep", "3", "--to", out])


def test_recover_is_a_command(make_data, write, tmp_path, capsys):
    store = str(tmp_path / "store")
    assert main(["split", write(make_data([4, 3])), "a=1", "b=1", "--to", store]) == 0
    assert main(["recover", store]) == 0
    assert "nothing to recover" in capsys.readouterr().err
