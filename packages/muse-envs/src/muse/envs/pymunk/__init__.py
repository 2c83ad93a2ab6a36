"""The two-dimensional environments, simulated by pymunk and drawn by pygame.

Nothing here imports either at import time: specs, defaults and configs work without the simulator.
"""
