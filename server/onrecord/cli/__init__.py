"""The command line: one module for each command."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from onrecord import __version__
from onrecord.errors import OnrecordError, QuerySyntaxError
from onrecord.logs import configure_logs

_COMMANDS = {
    "serve": "serve:serve",
    "reload": "reload:reload",
    "query": "query:query",
    "queries": "queries:queries",
    "explain": "explain:explain_command",
    "token": "token:token",
    "check": "check:check",
    "fmt": "fmt:fmt",
    "new": "new:new",
    "span": "span:span",
    "wikidata": "wikidata:wikidata",
    "load": "load:load_command",
    "dump": "archive:dump",
    "backup": "archive:backup",
    "restore": "archive:restore",
    "push": "remote:push",
    "pin": "pin:pin",
    "release": "pin:release",
}
"""Name -> module and command in it. Imported when asked for: some bring half of Onrecord with them."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(f"onrecord.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="onrecord")
def cli() -> None:
    """A knowledge graph of who said what, served from a folder."""


def main() -> None:
    """Run the command line; an error is one sentence on standard error and exit status 1."""
    configure_logs("text")
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
