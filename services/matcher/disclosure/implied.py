"""What an item gives away beyond its own category, and what goes with a reason that is taken out."""

from services.matcher.disclosure.request import Category, Request
from services.matcher.disclosure.table import Table


def judged(request: Request, table: Table, *, reason_hidden: bool) -> tuple[Category, ...]:
    """The item's own category first, then each that it gives away and that must be carried too.

    Where the reason is hidden, what only the reason gave away goes with it; the two flags are of the item as
    a whole and stay. K12 that is given away is nothing to carry: the fields that would tell it are taken out,
    except in a K3R item, which is the reason itself.
    """
    own, item = request.category, request.item
    if not (item.implies or item.minor_consented or item.names_hiv):
        return (own,)
    given = dict.fromkeys((own, *item.implies))
    if reason_hidden:
        for hidden in table.reason_codes.hides - {own}:
            given.pop(hidden, None)
    if own not in {Category.K12, Category.K3R}:
        given.pop(Category.K12, None)
    if item.minor_consented:
        given[Category.K13] = None
    if item.names_hiv:
        given[Category.K14] = None
    return tuple(given)


def code_removed(request: Request) -> bool:
    """Whether the item is a class that is told without its reason code."""
    return request.category is Category.K3 and request.item.reason_code is not None


def hides_violence(request: Request, table: Table) -> bool:
    """Whether fields must go because they, or a reason code, would tell of domestic violence."""
    own, code = request.category, request.item.reason_code
    if own in {Category.K3R, Category.K12} or code_removed(request):
        return False
    return Category.K12 in request.item.implies or (code is not None and code not in table.reason_codes.open)
