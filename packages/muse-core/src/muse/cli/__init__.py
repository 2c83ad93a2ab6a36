"""The `muse` command and what commands show on a terminal."""
