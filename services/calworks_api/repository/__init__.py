"""The statements. Each repository sees one county on one connection, and each statement names the county."""

from services.calworks_api.repository.applications import Applications
from services.calworks_api.repository.assignments import Assignments
from services.calworks_api.repository.cases import Cases
from services.calworks_api.repository.clock_milestones import ClockMilestones
from services.calworks_api.repository.exemptions import Exemptions
from services.calworks_api.repository.imports import Imports
from services.calworks_api.repository.noncompliances import Noncompliances
from services.calworks_api.repository.persons import Persons
from services.calworks_api.repository.sanctions import Sanctions
from services.calworks_api.repository.units import Units
from services.calworks_api.repository.wtw_plans import WtwPlans
from shared.crypto import Keyring
from shared.database import Connection


class Repositories:
    """All of them, on one connection."""

    def __init__(self, connection: Connection, county: str, ring: Keyring) -> None:
        self.persons = Persons(connection, county, ring)
        self.units = Units(connection, county)
        self.applications = Applications(connection, county)
        self.cases = Cases(connection, county)
        self.assignments = Assignments(connection, county)
        self.noncompliances = Noncompliances(connection, county)
        self.exemptions = Exemptions(connection, county)
        self.sanctions = Sanctions(connection, county)
        self.wtw_plans = WtwPlans(connection, county)
        self.clock_milestones = ClockMilestones(connection, county)
        self.imports = Imports(connection, county)
