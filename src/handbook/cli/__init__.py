"""The `handbook` command.

Each command stands in the module that its row in `COMMANDS` names and is imported only when it
is called, so that `handbook --help` answers at once.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from handbook import __version__
from handbook.errors import HandbookError

COMMANDS = {
    # name: (module, attribute, what --help says)
    "book": ("build", "book", "Build the book into _build/html."),
    "serve": ("build", "serve", "Show the built book in a browser, on this machine only."),
    "build": ("build", "internal", "Build an internal book on the figures of your own store."),
    "lab": ("notebooks", "lab", "Open the notebooks in JupyterLab."),
    "notebooks": ("notebooks", "notebooks", "Execute the notebooks in place, or check them."),
    "import": ("data", "import_", "Import exports of your channels into a store."),
    "formats": ("data", "formats", "List the exports that are known."),
    "template": ("data", "template", "Write an empty plain CSV to fill in."),
    "status": ("data", "status", "Say what a store holds and what is missing in it."),
    "undo": ("data", "undo", "Take one import back."),
    "channel": ("data", "channel", "Say which channel imported files belong to."),
    "forget": ("store", "forget", "Erase posts or channels for good, and keep them out."),
    "export": ("store", "export", "Write the tables as Parquet and CSV."),
    "register": ("register", "register", "Keep the register of channels, and say what is due."),
    "review": ("review", "review", "Print a month, or the year of a channel."),
    "policy": ("policy", "policy", "Check the rules, compare editions, make a new edition."),
    "checklist": ("checklist", "checklist", "Check the checklists, also one of your own."),
    "check": ("test", "check", "Lint, and check that everything generated is up to date."),
    "test": ("test", "test", "Run every test."),
    "clean": ("test", "clean", "Remove what was built."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[name]
        return getattr(import_module(f"handbook.cli.{module}"), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="handbook")
def handbook() -> None:
    """The Social Media Handbook: guidelines, checklists and channel figures in one book."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command; an error that the user can mend is printed, and the exit code is 2."""
    try:
        handbook.main(args=arguments, prog_name="handbook")
    except HandbookError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
