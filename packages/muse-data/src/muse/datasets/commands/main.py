"""`muse data`: import, look at and check data sets."""

from __future__ import annotations

import argparse

from muse.core.errors import UsageError

_PROGRAM = "muse data"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(f"{self.prog}: {message}; see {self.prog} --help")


def main(argv: list[str]) -> int:
    """Import demonstrations and look at data sets."""
    arguments = _parser().parse_args(argv)
    if arguments.command == "import":
        from muse.datasets.commands.import_data import import_data

        return import_data(
            arguments.source,
            arguments.to,
            arguments.format,
            dry_run=arguments.dry_run,
            overwrite=arguments.overwrite,
        )
    from muse.datasets.commands.info import show_info

    return show_info(arguments.file)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=_PROGRAM, description=main.__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=_Parser
    )
    importing = commands.add_parser(
        "import",
        help="turn demonstrations of another format into a Muse .npz",
        description="Turn demonstrations of another format into a Muse .npz.",
        epilog="formats: pusht_zarr (human Push-T episodes, Zarr), npz (arrays with a row a step)",
    )
    importing.add_argument("source", help="file or folder to read")
    importing.add_argument("--to", metavar="OUT.npz", help="file to write (data/<place>/human.npz)")
    importing.add_argument("--format", default="auto", help="format of the source (auto)")
    importing.add_argument("--dry-run", action="store_true", help="show the plan, write nothing")
    importing.add_argument("--overwrite", action="store_true", help="replace OUT.npz if it exists")
    info = commands.add_parser(
        "info",
        help="show episodes, lengths, keys and ranges of a .npz",
        description="Show episodes, lengths, keys and ranges of a .npz.",
    )
    info.add_argument("file", help="the data set, as given or below data/")
    return parser
