"""The command line: one module for each command."""

from __future__ import annotations

import sys

import click

from onrecord import __version__
from onrecord.cli.archive import backup, dump, restore
from onrecord.cli.check import check
from onrecord.cli.explain import explain_command
from onrecord.cli.fmt import fmt
from onrecord.cli.load import load_command
from onrecord.cli.new import new
from onrecord.cli.queries import queries
from onrecord.cli.query import query
from onrecord.cli.reload import reload
from onrecord.cli.serve import serve
from onrecord.cli.span import span
from onrecord.cli.token import token
from onrecord.cli.wikidata import wikidata
from onrecord.errors import OnrecordError, QuerySyntaxError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="onrecord")
def cli() -> None:
    """A knowledge graph of who said what, served from a folder."""


_COMMANDS: tuple[click.Command, ...] = (
    *(serve, reload, query, queries, explain_command, token),
    *(check, fmt, new, span, wikidata),
    *(load_command, dump, backup, restore),
)
for command in _COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run the command line; an error is one sentence on standard error and exit status 1."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OnrecordError as error:
        print(f"onrecord: {error.detail}", file=sys.stderr)
        if isinstance(error, QuerySyntaxError) and error.caret():
            print(error.caret(), file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output has left, as `head` does.
        sys.stderr.close()
        sys.exit(1)
