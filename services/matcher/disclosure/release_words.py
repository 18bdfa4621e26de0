"""What the integrated release says to a family: one table of words for each language, short and without codes.

It says what is shared by this paper and what is not, and promises nothing that the system does not do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.matcher.disclosure.accounting_words import Language
from services.matcher.disclosure.paper import SafeContact, Statement
from services.matcher.disclosure.request import Category, Purpose
from services.matcher.disclosure.signers import Authority

MORE = (Category.K1S, Category.K3R, Category.K5)  # beyond the ordinary, without a section of their own
SPECIAL = (Category.K12, Category.K10, Category.K11, Category.K14, Category.K13, Category.K18)
BY_PROOF = (  # who signs for another person, each with proof
    Authority.CONSERVATOR,
    Authority.ATTORNEY_IN_FACT,
    Authority.AUTHORIZED_REPRESENTATIVE,
    Authority.CHILDS_ATTORNEY,
    Authority.COURT,
    Authority.AUTHORIZED_BY_COURT,
    Authority.SOCIAL_WORKER,
    Authority.PERSONAL_REPRESENTATIVE,
)
FOR_CHILDREN = (Authority.PARENT, Authority.LEGAL_GUARDIAN)


@dataclass(frozen=True, kw_only=True)
class Special:
    """A section with a page and a signature of its own. `asks`: short blanks; `describe`: a long one; `one_of`:
    a question with boxes to tick is asked as well."""

    heading: str
    says: tuple[str, ...]
    agree: str
    asks: tuple[str, ...]
    describe: str = ""
    one_of: str = ""
    signature: str


@dataclass(frozen=True, kw_only=True)
class ReleaseWords:
    """One language. Blanks: `months` and `ends`, in how many months it ends at the latest and by itself."""

    lang: Language
    language: str  # what it calls itself
    title: str
    intro: tuple[str, ...]
    county: str
    form: str
    version: str

    whose: str
    whose_hint: str
    person: str
    birth_date: str

    way: str
    way_hint: str
    from_cws: str
    from_calworks: str
    receives: str

    what: str
    what_hint: str
    categories: Mapping[Category, str]
    more: str
    special: str
    special_hint: str
    never: str
    never_list: tuple[str, ...]

    purpose: str
    purposes: Mapping[Purpose, str]

    until: str
    last_day: str
    event: str
    event_hint: str
    longest: str
    by_itself: str

    rights: str
    statements: Mapping[Statement, str]
    further: tuple[str, ...]

    explained: str
    spoken: str
    understood: str
    interpreter: str
    no_interpreter: str
    interpreter_name: str
    explained_by: str
    program: str
    explained_on: str

    signing: str
    signing_hint: tuple[str, ...]
    agree: str
    adult: str
    child: str
    child_hint: str
    signs_as: str
    children: Mapping[Authority, str]
    signature: str
    date: str

    other: str
    other_hint: str
    signs_for: str
    own_name: str
    authorities: Mapping[Authority, str]
    authority_until: str
    proof: str

    own_page: str
    sections: Mapping[Category, Special]
    contacts: Mapping[SafeContact, str]
