"""Declarations of layers and networks, without torch; see `muse.utils.param_utils`."""
