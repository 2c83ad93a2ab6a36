"""The same as `muse collect`; kept because documents and habits name this file."""

import sys

from muse.cli.main import main

sys.exit(main(["collect", *sys.argv[1:]]))
