"""The same as `muse interactive-collect`; kept because documents and habits name this file."""

import sys

from muse.cli.main import main

sys.exit(main(["interactive-collect", *sys.argv[1:]]))
