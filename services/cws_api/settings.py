"""What this service is told from outside."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import CommonSettings


class CwsSettings(CommonSettings):
    """The common settings and this service's database."""

    model_config = SettingsConfigDict(env_prefix="LINKAGES_", frozen=True, populate_by_name=True)

    database: str | None = Field(
        default=None,
        validation_alias="LINKAGES_CWS_DATABASE",
        description="SQLAlchemy address of the database; default: a file in data_dir",
    )

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.database or self.database_url("cws")

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a file of the embedded default."""
        return self.database is None or self.database.startswith("sqlite")
