"""What `muse data` can do."""
