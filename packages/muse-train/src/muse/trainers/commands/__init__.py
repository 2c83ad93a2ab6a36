"""The commands `muse train`, `muse eval` and `muse collect`."""
