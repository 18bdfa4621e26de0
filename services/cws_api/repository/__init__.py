"""The statements. Each repository sees one county on one connection, and each statement names the county."""

from services.cws_api.repository.assignments import Assignments
from services.cws_api.repository.cases import Cases
from services.cws_api.repository.clients import Clients
from services.cws_api.repository.hearings import Hearings
from services.cws_api.repository.households import Households
from services.cws_api.repository.imports import Imports
from services.cws_api.repository.meetings import Meetings
from services.cws_api.repository.placements import Placements
from services.cws_api.repository.referrals import Referrals
from services.cws_api.repository.relationships import Relationships
from services.cws_api.repository.removals import Removals
from shared.crypto import Keyring
from shared.database import Connection


class Repositories:
    """All of them, on one connection."""

    def __init__(self, connection: Connection, county: str, ring: Keyring) -> None:
        self.clients = Clients(connection, county, ring)
        self.households = Households(connection, county)
        self.referrals = Referrals(connection, county)
        self.cases = Cases(connection, county)
        self.assignments = Assignments(connection, county)
        self.removals = Removals(connection, county)
        self.relationships = Relationships(connection, county)
        self.placements = Placements(connection, county)
        self.meetings = Meetings(connection, county)
        self.hearings = Hearings(connection, county)
        self.imports = Imports(connection, county)
