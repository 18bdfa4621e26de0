"""Events: named facts with a version, in a CloudEvents envelope.

An event class is what happened, in references and dates; identity sits sealed in the one field `person` of the
two `upserted` types. The envelope says whose, when, in which order and after what.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.bus import Message
from shared.errors import InvalidEvent
from shared.trace import trace_id_of

SPEC_VERSION = "1.0"
SCHEMA_HOME = "https://linkages.example/contracts/"
MAX_SEQUENCE = 2**63 - 1
_PREFIX, _VERSION = "linkages.", ".v1"
_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it; after two backslashes it is plain text


class Event(BaseModel):
    """The data of an event. A subclass names its type and says which field is the key of its order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    NAME: ClassVar[str]
    KEY: ClassVar[str]
    SUBJECT: ClassVar[str | None] = None  # where it is not the key

    @classmethod
    def type(cls) -> str:
        """The type on the wire."""
        return f"{_PREFIX}{cls.NAME}{_VERSION}"

    @property
    def key(self) -> str:
        """The reference whose events are kept in order."""
        return str(getattr(self, self.KEY))

    @property
    def subject(self) -> str:
        """The object that the event is about."""
        return str(getattr(self, self.SUBJECT or self.KEY))


Types = Mapping[str, type[Event]]


@dataclass(frozen=True, slots=True)
class Envelope:
    """CloudEvents 1.0 attributes and ours.

    time: when it happened; recordedat: when the program took it in; sequence: the number of this event among
    those of its key, from 1, without gaps; actor: who did it, as a worker reference.
    """

    id: str
    source: str
    county: str
    time: datetime
    recordedat: datetime
    sequence: int
    data: Event
    effectivedate: date | None = None
    correlationid: str | None = None
    causationid: str | None = None
    actor: str | None = None
    cats: tuple[str, ...] = ()
    traceparent: str | None = None

    @property
    def event_type(self) -> str:
        """The type on the wire."""
        return self.data.type()

    @property
    def trace_id(self) -> str | None:
        """The trace of the request that made it."""
        return trace_id_of(self.traceparent)

    def headers(self) -> dict[str, str]:
        """The attributes as headers of the CloudEvents binary mode."""
        every = {
            "ce_specversion": SPEC_VERSION,
            "ce_id": self.id,
            "ce_source": self.source,
            "ce_type": self.event_type,
            "ce_subject": self.data.subject,
            "ce_time": self.time.isoformat(),
            "ce_dataschema": f"{SCHEMA_HOME}{self.event_type}.json",
            "ce_partitionkey": self.data.key,
            "ce_sequence": str(self.sequence),
            "ce_county": self.county,
            "ce_recordedat": self.recordedat.isoformat(),
            "ce_effectivedate": self.effectivedate.isoformat() if self.effectivedate else None,
            "ce_correlationid": self.correlationid,
            "ce_causationid": self.causationid,
            "ce_actor": self.actor,
            "ce_cats": ",".join(self.cats) or None,
            "ce_traceparent": self.traceparent,
            "content-type": "application/json",
        }
        return {name: value for name, value in every.items() if value is not None}

    @classmethod
    def read(cls, message: Message, types: "Types") -> Self:
        """Read a message; raises InvalidEvent, whose words name what is wrong and never a value."""
        header = {name: value for name, value in message.headers if name.startswith("ce_")}

        def text(name: str) -> str:
            try:
                value = header[f"ce_{name}"].decode()
            except KeyError:
                raise InvalidEvent(f"The attribute {name} is missing") from None
            except UnicodeDecodeError:
                raise InvalidEvent(f"The attribute {name} is not text") from None
            if not value.isprintable():
                raise InvalidEvent(f"The attribute {name} is not printable text")
            return value

        def optional(name: str) -> str | None:
            return text(name) if f"ce_{name}" in header else None

        if text("specversion") != SPEC_VERSION:
            raise InvalidEvent("Unknown specversion")
        kind = types.get(text("type"))
        if kind is None:
            raise InvalidEvent("Unknown type or version")
        try:
            effective = optional("effectivedate")
            envelope = cls(
                id=text("id"),
                source=text("source"),
                county=_county(text("county")),
                time=_instant(text("time")),
                recordedat=_instant(text("recordedat")),
                sequence=_sequence(text("sequence")),
                data=_data(kind, message.value),
                effectivedate=date.fromisoformat(effective) if effective else None,
                correlationid=optional("correlationid"),
                causationid=optional("causationid"),
                actor=optional("actor"),
                cats=tuple((optional("cats") or "").split(",")) if optional("cats") else (),
                traceparent=optional("traceparent"),
            )
        except ValidationError as error:
            where = sorted(
                {".".join(str(part) for part in e["loc"]) for e in error.errors(include_input=False)}
            )
            raise InvalidEvent(f"The data does not fit its type at: {', '.join(where)}") from None
        except (ValueError, OverflowError):
            raise InvalidEvent("An attribute has a malformed value") from None
        if envelope.time.tzinfo is None or envelope.recordedat.tzinfo is None:
            raise InvalidEvent("A time has no offset")
        if envelope.data.key != text("partitionkey") or envelope.data.subject != text("subject"):
            raise InvalidEvent("The key or subject of the envelope is not that of the data")
        return envelope


def _data(kind: type[Event], value: bytes) -> Event:
    """The data of an event. Raises ValidationError, InvalidEvent."""
    if b"u0000" in value and _NULL.search(value):
        raise InvalidEvent("A text of the data has a null character, which not every database holds")
    return kind.model_validate_json(value)


def _county(text: str) -> str:
    """Two digits, 01 to 58. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and "01" <= text <= "58" and len(text) == len("58")):
        raise ValueError("county")
    return text


def _instant(text: str) -> datetime:
    """A time; one with an offset can be told in UTC too. Raises ValueError, OverflowError."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is None else instant.astimezone(UTC)


def _sequence(text: str) -> int:
    """A positive number that a database can hold. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_SEQUENCE):
        raise ValueError("sequence")
    return int(text)
