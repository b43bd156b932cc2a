"""Promises about people: whoever holds a grant is found by its tenant, and nobody else."""

from collections.abc import Iterator

from licensing.domain.people.access import Person
from licensing.domain.people.memberships import Membership, memberships_of
from licensing.domain.reconciliation.violations import TableSnapshot, Violation

FOUND = "a tenant's people are those with a grant of it"


def people_findings(census: TableSnapshot) -> Iterator[Violation]:
    """Of people; `census` has what their grants amount to."""
    for person in census.all(Person):
        for one in memberships_of(person):
            if census[str(one.ref)] is None:
                yield Violation(str(one.ref), FOUND, "Somebody holds this grant, and is not found by it.")


def membership_findings(census: TableSnapshot, one: Membership) -> Iterator[Violation]:
    """`census` has the person, if there is one."""
    if one.ref not in {held.ref for person in census.all(Person) for held in memberships_of(person)}:
        yield Violation(str(one.ref), FOUND, "Nobody holds this grant.")
