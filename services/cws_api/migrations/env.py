"""Runs the migrations of this service; Alembic loads it, nothing imports it."""

from services.cws_api.tables import METADATA
from shared.migrations import run_env

run_env(METADATA)
