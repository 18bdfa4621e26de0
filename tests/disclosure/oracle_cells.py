"""The table, column by column, as it reads."""

DENY, REDACT, PERMIT = 0, 1, 2

# A cell: what it gives, and for which purposes. A category that is missing is DENY.
Cells = dict[str, tuple[int, frozenset[str]]]


def _purposes(words: str) -> frozenset[str]:
    return frozenset(words.split())


_P3 = _purposes("P3")
_COORDINATION = _purposes("P1 P2 P3 P4 P6 P7")
_TEAM = _purposes("P2 P4 P5 P6 P7")
_SAFETY = _purposes("P5")
_MEETING = _purposes("P4 P5 P7")

ELIGIBILITY_CELLS: Cells = {
    "K0": (PERMIT, _P3),
    "K1": (PERMIT, _purposes("P1 P3")),
    "K1S": (REDACT, _P3),
    "K2": (PERMIT, _P3),
    "K3": (PERMIT, _P3),
    "K6": (PERMIT, _P3),
}
COORDINATION_CELLS: Cells = {
    "K0": (PERMIT, _purposes("P2 P3 P4 P6 P7")),
    "K1": (PERMIT, _COORDINATION),
    "K1S": (REDACT, _P3),
    "K2": (PERMIT, _purposes("P2 P3 P4 P6 P7")),
    "K3": (PERMIT, _COORDINATION),
    "K3R": (REDACT, _COORDINATION),
    "K4": (PERMIT, _purposes("P4 P6")),
    "K6": (PERMIT, _COORDINATION),
    "K7": (REDACT, _COORDINATION),
}
TEAM_CELLS: Cells = {
    "K0": (PERMIT, _TEAM),
    "K1": (PERMIT, _TEAM),
    "K1S": (REDACT, _TEAM),
    "K2": (PERMIT, _TEAM),
    "K3": (PERMIT, _TEAM),
    "K3R": (REDACT, _TEAM),
    "K4": (PERMIT, _TEAM),
    "K5": (REDACT, _TEAM),
    "K6": (PERMIT, _TEAM),
    "K7": (PERMIT, _TEAM),
    "K8": (REDACT, _TEAM),
}
REPORT_CELLS: Cells = {
    "K0": (PERMIT, _SAFETY),
    "K1": (PERMIT, _SAFETY),
    "K1S": (REDACT, _SAFETY),
    "K2": (PERMIT, _SAFETY),
    "K3": (PERMIT, _SAFETY),
    "K3R": (REDACT, _SAFETY),
    "K6": (PERMIT, _SAFETY),
    "K7": (PERMIT, _SAFETY),
    "K8": (PERMIT, _SAFETY),
    "K11": (REDACT, _SAFETY),
}
MEETING_CELLS: Cells = {
    "K0": (PERMIT, _MEETING),
    "K1": (PERMIT, _MEETING),
    "K2": (PERMIT, _MEETING),
    "K3": (PERMIT, _MEETING),
    "K3R": (REDACT, _MEETING),
    "K4": (PERMIT, _MEETING),
    "K6": (PERMIT, _MEETING),
    "K7": (PERMIT, _MEETING),
    "K8": (REDACT, _MEETING),
    "K11": (PERMIT, _MEETING),
}
EMERGENCY_CELLS: Cells = {
    "K0": (PERMIT, _SAFETY),
    "K1": (PERMIT, _SAFETY),
    "K2": (PERMIT, _SAFETY),
    "K6": (PERMIT, _SAFETY),
    "K12": (PERMIT, _SAFETY),
    "K18": (REDACT, _SAFETY),
}
INDEX_CELLS: Cells = {"K0": (PERMIT, _purposes("P1 P2")), "K1": (PERMIT, _purposes("P1 P2"))}
