"""The Franka, kitchen and hand suites of RoboHive, simulated by MuJoCo.

Nothing here imports RoboHive at import time: specs, defaults and configs work without it.
"""
