"""Which bus the settings name; what production refuses; what a security setting needs."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services import local
from services.calworks_api.settings import CalworksSettings
from services.cws_api.settings import CwsSettings
from services.matcher.settings import MatcherSettings
from shared.bus.embedded import EmbeddedBus
from shared.bus.kafka import KafkaBus
from shared.bus.security import KafkaSecurity
from shared.errors import Unavailable
from shared.settings import Security


def settings(folder: Path, **told: Any) -> local.Settings:
    return local.Settings(
        CwsSettings(data_dir=folder, **told),
        CalworksSettings(data_dir=folder, **told),
        MatcherSettings(data_dir=folder, **told),
    )


async def test_without_a_word_the_log_is_the_embedded_one(tmp_path: Path) -> None:
    async with local.open_bus(settings(tmp_path)) as bus:
        assert isinstance(bus, EmbeddedBus)


async def test_the_settings_name_the_cluster_and_nothing_is_asked_of_it_before_it_is_needed(
    tmp_path: Path,
) -> None:
    async with local.open_bus(settings(tmp_path, bus="kafka", kafka_servers="127.0.0.1:1")) as bus:
        assert isinstance(bus, KafkaBus)
        assert bus.servers == "127.0.0.1:1"


EMBEDDED = "Production does not run on the embedded log: set LINKAGES_BUS=kafka"
PLAIN = "Production does not come to Kafka in PLAINTEXT: set LINKAGES_KAFKA_SECURITY"


@pytest.mark.parametrize(
    ("command", "told", "sentence"),
    [
        (("serve", "cws"), {}, EMBEDDED),
        (("work", "calworks"), {}, EMBEDDED),
        (("work", "matcher"), {"LINKAGES_BUS": "kafka"}, PLAIN),
    ],
)
def test_production_refuses_to_start_in_one_sentence(
    tmp_path: Path, command: tuple[str, str], told: dict[str, str], sentence: str
) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "services.cli", *command],
        env={**os.environ, "LINKAGES_ENVIRONMENT": "production", "LINKAGES_DATA_DIR": str(tmp_path), **told},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"linkages: {sentence}\n")
    assert list(tmp_path.iterdir()) == []


async def test_production_comes_to_a_cluster_that_asks_who_it_is(tmp_path: Path) -> None:
    told = {"kafka_security": "SASL_SSL", "kafka_user": "linkages-cws", "kafka_password": "secret"}
    async with local.open_bus(settings(tmp_path, environment="production", bus="kafka", **told)) as bus:
        assert isinstance(bus, KafkaBus)


@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize(("user", "password"), [(None, None), ("linkages-cws", None), (None, "secret")])
def test_a_user_without_a_password_is_refused(
    protocol: Security, user: str | None, password: str | None
) -> None:
    with pytest.raises(Unavailable, match="LINKAGES_KAFKA_USER and LINKAGES_KAFKA_PASSWORD"):
        KafkaSecurity(protocol, user, password)


def test_certificates_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="LINKAGES_KAFKA_CA_FILE"):
        KafkaSecurity("SSL", ca_file=tmp_path / "none.pem")


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(KafkaSecurity("SASL_SSL", "linkages-cws", "secret"))
