"""`release.expired`: told by the `due` row that waits for the end of a release, so once, and by nobody's clock."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from services.matcher.disclosure.repository import ReleaseRepository
from services.matcher.due import AT_ONCE, Due
from services.matcher.feed.feed import Feed
from shared.events.coordination import ReleaseExpired


async def tell_expired(releases: ReleaseRepository, due: Sequence[Due], feed: Feed, zone: ZoneInfo) -> None:
    """Tell of the releases that end with these rows. Each of its people has such a row: the first one's counts."""
    ends = {
        (row.subject, row.not_before)
        for row in due
        if row.kind == "derive" and row.not_before not in (None, AT_ONCE)
    }
    for release in await releases.covering(sorted({subject for subject, _ in ends})):
        first = min(person.ref for person in release.persons)
        if release.counts and not release.over and (first, release.ends_at(zone)) in ends:
            feed.release(ReleaseExpired, release)
