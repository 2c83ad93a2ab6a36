"""`muse envs` and its sub-commands."""
