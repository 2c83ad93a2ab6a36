"""The same as `muse train`; kept because documents and habits name this file."""

import sys

from muse.cli.main import main

sys.exit(main(["train", *sys.argv[1:]]))
