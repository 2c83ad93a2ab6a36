"""Makes `tests/helpers` importable, in worker processes too (they inherit `sys.path`)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "helpers"))
