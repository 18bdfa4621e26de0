"""W3C Trace Context: the one id that follows a request through events, databases and logs."""

import re
import secrets

_FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def trace_id_of(traceparent: str | None) -> str | None:
    """The trace id in a `traceparent`; None for one that is absent or malformed."""
    found = _FORM.fullmatch(traceparent or "")
    if found is None or found[1] == "0" * 32 or found[2] == "0" * 16:
        return None
    return found[1]


def begin(given: str | None) -> str:
    """A `traceparent` for work done here: within the trace that the caller gave, or of a new one."""
    trace, found = trace_id_of(given), _FORM.fullmatch(given or "")
    flags = found[3] if trace and found else "01"
    return f"00-{trace or secrets.token_hex(16)}-{secrets.token_hex(8)}-{flags}"
