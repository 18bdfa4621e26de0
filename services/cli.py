"""The `linkages` command: what it does, and where each part of it is.

A command's module is read when the command is run, so that a worker that is started again has not first to read the
code of everything else.
"""

import sys
from importlib import import_module
from typing import Any

import sqlalchemy as sa
import typer
from typer.core import TyperGroup

from shared.errors import LinkagesError

COMMANDS = {
    "up": "services.running:up",
    "serve": "services.running:serve",
    "work": "services.running:work",
    "migrate": "services.running:migrate",
    "demo": "services.demo.command:demo",
    "import": "services.importing:main_import",
    "token": "services.running:token",
    "links": "services.reporting:links",
    "audit": "services.reporting:audit",
    "train": "services.bulk:train",
    "link": "services.bulk:link",
    "evaluate": "services.evaluation:evaluate",
    "doctor": "services.doctor:doctor",
    "dead-letters": "services.operating:dead_letters_app",
    "replay": "services.operating:replay",
    "republish": "services.operating:republish",
    "policy": "services.policy:policy_app",
    "secrets": "services.secret_files:main_secrets",
    "kafka": "services.broker:kafka_app",
    "database": "services.database_setup:database_app",
    "contracts": "services.contracts:contracts",
}
"""Each command: the function that runs it, or the group of its own commands."""


class Commands(TyperGroup):
    """The commands, each looked up when it is named."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command, or None."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            command: Any = typer.main.get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command()(found)
            command = typer.main.get_command(alone)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=Commands,
    help="Tells the child welfare worker and the CalWORKs worker that they serve the same family, if the family or "
    "the law allows it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def linkages() -> None:
    """What holds for every command."""


def _of_database(error: sa.exc.DBAPIError) -> str:
    """What is wrong with the database; what its driver says may hold a value, so only the kind of error is told."""
    if isinstance(error, sa.exc.OperationalError):
        return "the database does not answer: `linkages doctor` looks at each part"
    return f"the database refuses ({type(error.orig).__name__}): look at its address, role and password"


def main() -> None:
    """Run the command; what went wrong is one line that says what to do."""
    try:
        app()
    except (LinkagesError, sa.exc.DBAPIError) as error:
        detail = error.detail if isinstance(error, LinkagesError) else _of_database(error)
        typer.echo(f"linkages: {detail}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
