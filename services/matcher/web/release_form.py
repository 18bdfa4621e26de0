"""The county's integrated release on paper: filled in with the family on a screen or by hand, printed, and signed.

What is filled in is neither sent nor kept: only the paper holds it, and what a worker records from it later.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.matcher.disclosure.accounting_languages import LANGUAGES as DAYS
from services.matcher.disclosure.accounting_words import Language
from services.matcher.disclosure.policy import ORDINARY, CountyPolicy, FormName
from services.matcher.disclosure.recording import OPEN_PURPOSES
from services.matcher.disclosure.release_languages import RELEASE_LANGUAGES
from services.matcher.disclosure.release_words import BY_PROOF, FOR_CHILDREN, MORE, SPECIAL
from services.matcher.disclosure.request import Direction, Program
from services.matcher.web import counties
from services.matcher.web.answering import Page, page
from services.matcher.web.offers import offer_of
from services.matcher.web.visitor import VisitorDep, VisitorWork
from shared.errors import NotFound
from shared.web.fields import REFERENCE

router = APIRouter(route_class=Page, include_in_schema=False)

Lang = Annotated[Language, Query()]
TaskRef = Annotated[str | None, Query(max_length=64, pattern=REFERENCE)]

INTEGRATED = "Linkages ROI"  # what the registries call the form that meets both programs' requirements
_BLANK_ROWS, _MORE_ROWS, _SIGNERS = 5, 2, 2


@dataclass(frozen=True, slots=True)
class Row:
    """A line for one person; empty: to be filled in."""

    name: str = ""
    birth_date: str = ""


@router.get("/release-form")
async def show_release_form(
    request: Request, visitor: VisitorDep, work: VisitorWork, lang: Lang = "en", task: TaskRef = None
) -> Response:
    """The paper; reached from a task, with the family's people as the own program knows them."""
    async with work:
        members = (await offer_of(work, visitor.caller, task))[1].members if task else ()
        policy = work.policy
    form = integrated(policy)
    if form is None or lang not in printed(form, policy):
        raise NotFound
    told = RELEASE_LANGUAGES[lang]
    rows = [Row(one.name, DAYS[lang].day(one.born) if one.born else "") for one in members]
    adults = [Row(one.name) for one in members if one.signed_by == "self"]
    children = [Row(one.name) for one in members if one.signed_by != "self"]
    longest = policy.release_cap_months
    ends = min(form.default_months, longest) if form.default_months else None
    return page(
        request,
        "release_form.html",
        visitor=visitor,
        lang=lang,
        t=told,
        task=task,
        languages=[RELEASE_LANGUAGES[one] for one in printed(form, policy) if one != lang],
        county=counties.name(policy.county),
        form=form,
        version=form.versions[-1] if form.versions else None,
        rows=rows + [Row()] * (_MORE_ROWS if rows else _BLANK_ROWS),
        from_cws=_provides(form, Program.CWS, Program.CALWORKS),
        from_calworks=_provides(form, Program.CALWORKS, Program.CWS),
        ordinary=[told.categories[one] for one in ORDINARY if one in form.categories],
        more=[told.categories[one] for one in MORE if one in form.categories],
        special=[(one, told.sections[one]) for one in SPECIAL if one in form.categories],
        purposes=[told.purposes[one] for one in OPEN_PURPOSES],
        longest=told.longest.format(months=longest),
        by_itself=told.by_itself.format(ends=ends) if ends else "",
        adults=adults + [Row()] * (1 if adults else _SIGNERS),
        children=children + [Row()] * (1 if children else _SIGNERS),
        signs_as=[told.children[one] for one in FOR_CHILDREN],
        authorities=[told.authorities[one] for one in BY_PROOF],
    )


def integrated(policy: CountyPolicy) -> FormName | None:
    """The county's integrated form; None: its registry has none."""
    return policy.form(INTEGRATED)


def printed(form: FormName, policy: CountyPolicy) -> tuple[Language, ...]:
    """The languages in which the county uses the form, of those that there are words in."""
    used = form.languages or policy.languages
    return tuple(one for one in RELEASE_LANGUAGES if one in used)


def _provides(form: FormName, holder: Program, recipient: Program) -> bool:
    return any(Direction(one).covers(holder, recipient) for one in form.directions)
