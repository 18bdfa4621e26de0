"""The table and the county files are read strictly; what ships is the conservative reading."""

import copy
from datetime import date, time
from pathlib import Path

import pytest
import yaml

from services.matcher.disclosure import policy as policies
from services.matcher.disclosure.policy import CountyPolicy, county_policy, read_table, table_on
from services.matcher.disclosure.request import BasisKind, Breadth, Category, Role
from shared.calendars import CalendarKind
from shared.counties import PolicyFileError, counties, load
from tests.unit.disclosure.asking import roi

DAY = date(2026, 8, 3)
SHIPPED = Path(policies.__file__).parent / "policies" / "2026_07.yaml"


def test_the_shipped_table_has_no_start_and_a_row_for_all_that_can_ever_cross():
    for day in (date(1998, 1, 1), DAY, date(2090, 1, 1)):
        table = table_on(day)
        assert set(Category) - set(table.rows) == {Category.K9, Category.K16, Category.K17}
        assert {column.basis for column in table.columns.values()} == set(BasisKind) - {BasisKind.SUBJECT}
        assert set(table.roles.limits) == set(Role)


def test_every_row_column_and_rule_of_the_shipped_table_has_its_source():
    table = table_on(DAY)
    for part in (*table.rows.values(), *table.columns.values(), *table.overrides.values()):
        assert part.source
    assert list(table.overrides) == [f"O{number}" for number in range(1, 12)]


def broken(tmp_path, change):
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    change(content)
    path = tmp_path / "table.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(PolicyFileError) as caught:
        read_table(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda t: t.update(surprise=1), "surprise"),
        (lambda t: t.pop("effective_from"), "effective_from"),
        (lambda t: t["rows"]["K0"].pop("source"), "rows.K0.source"),
        (lambda t: t["rows"].update(K99=copy.deepcopy(t["rows"]["K0"])), "K99"),
        (lambda t: t["rows"]["K0"]["cells"].pop("ROI"), "K0: one cell for each column"),
        (lambda t: t["rows"]["K0"]["cells"].update(MDT={"outcome": "PERMIT"}), "one cell for each column"),
        (lambda t: t["rows"]["K0"]["cells"].update(ROI="MAYBE"), "rows.K0.cells.ROI.outcome"),
        (lambda t: t["rows"]["K10"]["cells"]["ROI"].update(purpose=["P3"]), "rows.K10.cells.ROI.purpose"),
        (lambda t: t["rows"]["K4"]["cells"].update(ROI="REDACT"), "redaction"),
        (lambda t: t["rows"]["K18"]["cells"]["COURT"].update(fields=["x"]), "unknown fields"),
        (lambda t: t["rows"]["K10"]["cells"]["ROI"].update(needs="trust"), "rows.K10.cells.ROI.needs"),
        (lambda t: t["rows"]["K10"]["cells"]["ROI"].update(whole_with="part2_valid"), "only a REDACT"),
        (lambda t: t["overrides"].pop("O9"), "no override ['O9']"),
        (lambda t: t["overrides"]["O9"].update(categories=["K9"]), "under two overrides"),
        (lambda t: t["columns"]["ROI"].update(breadth="none"), "a breadth belongs"),
        (lambda t: t["columns"]["ROI"].update(basis="COURT"), "the same basis and breadth"),
        (
            lambda t: t["rows"]["K0"]["cells"]["ADMIN eligibility_facts"].update(purposes=["P4"]),
            "not the ground's own",
        ),
        (
            lambda t: t["rows"]["K4"]["cells"].update(ROI={"outcome": "DENY", "topics": ["FR_AID"]}),
            "DENY",
        ),
        (lambda t: t["roles"]["limits"].pop("auditor"), "auditor"),
    ],
)
def test_a_table_with_a_slip_is_refused_and_the_place_is_named(tmp_path, change, named):
    assert named in broken(tmp_path, change)


def test_a_key_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "table.yaml"
    path.write_text("version: a\nversion: b\n", encoding="utf-8")
    with pytest.raises(PolicyFileError, match="'version' stands twice"):
        read_table(path)


def test_a_file_that_is_no_yaml_or_no_mapping_is_refused(tmp_path):
    path = tmp_path / "table.yaml"
    for text in ("{", "- one", ""):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(PolicyFileError, match=r"table\.yaml"):
            read_table(path)


def test_every_county_has_a_policy_and_the_shipped_one_is_conservative():
    for number in range(1, 59):
        policy = county_policy(f"{number:02}", DAY)
        assert policy.legal_bases.admin_10850 is Breadth.ELIGIBILITY_FACTS
        assert policy.no_consent_mode == "universal_prompt"
        assert policy.index_profile == "10850_admin"
        assert policy.mutual_types == {"M1", "M2", "M3", "M5"}
        assert policy.referral_counts
        assert policy.live_since is None
        assert policy.release_cap_months == 12
        assert policy.office.opens == time(8)
        assert policy.acknowledge["A05"].unit is CalendarKind.OFFICE_HOURS


def test_every_setting_of_a_county_says_where_it_comes_from():
    settings = set(CountyPolicy.model_fields) - {"county", "sources"}
    for county in ("01", *counties()):
        policy = county_policy(county, DAY)
        assert set(policy.sources) == settings
        assert all(policy.sources.values())


def test_santa_clara_has_its_own_forms_and_the_rest_from_the_default():
    assert counties() == ("43",)
    own, default = county_policy("43", DAY), county_policy("01", DAY)
    assert "SCZ 1812" in {form.code for form in own.forms}
    assert "SCZ 1812" not in {form.code for form in default.forms}
    assert own.meetings == default.meetings


def test_the_county_gathers_its_standing_basis_and_the_releases_it_uses():
    policy = county_policy("43", DAY)
    gathered = policy.gather([roi(), roi(basis=BasisKind.COURT), roi(basis=BasisKind.SUBJECT)])
    assert [basis.basis for basis in gathered] == [BasisKind.ADMIN_10850, BasisKind.ROI]
    off = policy.legal_bases.model_copy(update={"admin_10850": Breadth.NONE, "roi": False})
    assert policy.model_copy(update={"legal_bases": off}).gather([roi()]) == ()


@pytest.mark.parametrize("county", ["00", "59", "1", "4 ", "xx", "", "001", "²²"])
def test_there_are_fifty_eight_counties(county):
    with pytest.raises(PolicyFileError, match="01 to 58"):
        load(county, DAY)


DEFAULT = "county: null\nname: d\nsettings:\n  hours: {value: 8, source: rule}\n"


def folder(tmp_path, default=DEFAULT, own=None):
    (tmp_path / "default.yaml").write_text(default, encoding="utf-8")
    if own is not None:
        (tmp_path / "07.yaml").write_text(own, encoding="utf-8")
    return tmp_path


def test_a_county_value_stands_before_the_default_while_it_is_in_force(tmp_path):
    own = (
        'county: "07"\nname: c\nsettings:\n  hours:\n'
        "    - {value: 9, source: a, effective_from: 2026-01-01, effective_until: 2026-06-30}\n"
        "    - {value: 10, source: b, effective_from: 2027-01-01}\n"
    )
    files = folder(tmp_path, own=own)
    values = [
        load("07", day, files)["hours"].value
        for day in (
            date(2025, 12, 31),
            date(2026, 1, 1),
            date(2026, 6, 30),
            date(2026, 7, 1),
            date(2027, 1, 1),
        )
    ]
    assert values == [8, 9, 9, 8, 10]
    assert load("08", DAY, files)["hours"].source == "rule"


@pytest.mark.parametrize(
    ("own", "named"),
    [
        ('county: "07"\nsettings:\n  hrs: {value: 9, source: a}\n', "07.yaml: unknown setting 'hrs'"),
        ('county: "07"\nextra: 1\nsettings: {}\n', "07.yaml: unknown key 'extra'"),
        ('county: "08"\nsettings: {}\n', "'county' must be"),
        ('county: "07"\nsettings:\n  hours: 9\n', "'hours' needs a 'value'"),
        ('county: "07"\nsettings:\n  hours: {value: 9}\n', "'hours' needs a 'source'"),
        (
            'county: "07"\nsettings:\n  hours: {value: 9, source: a, from: 2026-01-01}\n',
            "unknown part 'from'",
        ),
        ('county: "07"\nsettings:\n  hours: {value: 9, source: a, effective_from: soon}\n', "must be dates"),
        (
            'county: "07"\nsettings:\n  hours:\n    - {value: 9, source: a}\n    - {value: 8, source: a}\n',
            "two values",
        ),
        ('county: "07"\nsettings: []\n', "must be a mapping"),
    ],
)
def test_a_slip_in_a_county_file_is_refused_and_named(tmp_path, own, named):
    with pytest.raises(PolicyFileError) as caught:
        load("07", DAY, folder(tmp_path, own=own))
    assert named in str(caught.value)


def test_a_setting_without_a_value_in_force_is_refused(tmp_path):
    late = DEFAULT.replace("source: rule", "source: rule, effective_from: 2030-01-01")
    with pytest.raises(PolicyFileError, match="'hours' has no value"):
        load("07", DAY, folder(tmp_path, default=late))
