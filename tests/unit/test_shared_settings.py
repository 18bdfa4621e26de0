"""Settings make no secrets in production; logs hold what is on the list and nothing else."""

import ast
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.errors import Unavailable
from shared.logs import ALLOWED
from shared.settings import CommonSettings

ROOT = Path(__file__).parents[2]


def test_production_makes_no_keys(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="LINKAGES_KEY_FILE"):
        _ = CommonSettings(environment="production", data_dir=tmp_path).keys
    assert list(tmp_path.iterdir()) == []


def test_production_makes_no_token_secret(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="LINKAGES_TOKEN_SECRET"):
        _ = CommonSettings(environment="production", data_dir=tmp_path).secret
    assert list(tmp_path.iterdir()) == []


def test_a_secret_left_behind_by_a_trial_is_not_used_in_production(tmp_path: Path) -> None:
    _ = CommonSettings(data_dir=tmp_path).secret
    with pytest.raises(Unavailable):
        _ = CommonSettings(environment="production", data_dir=tmp_path).secret


def test_outside_production_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    one, two = CommonSettings(data_dir=tmp_path), CommonSettings(data_dir=tmp_path)
    assert one.secret == two.secret
    assert len(one.secret) >= 48
    sealed = one.keys["43"].keyring("cws").seal(b"it", b"")
    assert two.keys["43"].keyring("cws").open(sealed, b"") == b"it"


def test_only_their_owner_may_read_what_is_secret(tmp_path: Path) -> None:
    settings = CommonSettings(data_dir=tmp_path)
    _ = settings.secret, settings.keys
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()} == {
        "keys.json": "0o600",
        "token-secret": "0o600",
    }


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    start, found = threading.Barrier(12), []

    def read() -> None:
        settings = CommonSettings(data_dir=tmp_path)
        start.wait()
        found.append((settings.secret, settings.keys["43"].digest("x")))

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert len(set(found)) == 1


def test_settings_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKAGES_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LINKAGES_TOKEN_SECRET", "given")
    monkeypatch.setenv("LINKAGES_COUNTIES", '["07", "43"]')
    settings = CommonSettings()
    assert (settings.secret, settings.counties, settings.data_dir) == ("given", ("07", "43"), tmp_path)


def test_an_environment_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError):
        CommonSettings(environment="prod")


def test_settings_do_not_show_the_secret_in_a_traceback(tmp_path: Path) -> None:
    assert "hush-hush" not in repr(CommonSettings(data_dir=tmp_path, token_secret="hush-hush"))


LOGGING = """
import structlog
from shared import logs
logs.configure("info", "cws")
log = structlog.get_logger()
log.info("request", status=200, name="Ana Reyes", body={"ssn": "612478391"}, token="secret")
log.debug("quiet")
try:
    person = "Ana Reyes"
    raise ValueError(person)
except ValueError:
    log.error("request.failed", error="ValueError", exc_info=True, stack_info=True)
"""


def test_logs_leave_out_what_is_not_on_the_list() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOGGING],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == ""
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["request", "request.failed"]
    assert all(set(line) <= ALLOWED for line in lines)
    assert all(line["service"] == "cws" for line in lines)
    assert lines[0]["status"] == 200
    for hidden in ("Ana", "612", "secret"):
        assert hidden not in ran.stderr


def log_calls() -> list[tuple[str, ast.Call]]:
    """Every call of a logger in the code."""
    return [
        (f"{file.relative_to(ROOT)}:{node.lineno}", node)
        for package in ("services", "shared")
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
    ]


def test_every_log_line_has_a_fixed_name_and_says_only_what_logs_may_hold() -> None:
    wrong = []
    assert log_calls()
    for where, call in log_calls():
        fixed = len(call.args) == 1 and isinstance(call.args[0], ast.Constant)
        named = {keyword.arg for keyword in call.keywords}
        if not fixed or not named <= ALLOWED:
            wrong.append((where, sorted(map(str, named - ALLOWED))))
    assert not wrong
