"""Two rosters of made-up Californians in which each kind of difficulty has a name and a number of pairs.

    python -m tests.linkage.strata DIRECTORY [--pairs 500] [--others 3000] [--seed 7]

writes cws.csv and calworks.csv (columns of `linkages import`) and truth.csv: two record ids, whether they are one
person (`is_match`), and the stratum. Of each stratum of true pairs and of each trap (`tests.linkage.traps`) there are
`--pairs`; every other pair of records that are one person is listed as `counterpart`. `--others` people stand in one
roster only, in each. One seed gives the same files. The tables of names are this module's own, not the matcher's: a
matcher tuned on them would be tested on what it was told. The mix of difficulties is none that a county has, so figures
hold for one stratum at a time.
"""

import argparse
import csv
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from operator import itemgetter
from pathlib import Path
from random import Random

from services.demo.places import Home
from tests.linkage.traps import COLUMNS, TODAY, TRAPS, Book, Family, Person, Row, Side, address, bare

COUNTERPART = "counterpart"
SIDES: tuple[Side, Side] = ("cws", "calworks")
_CAPITALS = ("first_name", "middle_name", "last_name", "suffix", "street", "city")
_COMMON = 10  # people of one roster for each household that is common to both
_CHILD = 0.6  # chance that the pair is of a child
_ITIN_GROUPS = (*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100))
_WIDTHS = (8, 10)  # characters that old systems keep of a name
_OFFICES = ("1 County Services Plaza", "880 Family Resource Ct", "12 South Office Rd")


def _table(text: str) -> Mapping[str, list[str]]:
    """Lines `Culture kind: name=other name …`; a line that starts with a space goes on."""
    lines = text.strip().replace("\n ", " ").splitlines()
    return {line.partition(":")[0]: line.partition(":")[2].split() for line in lines}


_NICKNAMES = _table("""
Spanish F: Guadalupe=Lupita Guadalupe=Lupe Dolores=Lola Concepción=Concha Isabel=Chabela Rosario=Chayo Graciela=Chela
 Teresa=Tere Mercedes=Meche Socorro=Coco Leticia=Lety Patricia=Paty Gabriela=Gaby Verónica=Vero Josefina=Pina
Spanish M: José=Pepe José=Chepe Francisco=Pancho Francisco=Paco Jesús=Chuy Ignacio=Nacho Enrique=Kike Vicente=Chente
 Guillermo=Memo Roberto=Beto Eduardo=Lalo Salvador=Chava Manuel=Manolo Antonio=Toño Alfonso=Poncho Luis=Güicho
English F: Elizabeth=Liz Elizabeth=Betsy Margaret=Peggy Katherine=Kathy Rebecca=Becky Deborah=Debbie Jennifer=Jen
 Christina=Tina Samantha=Sammie Dorothy=Dottie Susan=Suzie Theresa=Terri Madeline=Maddie Sarah=Sadie Barbara=Babs
English M: William=Bill William=Liam Robert=Bob Richard=Dick James=Jimmy John=Jack Charles=Chuck Edward=Ted
 Anthony=Tony Michael=Mike Christopher=Topher Joseph=Joey Terrence=Terry Nathaniel=Nate Demetrius=Meech Henry=Hank
Vietnamese F: Thanh_Truc=Truc Kim_Anh=Anh Thuy_Tien=Tien Bich_Ngoc=Ngoc Ngoc_Lan=Lan Huong=Bebe Bao_Chau=Chau
Vietnamese M: Quoc_Bao=Bao Minh_Tuan=Tuan Duc_Huy=Huy Anh_Khoa=Khoa Gia_Bao=Bin Hoang_Long=Long Nam=Ti
Chinese F: Mei_Ling=Ling_Ling Xiao_Yan=Yan_Yan Jing_Jing=Jing Xiu_Lan=Ah_Lan Li_Hua=Ah_Hua Wai_Ling=Ling Yu_Fei=Fei_Fei
Chinese M: Jun_Jie=JJ Ka_Ming=Ah_Ming Zhi_Wei=Ah_Wei Guo_Qiang=Ah_Qiang Xiao_Long=Long_Long Wai_Man=Ah_Man Hao=Hao_Hao
Hmong F: Pa_Houa=Houa Mai_See=See Gao_Nou=Nou Ka_Ying=Ying Pa_Nhia=Nhia Mai_Yer=Yer Gao_Sheng=Sheng
Hmong M: Tou_Ger=Ger Chong_Neng=Neng Pao_Houa=Houa Nhia_Tou=Tou Cher_Pao=Pao Xeng_Fue=Fue Wa_Meng=Meng
Filipino F: Maria_Lourdes=Malou Maria_Theresa=Maite Corazon=Cory Luzviminda=Luz Rosario=Charing Cristina=Tintin
 Milagros=Mila Angelica=Gelai Bernadette=Badette Imelda=Meldy Erlinda=Linda
Filipino M: Rodrigo=Digong Ferdinand=Bongbong Reynaldo=Rey Rolando=Olan Emmanuel=Manny Edgardo=Egay Virgilio=Ver
 Renato=Nato Fernando=Nanding Francisco=Kiko Gregorio=Gorio
""")
_SPELLINGS = _table("""
Vietnamese last: Nguyen=Nguyễn Nguyen=Nguyn Nguyen=Ngyuen Tran=Trần Pham=Phạm Huynh=Huỳnh Vo=Võ Truong=Trương Ngo=Ngô
 Dang=Đặng Do=Đỗ Bui=Bùi Duong=Dương Duong=Zuong Dinh=Đinh Phan=Fan Hoang=Huang
Vietnamese first: Phuong=Phượng Thuy=Thúy Dung=Dũng Duc=Đức Quoc=Quốc Phuc=Phúc Tuyet=Tuyết Ngoc=Ngọc Linh=Lynh Vy=Vi
Chinese last: Chen=Chan Wang=Wong Zhang=Cheung Zhang=Chang Lin=Lam Wu=Ng Liang=Leung Zhou=Chow Xu=Hsu Xu=Tsui
 Zheng=Cheng Guo=Kwok Guo=Kuo Luo=Law Liu=Lau He=Ho Feng=Fung Zhao=Chao Zhao=Chiu
Chinese first: Xiao_Ling=Hsiao-Ling Xiao_Ling=Siu_Ling Mei_Ling=Meiling Zhi_Wei=Chih-Wei Xin_Yi=Hsin-Yi
 Guo_Qiang=Kuo-Chiang Wen_Ting=Wenting Zi_Hao=Tzu-Hao Jian=Chien Jing=Ching Yu_Fei=Yufei Qian=Chien Jun=Chun
Hmong last: Vang=Vaj Xiong=Xyooj Yang=Yaj Lee=Lis Thao=Thoj Thao=Thor Her=Hawj Moua=Muas Moua=Mua Lor=Lo Vue=Vwj Vue=Vu
Hmong first: Mai=Maiv Pa=Paj Kao=Nkauj Tou=Tub Kong=Koob Nhia=Nyiaj Mee=Mim Nou=Hnub Meng=Meej Pa_Houa=Paj_Huab
Filipino last: Macaraeg=Makaraeg Catacutan=Katakutan Dimaculangan=Dimakulangan Magbanua=Magbanwa Aquino=Akino
Filipino first: Kristine=Cristine Kristine=Christine Jocelyn=Joselyn Catherine=Katherine Jayson=Jason Christian=Kristian
 Aileen=Ailyn Sheila=Shiela Maricel=Marisel Analyn=Annalyn Mark=Marc Jerome=Gerome Rommel=Romel Rowena=Rowina
Armenian last: Petrosyan=Petrosian Sargsyan=Sarkisian Grigoryan=Krikorian Hakobyan=Hagopian Karapetyan=Garabedian
Armenian first: Hasmik=Asmik Hayk=Haik Gevorg=Kevork Hovhannes=Hovanes Artur=Arthur Tatevik=Datevig Tigran=Dikran
""")
_PARTICLES = "De_La_Cruz Del_Toro De_León De_La_Torre De_La_Rosa Del_Río De_Los_Santos De_La_O De_La_Peña"
_WITH_TILDE = "Muñoz Núñez Peña Castañeda Zúñiga Treviño Quiñones Acuña Magaña Ibáñez Ordóñez Bolaños"


@dataclass
class Case:
    """The true pair number `n` of a stratum: first who it is of, then how both rosters have it.

    form: a column, and what one roster writes there. homes: all rows of the family, by roster.
    """

    book: Book
    n: int
    family: Family
    person: Person
    form: tuple[str, str] = ("", "")
    cws: Row = field(default_factory=dict)
    calworks: Row = field(default_factory=dict)
    homes: dict[Side, list[Row]] = field(default_factory=dict)

    @property
    def rng(self) -> Random:
        return self.book.rng

    @property
    def one(self) -> Row:
        """The row that is wrong."""
        return self.calworks if self.n % 2 else self.cws

    @property
    def other(self) -> Row:
        return self.cws if self.n % 2 else self.calworks

    @property
    def halves(self) -> list[str]:
        return self.one["last_name"].split()

    def last(self, written: str) -> None:
        self.one["last_name"] = written

    def swap(self, a: str, b: str) -> None:
        self.one[a], self.one[b] = self.one[b], self.one[a]

    @property
    def variant(self) -> int:
        """A number that grows by one whenever both rosters have had their turn."""
        return self.n // 2

    def pick(self, told: Iterable[str]) -> str:
        """One of the words."""
        return self.rng.choice(list(told)).replace("_", " ")


def _both_ssn(case: Case) -> None:
    case.cws["ssn"] = case.calworks["ssn"] = case.person.ssn


def _missing_ssn(case: Case) -> None:
    _both_ssn(case)
    for row in ((case.cws,), (case.calworks,), (case.cws, case.calworks))[case.n % 3]:
        row["ssn"] = ""


def _itin(case: Case) -> None:
    """A taxpayer number, or one that a system made up; the other side has the true one or none."""
    group = case.rng.choice(_ITIN_GROUPS) if case.variant % 2 else case.rng.randint(1, 49)
    case.one["ssn"] = f"9{case.rng.randint(0, 99):02}-{group:02}-{case.rng.randint(1, 9999):04}"
    case.other["ssn"] = case.person.ssn if case.variant // 2 % 2 else ""


def _newborn(case: Case) -> None:
    girl = case.person.sex == "F"
    words = ("Baby Girl", "BabyGirl", "Infant Girl") if girl else ("Baby Boy", "BabyBoy", "Infant Boy")
    case.cws |= {"first_name": case.rng.choice(words), "middle_name": "", "ssn": ""}


def _two_surnames(case: Case) -> None:
    single = [one for one in case.family.culture.surnames if " " not in one]
    case.family.rename(case.person, " ".join(case.rng.sample(single, 2)))


def _with_particle(case: Case) -> None:
    case.family.rename(case.person, case.pick(_PARTICLES.split()))


def _particles(case: Case) -> None:
    """Written together, left out, or only the particles written together."""
    *particles, name = case.one["last_name"].split()
    written = ("".join((*particles, name)), name, f"{''.join(particles)} {name}")[case.variant % 3]
    case.one["last_name"] = written if written != case.one["last_name"] else "".join((*particles, name))


def _with_accents(case: Case) -> None:
    person, culture = case.person, case.family.culture
    surnames = [one for one in culture.surnames if not one.isascii()]
    last = case.pick(_WITH_TILDE.split()) if case.variant % 2 else case.rng.choice(surnames)
    case.family.rename(person, last)
    names = culture.female if person.sex == "F" else culture.male
    person.first = case.rng.choice([one for one in names if not one.isascii()])


def _accents(case: Case) -> None:
    """Kept on one side; every sixth time garbled by it: a question mark, or UTF-8 read as Windows-1252."""
    for column, name in (("first_name", case.person.first), ("last_name", case.person.last)):
        garbled = "".join(c if c.isascii() else "?" for c in name)
        misread = name.encode().decode("cp1252", errors="ignore")
        case.one[column] = {4: garbled, 5: misread}.get(case.variant % 6, name)


def _changed_surname(case: Case) -> None:
    """The husband's; every fourth time with one's own before it. A child has the stepfather's."""
    new = bare(case.family.culture.surname(case.rng, without=frozenset((case.person.last,))))
    keeps = case.variant % 4 == 3
    case.one["last_name"] = f"{case.one['last_name']}-{new}" if keeps else new


def _with_nickname(case: Case) -> None:
    told = _NICKNAMES[f"{case.family.culture.name} {case.person.sex}"]
    case.person.first, short = case.pick(told).split("=")
    case.form = "first_name", short


def _with_spelling(case: Case) -> None:
    """Another spelling of the surname, or of a first name that the culture has for the sex."""
    culture = case.family.culture
    names = culture.female if case.person.sex == "F" else culture.male
    told = _SPELLINGS[f"{culture.name} first"]
    fit = [one for one in told if one.partition("=")[0].replace("_", " ") in names]
    if case.variant % 2 and fit:
        case.person.first, other = case.pick(fit).split("=")
        case.form = "first_name", other
    else:
        last, other = case.pick(_SPELLINGS[f"{culture.name} last"]).split("=")
        case.family.rename(case.person, last)
        case.form = "last_name", other


def _with_day(case: Case) -> None:
    """A birth date whose day can be a month, and is not the first of January."""
    year, month = case.person.born.year, case.rng.randint(1, 12)
    day = case.rng.choice([one for one in range(1, 13) if one != month])
    is_told = max(date(year, month, day), date(year, day, month)) <= TODAY
    case.person.born = date(year if is_told else year - 1, month, day)


def _impossible_date(case: Case) -> None:
    born = case.person.born
    past_end = monthrange(born.year, born.month)[1] + 1
    kinds = (f"{born:%Y-%m}-{past_end}", f"{born:%Y-%m}-00", f"{born:%Y-00-%d}", f"{born:%Y-13-%d}")
    case.one["birth_date"] = kinds[case.variant % 4]


def _birth_digit(case: Case) -> None:
    """Another digit in the last two of the year, the month or the day, and a day that exists."""
    born = case.person.born.isoformat()
    slips = (f"{born[:at]}{digit}{born[at + 1 :]}" for at in (2, 3, 5, 6, 8, 9) for digit in "0123456789")
    case.one["birth_date"] = case.rng.choice([one for one in slips if one != born and _is_day(one)])


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) <= TODAY
    except ValueError:
        return False


def _ssn_transposed(case: Case) -> None:
    """Two neighbours of one group, so that what comes out can be a number."""
    _both_ssn(case)
    ssn = case.person.ssn.replace("-", "")
    at = case.rng.choice([at for at in (1, 3, 5, 6, 7) if ssn[at] != ssn[at + 1]] or [2])
    swapped = ssn[:at] + ssn[at + 1] + ssn[at] + ssn[at + 2 :]
    case.one["ssn"] = f"{swapped[:3]}-{swapped[3:5]}-{swapped[5:]}"


def _with_long_name(case: Case) -> None:
    last, culture = case.person.last, case.family.culture
    while len(last) <= max(_WIDTHS):
        last = f"{last}{' ' if culture.language == 'es' else '-'}{culture.surname(case.rng)}"
    case.family.rename(case.person, last)


def _truncated(case: Case) -> None:
    width = _WIDTHS[case.variant % 2]
    for column in ("first_name", "middle_name", "last_name"):
        case.one[column] = case.one[column][:width].strip()


def _house(case: Case, side: Side, home: Home) -> None:
    """All of the family at another address on one side."""
    for row in case.homes[side]:
        row.update(address(home), phone=home.phone if row["phone"] else "")


def _shared_roof(case: Case) -> None:
    """A shelter with CWS or with both, or the address of a county office with CalWORKs for want of another."""
    shelter = replace(case.book.shelter(), phone=case.family.home.phone)
    if case.n % 3 == 1:
        office = replace(shelter, street=case.rng.choice(_OFFICES), city="San Jose", zip="95110")
        _house(case, "calworks", office)
    else:
        for side in SIDES[: 1 + case.n % 3 // 2]:
            _house(case, side, shelter)


@dataclass(frozen=True)
class Stratum:
    """How the pairs of a kind are made: what is changed of the person first, and of the rows last."""

    spoil: Callable[[Case], object]
    prepare: Callable[[Case], None] = lambda _: None
    cultures: tuple[str, ...] = ()
    newborn: bool = False


_HISPANIC = ("Spanish",)
_NICKNAMED = ("Spanish", "English", "Vietnamese", "Chinese", "Hmong", "Filipino")
_SPELLED = ("Vietnamese", "Chinese", "Hmong", "Filipino", "Armenian")
STRATA: Mapping[str, Stratum] = {
    "plain": Stratum(_both_ssn),
    "missing_ssn": Stratum(_missing_ssn),
    "itin_or_pseudo_ssn": Stratum(_itin),
    "newborn": Stratum(_newborn, newborn=True),
    "surnames_reversed": Stratum(lambda c: c.last(" ".join(c.halves[::-1])), _two_surnames, _HISPANIC),
    "surnames_hyphen": Stratum(lambda c: c.last("-".join(c.halves)), _two_surnames, _HISPANIC),
    "surnames_half": Stratum(lambda c: c.last(c.halves[c.variant % 4 == 3]), _two_surnames, _HISPANIC),
    "particles": Stratum(_particles, _with_particle, ("Spanish", "Filipino")),
    "accents": Stratum(_accents, _with_accents, _HISPANIC),
    "changed_surname": Stratum(_changed_surname),
    "nickname": Stratum(lambda c: c.one.update((c.form,)), _with_nickname, _NICKNAMED),
    "transliteration": Stratum(lambda c: c.one.update((c.form,)), _with_spelling, _SPELLED),
    "day_month": Stratum(lambda c: c.one.update(birth_date=f"{c.person.born:%Y-%d-%m}"), _with_day),
    "default_date": Stratum(lambda c: c.one.update(birth_date=f"{c.person.born:%Y-01-01}"), _with_day),
    "impossible_date": Stratum(_impossible_date),
    "birth_digit": Stratum(_birth_digit),
    "ssn_transposed": Stratum(_ssn_transposed),
    "names_swapped": Stratum(lambda c: c.swap("first_name", "last_name")),
    "first_missing": Stratum(lambda c: c.one.update(first_name="", middle_name="")),
    "truncated": Stratum(_truncated, _with_long_name, ("Spanish", "English", "Filipino", "Armenian")),
    "moved": Stratum(lambda c: _house(c, SIDES[c.n % 2], c.book.home())),
    "shared_roof": Stratum(_shared_roof),
}


def _true_pair(book: Book, n: int, stratum: Stratum) -> tuple[str, str]:
    """One pair of a stratum, with half of the family; marriage changes a woman's surname, rarely a child's."""
    marries, newborn = stratum.spoil is _changed_surname, stratum.newborn
    family = book.family(*stratum.cultures, newborn=newborn)
    child = newborn or book.rng.random() < (0.2 if marries else _CHILD)
    among = family.children if child else family.adults
    case = Case(book, n, family, among[0] if marries or newborn else book.rng.choice(among))
    stratum.prepare(case)
    cws = book.write("cws", family, book.some(family.people, case.person))
    calworks = book.write("calworks", family, book.some(family.people, case.person))
    case.cws, case.calworks = cws[case.person], calworks[case.person]
    case.homes = {"cws": list(cws.values()), "calworks": list(calworks.values())}
    stratum.spoil(case)
    return case.cws["record_id"], case.calworks["record_id"]


def compose(pairs: int, others: int, seed: int) -> Book:
    """Both rosters, their households in no order."""
    book = Book(seed)
    for n in range(pairs):
        for name, stratum in STRATA.items():
            book.strata[_true_pair(book, n, stratum)] = name
        for name, trap in TRAPS.items():
            two = trap(book, n)
            book.strata[two.cws["record_id"], two.calworks["record_id"]] = name
    for _ in range(others // _COMMON):
        family = book.family()
        for side in SIDES:
            book.write(side, family, family.people)
    for side in SIDES:
        left = others
        while left:
            family = book.family()
            left -= len(book.write(side, family, family.people[:left]))
        book.rng.shuffle(book.households[side])
    return book


def truth(book: Book) -> list[tuple[str, str, int, str]]:
    """Pairs that are one person, and the traps that are not, by stratum."""
    records: dict[Person, list[str]] = {}
    for record, person in book.people.items():
        records.setdefault(person, []).append(record)
    true = {(both[0], both[1]): COUNTERPART for both in records.values() if len(both) > 1}
    told = ((*pair, int(pair in true), name) for pair, name in (true | book.strata).items())
    return sorted(told, key=itemgetter(3, 0, 1))


def main(say: Callable[[str], object] = print) -> None:
    """Write the files."""
    options = argparse.ArgumentParser()
    options.add_argument("directory", type=Path)
    options.add_argument("--pairs", type=int, default=500)
    options.add_argument("--others", type=int, default=3000)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    book = compose(given.pairs, given.others, given.seed)
    write(book, given.directory)
    told = ", ".join(f"{side} {sum(map(len, book.households[side]))}" for side in SIDES)
    say(f"{told}, pairs of the truth {len(truth(book))}")


def write(book: Book, directory: Path) -> None:
    """The three files; CalWORKs writes in capitals."""
    header = ("cws_record_id", "calworks_record_id", "is_match", "stratum")
    tables: dict[str, list[Iterable[object]]] = {"truth": [header, *truth(book)]}
    for side in SIDES:
        rows = (row for household in book.households[side] for row in household)
        capitals = _CAPITALS if side == "calworks" else ()
        lines = ([row[c].upper() if c in capitals else row[c] for c in COLUMNS] for row in rows)
        tables[side] = [COLUMNS, *lines]
    directory.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        with (directory / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(table)


if __name__ == "__main__":
    main()
