"""Who a person is, as the two `upserted` events carry it: sealed, and nowhere else."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.crypto import SsnTokens

MODEL = ConfigDict(frozen=True, extra="ignore")


class Name(BaseModel):
    """A name as a program writes it."""

    model_config = MODEL

    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    suffix: str | None = None


class Address(BaseModel):
    """A dated address; without dates it is current."""

    model_config = MODEL

    street: str | None = None
    unit: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    from_date: date | None = None
    until_date: date | None = None
    kind: Literal["residence", "mailing", "shelter", "office", "other"] = "residence"


class PersonDetails(BaseModel):
    """All that identifies a person. The birth date is text: an impossible one is evidence too."""

    model_config = MODEL

    name: Name
    aliases: tuple[Name, ...] = ()
    birth_date: str | None = Field(default=None, max_length=10)
    sex: Literal["F", "M", "X", "U"] = "U"
    ssn: tuple[SsnTokens, ...] = ()
    cin: str | None = None
    addresses: tuple[Address, ...] = ()
    phones: tuple[str, ...] = ()
    language: str | None = None
