"""Labels made after recording: clicks, modes, and the actions that follow from them."""
