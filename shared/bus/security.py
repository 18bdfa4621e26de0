"""How a client proves to a Kafka cluster who it is, and how it knows that the cluster is the right one.

Two libraries talk to brokers: aiokafka carries records, librdkafka (confluent-kafka) sets up topics and permissions.
"""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.errors import Unavailable
from shared.settings import CommonSettings, Security

MECHANISM = "SCRAM-SHA-512"  # the password never travels, and the broker keeps a hash of it


@dataclass(frozen=True)
class KafkaSecurity:
    """Protocol, and what it needs: user and password for SASL_*; for *SSL the certificates that brokers' come from.

    Without `ca_file` the certificates that this machine trusts are taken.
    """

    protocol: Security = "PLAINTEXT"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        """Unavailable: something that the protocol needs is not there."""
        if self.by_password and not (self.user and self.password):
            raise Unavailable(
                f"{self.protocol} needs LINKAGES_KAFKA_USER and LINKAGES_KAFKA_PASSWORD: set both, or name files"
            )
        if self.encrypted and self.ca_file is not None and not self.ca_file.is_file():
            raise Unavailable("LINKAGES_KAFKA_CA_FILE names no file")

    @classmethod
    def of(cls, settings: CommonSettings) -> "KafkaSecurity":
        """As the settings say."""
        return cls(
            settings.kafka_security, settings.kafka_user, settings.kafka_password, settings.kafka_ca_file
        )

    @property
    def by_password(self) -> bool:
        """Whether a user and a password are asked for."""
        return self.protocol.startswith("SASL")

    @property
    def encrypted(self) -> bool:
        """Whether the connection is TLS."""
        return self.protocol.endswith("SSL")

    @property
    def principal(self) -> str:
        """Who this is to the brokers, for sentences."""
        return self.user or "this process"

    def for_aiokafka(self) -> dict[str, Any]:
        """As aiokafka names it."""
        options: dict[str, Any] = {"security_protocol": self.protocol}
        if self.by_password:
            options |= {
                "sasl_mechanism": MECHANISM,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        if self.encrypted:
            options["ssl_context"] = ssl.create_default_context(cafile=self.ca_file)
        return options

    def for_librdkafka(self) -> dict[str, Any]:
        """As librdkafka names it."""
        options: dict[str, Any] = {"security.protocol": self.protocol}
        if self.by_password:
            options |= {
                "sasl.mechanism": MECHANISM,
                "sasl.username": self.user,
                "sasl.password": self.password,
            }
        if self.encrypted and self.ca_file is not None:
            options["ssl.ca.location"] = str(self.ca_file)
        return options
