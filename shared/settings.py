"""What every process is told from outside, as environment variables that begin with LINKAGES_."""

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.crypto import CountyKeys, KeyFile
from shared.errors import Unavailable

Security = Literal["PLAINTEXT", "SASL_PLAINTEXT", "SSL", "SASL_SSL"]
SECRETS = Path(os.environ.get("LINKAGES_SECRETS_DIR", "/run/secrets"))
"""A file here named like a variable, in any case, is its value where the environment has none."""


class CommonSettings(BaseSettings):
    """Settings that all services share; a service's own settings add its database."""

    model_config = SettingsConfigDict(
        env_prefix="LINKAGES_", frozen=True, secrets_dir=SECRETS if SECRETS.is_dir() else None
    )

    environment: Literal["development", "production"] = "development"
    data_dir: Path = Field(default=Path(".linkages"), description="Files of the embedded default")
    counties: tuple[str, ...] = Field(default=("43",), description="Counties served, 01 to 58")
    key_file: Path | None = Field(default=None, description="Keys of the counties; default: in data_dir")
    token_secret: str | None = Field(
        default=None, repr=False, description="Secret that signs tokens; default: in data_dir"
    )
    issuer: str = Field(default="linkages", description="Issuer that tokens must name")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    bus: Literal["embedded", "kafka"] = Field(default="embedded", description="The log between the services")
    kafka_servers: str = Field(
        default="127.0.0.1:9092", description="Brokers to begin with: host:port,host:port"
    )
    kafka_security: Security = Field(default="PLAINTEXT", description="Production refuses PLAINTEXT")
    kafka_user: str | None = Field(default=None, description="The principal, for SCRAM-SHA-512")
    kafka_password: str | None = Field(default=None, repr=False, description="Its password")
    kafka_ca_file: Path | None = Field(
        default=None, description="Certificates that the brokers' must come from"
    )

    @property
    def key_path(self) -> Path:
        """Where the key file is, or will be."""
        return self.key_file or self.data_dir / "keys.json"

    @cached_property
    def keys(self) -> dict[str, CountyKeys]:
        """The keys by county. Outside production a missing key file is made."""
        path = self.key_path
        if not path.exists():
            self._refuse_in_production("LINKAGES_KEY_FILE names no file")
            made = KeyFile(counties={county: KeyFile.county() for county in self.counties})
            _write_once(path, made.model_dump_json(indent=1))
        return KeyFile.model_validate_json(path.read_text()).keys()

    @cached_property
    def secret(self) -> str:
        """The secret that signs tokens. Outside production a missing one is made."""
        if self.token_secret is not None:
            return self.token_secret
        self._refuse_in_production("LINKAGES_TOKEN_SECRET is not set")
        path = self.data_dir / "token-secret"
        _write_once(path, secrets.token_urlsafe(48))
        return path.read_text()

    def _refuse_in_production(self, reason: str) -> None:
        if self.environment == "production":
            raise Unavailable(f"{reason}: production makes no secrets of its own")

    def database_url(self, service: str) -> str:
        """The embedded database file of a service."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{(self.data_dir / service).absolute()}.db"


def _write_once(path: Path, text: str) -> None:
    """Create a file readable by its owner alone; if another process was first, its file stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
