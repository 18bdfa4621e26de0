"""The intakes of a made-up county, each with the header of the worker who takes it in."""

from datetime import UTC, datetime
from typing import Any

from services import local
from services.demo.calls import Known, call_of
from services.demo.county import make_county
from services.demo.steps import Intake
from shared.web.auth import sign


def intakes(settings: local.Settings, wanted: int) -> list[tuple[str, dict[str, Any], dict[str, str]]]:
    """(service, body, header) of as many intakes as are wanted, in the order of their families."""
    now = datetime.now(UTC)
    county = make_county(wanted, 1)
    staff = {worker.ref: worker for worker in county.workers}
    found = []
    for family in county.families:
        for step in family.steps:
            if not isinstance(step, Intake):
                continue
            call, worker = call_of(step, Known(), staff, now), staff[step.worker]
            token = sign(
                settings.cws.secret,
                settings.cws.issuer,
                county="43",
                program=worker.side,
                roles=list(worker.roles),
                worker=worker.ref,
                now=now,
            )
            found.append((step.side, dict(call.body), {"authorization": f"Bearer {token}"}))
    return found[:wanted]
