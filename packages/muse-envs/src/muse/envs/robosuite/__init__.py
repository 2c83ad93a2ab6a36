"""The tabletop manipulation tasks of robosuite.

Nothing here imports robosuite or MuJoCo at import time: specs, defaults and configs work without.
"""
