"""`linkages secrets`: the files of docker-compose.yml that nobody may know, each made once.

A program gets the keys that seal its own people, the matcher those of both; the key of a county's tokens is the same
for all three. A file that is there stays as it is, so running it again after an update adds what is new.
"""

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from services.database_setup import GROUPS, SERVICES, read_or_make, role
from shared.crypto import KeyFile

SUPER_USER = "linkages-super"
"""Who may do everything on the broker: it grants the others what deploy/kafka/acls.yaml says, and is for no more."""

PRINCIPALS = (
    *(SUPER_USER, "linkages-admin"),
    *("linkages-cws", "linkages-calworks", "linkages-matcher", "linkages-dashboard"),
)
KEYRINGS = {"cws": ("cws",), "calworks": ("calworks",), "matcher": ("cws", "calworks", "matcher")}

NAMES = (
    *(f"keys_{service}" for service in SERVICES),
    *("token_secret", "postgres_password", "postgres_admin"),
    *(role(service, kind) for service in SERVICES for kind in GROUPS),
    *(f"kafka_{principal}" for principal in PRINCIPALS),
)
"""What the folder holds in the end."""


def main_secrets(
    folder: Annotated[Path, typer.Argument(help="Where they are to be: a folder that is yours alone")],
    county: Annotated[list[str] | None, typer.Option(help="01 to 58; several times for several")] = None,
    server: Annotated[
        str, typer.Option(help="PostgreSQL as the services reach it: host:port")
    ] = "postgres:5432",
) -> None:
    """Make the secret files that docker-compose.yml names. Those that are there already stay as they are."""
    before = {file.name for file in folder.glob("*")}
    make(folder, tuple(county or ("43",)), server)
    made = sorted(set(NAMES) - before)
    typer.echo(f"{len(made)} files made in {folder}, {len(NAMES) - len(made)} were there")
    typer.echo("keep a copy elsewhere: without keys_matcher nobody can read whom the databases are about")


def make(folder: Path, counties: tuple[str, ...], server: str) -> None:
    """Make what is missing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    _make_keys(folder, counties)
    for name in ("token_secret", "postgres_password", *(f"kafka_{principal}" for principal in PRINCIPALS)):
        _write(folder / name, secrets.token_urlsafe(48))
    password = (folder / "postgres_password").read_text()
    _write(folder / "postgres_admin", f"postgresql://postgres:{password}@{server}/postgres")
    read_or_make(folder, (folder / "postgres_admin").read_text())
    for name in NAMES:
        (folder / name).chmod(
            0o444
        )  # a container's user is another one; the folder keeps others of this host out


def _make_keys(folder: Path, counties: tuple[str, ...]) -> None:
    """The key files of the services; the matcher's has all there is, and the others are parts of it."""
    whole = folder / "keys_matcher"
    _write(whole, KeyFile(counties={c: KeyFile.county() for c in counties}).model_dump_json(indent=1))
    keys = KeyFile.model_validate_json(whole.read_text())
    for service, programs in KEYRINGS.items():
        its = {
            number: KeyFile.County(
                keyrings={program: county.keyrings[program] for program in programs},
                token_key=county.token_key,
            )
            for number, county in keys.counties.items()
        }
        _write(folder / f"keys_{service}", KeyFile(counties=its).model_dump_json(indent=1))


def _write(file: Path, text: str) -> None:
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as to:
            to.write(text)
