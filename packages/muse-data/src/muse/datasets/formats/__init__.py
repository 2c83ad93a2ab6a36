"""File formats: Muse `.npz` in and out, and importers for other people's data."""
