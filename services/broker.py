"""`linkages kafka`: topics and permissions of the cluster, as `deploy/kafka/*.yaml` has them.

Both commands create what is missing, say what else differs, and change nothing when applied again. They connect with
the LINKAGES_KAFKA_* settings, as an administrator's user.
"""

from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from shared.extras import county_libraries
from shared.settings import CommonSettings

DIRECTORY = Path(__file__).parents[1] / "deploy" / "kafka"
TOPICS, PERMISSIONS = DIRECTORY / "topics.yaml", DIRECTORY / "acls.yaml"

kafka_app = typer.Typer(
    help="Topics and permissions of the Kafka cluster, as deploy/kafka has them.", no_args_is_help=True
)


def _setup() -> ModuleType:
    """What does the work. Unavailable: its library is not installed, since the embedded default needs none."""
    with county_libraries("Kafka needs"):
        from services import kafka_setup  # noqa: PLC0415 - only these commands need the library
    return kafka_setup


@kafka_app.command("topics")
def main_topics(
    replication: Annotated[
        int | None, typer.Option(min=1, help="Copies of each record, for clusters of less than three brokers")
    ] = None,
    file: Annotated[Path, typer.Option(help="The topics as they are to be")] = TOPICS,
) -> None:
    """Create the topics that are missing; say of the others what differs. Ends with 1 if partitions differ."""
    setup = _setup()
    admin = setup.administrator(CommonSettings())
    wanted = setup.read_topics(file, replication)
    for name in setup.create_topics(admin, wanted):
        typer.echo(f"created: {name}")
    found = setup.topic_differences(admin, wanted)
    for one in found:
        typer.echo(one)
    if any(one.part == setup.PARTITIONS for one in found):
        raise typer.Exit(1)


@kafka_app.command("acls")
def main_acls(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; end with 1 if anything differs")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Take away what our users and topics have beyond the file")
    ] = False,
    file: Annotated[Path, typer.Option(help="The permissions as they are to be")] = PERMISSIONS,
) -> None:
    """Grant the permissions that are missing; say which there are beyond the file."""
    setup = _setup()
    admin = setup.administrator(CommonSettings())
    missing, beyond = setup.permission_differences(admin, setup.read_permissions(file))
    if not dry_run:
        setup.grant(admin, missing)
        if prune:
            setup.take_away(admin, beyond)
    for one in missing:
        typer.echo(f"{'missing' if dry_run else 'granted'}: {one}")
    for one in beyond:
        typer.echo(f"{'taken away' if prune and not dry_run else 'beyond the file'}: {one}")
    if dry_run and (missing or beyond):
        raise typer.Exit(1)
