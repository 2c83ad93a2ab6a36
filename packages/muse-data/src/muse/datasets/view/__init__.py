"""Looking at episodes: one HTML page, or a Rerun recording."""
