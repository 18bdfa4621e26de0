"""Records that were merged: a retired record points to its survivor, and counts for the last one of that chain.

Resolved when read, from registers that only the record's own events write; so a merge may arrive before or after
everything else that is told of either record. A void record counts for nobody. Records that point at each other in a
circle, which no program should tell, are all hidden; they count for the first of them by name.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Redirect:
    """A retired record: whom it points to, and whether it is sealed."""

    ref: str
    into: str
    is_sealed: bool


@dataclass(frozen=True)
class Merges:
    """Retired records and the survivors that they count for. `hidden`: survivors that are active no more."""

    survivors: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def root(self, ref: str) -> str:
        """Whom a record counts for: itself, unless it was merged."""
        return self.survivors.get(ref, ref)

    def roots(self, refs: Iterable[str]) -> set[str]:
        """Whom these records count for."""
        return {self.survivors.get(ref, ref) for ref in refs}

    def classes(self, refs: Collection[str]) -> set[str]:
        """These records, and all that count for the same people."""
        if not self.survivors:
            return set(refs)
        roots = self.roots(refs)
        return {*refs, *roots, *(ref for ref, root in self.survivors.items() if root in roots)}


def follow(redirects: Iterable[Redirect]) -> Merges:
    """Every chain followed to its end. The redirects of whole classes must be given."""
    into = {one.ref: one for one in redirects}
    survivors: dict[str, str] = {}
    hidden: set[str] = set()
    for ref, redirect in into.items():
        root, passed = ref, [ref]
        while root in into and into[root].into not in passed:
            root = into[root].into
            passed.append(root)
        if root in into:
            root = min(passed[passed.index(into[root].into) :])
            hidden.add(root)
        survivors[ref] = root
        if redirect.is_sealed:
            hidden.add(root)
    return Merges(survivors, frozenset(hidden))
