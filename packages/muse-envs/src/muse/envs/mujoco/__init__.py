"""What every environment simulated by MuJoCo shares: pictures and saved states.

Nothing here imports MuJoCo at import time: specs, defaults and configs work without it.
"""
