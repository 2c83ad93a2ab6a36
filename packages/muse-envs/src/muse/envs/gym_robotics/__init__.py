"""The kitchen, the ant in its mazes and the Adroit hand, simulated by gymnasium-robotics.

Nothing here imports a simulator at import time: specs, defaults and configs work without it.
"""
