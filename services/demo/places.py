"""Made-up addresses of one county: invented streets in real towns, and a few roofs that strangers share."""

from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from services.demo.draws import chance, words

_TOWNS = (
    ("San Jose", ("95110", "95112", "95116", "95122", "95127", "95133", "95148")),
    ("Santa Clara", ("95050", "95051")),
    ("Sunnyvale", ("94085", "94089")),
    ("Milpitas", ("95035",)),
    ("Gilroy", ("95020",)),
    ("Morgan Hill", ("95037",)),
    ("Mountain View", ("94040",)),
)
_STREETS = words(
    "Almond_Orchard Apricot Bay_Laurel Blossom_Field Blue_Heron Buckeye Cannery_Row Canyon_Wren "
    "Cherry_Pit Coyote_Brush Creek_Bend Dry_Creek_Bed Eucalyptus Fiddleneck Fig_Tree Foothill_View "
    "Fremont_Oak Garden_Gate Goldfinch Grapevine Hedgerow Hicks_Barn Jasmine_Wall Juniper_Shade King_Palm "
    "Lemon_Grove Lupine_Meadow Madrone_Ridge Manzanita Mariposa_Lily Meadowlark Mission_Bell "
    "Mustard_Field Nectarine Oak_Gall Old_Pump_House Olive_Press Packing_House Palo_Seco Pear_Blossom "
    "Persimmon Plum_Tree Poppy_Field Prune_Yard Quail_Covey Quince Red_Barn Roble_Alto Sagebrush "
    "Salt_Marsh Sandpiper Scrub_Jay Sycamore_Bend Tank_House Toyon_Berry Trellis Tule_Reed Walnut_Shell "
    "Water_Tower Wild_Oat Willow_Thicket Windmill"
)
_KINDS = ("St", "Ave", "Dr", "Ct", "Ln", "Way", "Rd")


@dataclass(frozen=True, slots=True)
class Home:
    """Where a family lives, and its telephone."""

    street: str
    unit: str | None
    city: str
    zip: str
    phone: str
    kind: Literal["residence", "shelter"] = "residence"

    def address(self) -> dict[str, Any]:
        """As an intake gives it."""
        told: dict[str, Any] = {"street": self.street, "city": self.city, "state": "CA", "zip": self.zip}
        if self.unit is not None:
            told["unit"] = self.unit
        return {**told, "kind": self.kind}


# Many families at one address: two shelters, and a house that takes lodgers and has no unit numbers.
_SHARED = (
    ("411 Harvest House Way", "San Jose", "95112", "shelter"),
    ("2090 Family Haven Rd", "Gilroy", "95020", "shelter"),
    ("77 Lodging Yard Ct", "San Jose", "95116", "residence"),
)


def make_home(rng: Random, phone: str) -> Home:
    """A home of its own."""
    city, zips = rng.choices(_TOWNS, [9, 2, 2, 2, 2, 1, 1])[0]
    street = f"{rng.randint(1, 4999)} {rng.choice(_STREETS)} {rng.choice(_KINDS)}"
    unit = str(rng.randint(1, 240)) if chance(rng, 0.45) else None
    return Home(street, unit, city, rng.choice(zips), phone)


def shared_home(rng: Random, phone: str) -> Home:
    """A bed under a roof that other families of the county share."""
    street, city, zip_code, kind = rng.choice(_SHARED)
    return Home(street, None, city, zip_code, phone, "shelter" if kind == "shelter" else "residence")
