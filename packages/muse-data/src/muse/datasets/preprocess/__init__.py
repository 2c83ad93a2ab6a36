"""Changes made to episodes once, when they are loaded."""
