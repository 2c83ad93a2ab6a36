"""The three-dimensional environments, simulated by pybullet without a window.

Nothing here imports pybullet at import time: specs, defaults and configs work without it.
"""
