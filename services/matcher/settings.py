"""What the matcher is told from outside."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.matcher.identity.model import DEFAULT_MODEL
from shared.settings import CommonSettings


class MatcherSettings(CommonSettings):
    """The common settings, the matcher's database and its model."""

    model_config = SettingsConfigDict(env_prefix="LINKAGES_", frozen=True, populate_by_name=True)

    database: str | None = Field(
        default=None,
        validation_alias="LINKAGES_MATCHER_DATABASE",
        description="SQLAlchemy address of the database; default: a file in data_dir",
    )
    model: str = Field(default=DEFAULT_MODEL, description="Name of the model file that decides identity")

    block_cap: int = Field(
        default=200,
        ge=2,
        description="People who may share a blocking key before it brings nobody together; the same for all processes",
    )

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.database or self.database_url("matcher")

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a file of the embedded default."""
        return self.database is None or self.database.startswith("sqlite")
