"""Memberships: a person's grants once more, each found by its tenant, so that a tenant's people are found without
reading all people. They are written in the transaction that writes the person, and the reconciler compares the two.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import ClassVar

from licensing.domain.core.decisions import Change, created
from licensing.domain.core.limits import STEP_RECORDS
from licensing.domain.core.records import Record, RecordSet, Ref
from licensing.domain.people.access import Grant, Person, Role


class Membership(Record):
    """A role that a person holds for a tenant (`org/org-north`). No ledger tells of it: the person's does."""

    kind: ClassVar[str] = "membership"
    tenant: str
    role: Role
    person_id: str

    @property
    def ref(self) -> Ref["Membership"]:
        return Ref(Membership, (self.tenant, self.role, self.person_id))

    @classmethod
    def of(cls, person: Person, grant: Grant) -> "Membership":
        return cls(tenant=grant.owner, role=grant.role, person_id=person.person_id)


def memberships_of(person: Person) -> list[Membership]:
    """What its grants amount to."""
    return [Membership.of(person, grant) for grant in dict.fromkeys(person.grants)]


def refs_of(*people: Person | None) -> list[Ref[Membership]]:
    """Where their memberships are."""
    return [membership.ref for person in people if person for membership in memberships_of(person)]


def regranted(
    before: Person | None, after: Person | None, found: RecordSet, beside: int = 0
) -> list[tuple[Change, ...]]:
    """The changes from `before` to `after`, transaction by transaction; each leaves room for so many others `beside`.

    Few grants take one. Of many, those that are lost go first, and in between the person holds fewer than before or
    after: at no time more than somebody meant it to.
    """
    stages = [before, *_between(before, after, STEP_RECORDS - 1 - beside), after]
    # Each is written under the version that the one before it gave the person.
    written = [person and person.evolve(version=_version(before) + n) for n, person in enumerate(stages)]
    return [(Change(*step), *_moved(*step, found)) for step in pairwise(written)]


def _version(person: Person | None) -> int:
    return person.version if person else 0


def _moved(before: Person | None, after: Person | None, found: RecordSet) -> Iterator[Change]:
    held, wanted = ({each.ref: each for each in memberships_of(person)} if person else {} for person in (before, after))
    yield from (Change(one, None) for ref in held if ref not in wanted and (one := found[ref]))
    yield from (created(one) for ref, one in wanted.items() if ref not in held)


def _between(before: Person | None, after: Person | None, room: int) -> Iterator[Person]:
    """The person on the way, where that takes more than `room` memberships."""
    held, wanted = (dict.fromkeys(person.grants if person else ()) for person in (before, after))
    moves = [*(grant for grant in held if grant not in wanted), *(grant for grant in wanted if grant not in held)]
    for done in range(room, len(moves), room):
        now = held.keys() ^ moves[:done]
        person = before or after
        assert person is not None, "somebody is there before or after"
        yield person.evolve(grants=tuple(grant for grant in held | wanted if grant in now))
