"""What the sub-commands of `muse data` are made of: checks, selections, relabelling, pictures."""
