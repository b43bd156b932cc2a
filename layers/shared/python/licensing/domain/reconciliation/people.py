"""Promises about people: whoever holds a grant is found by its tenant, and nobody else."""

from collections.abc import Iterator

from licensing.domain.people.access import Person
from licensing.domain.people.memberships import Membership, memberships_of
from licensing.domain.reconciliation.violations import TableSnapshot, Violation

FOUND = "a tenant's people are those with a grant of it"


def people_findings(census: TableSnapshot) -> Iterator[Violation]:
    held = {str(one.ref) for person in census.all(Person) for one in memberships_of(person)}
    listed = {str(one.ref) for one in census.all(Membership)}
    yield from (Violation(ref, FOUND, "Somebody holds this grant, and is not found by it.") for ref in held - listed)
    yield from (Violation(ref, FOUND, "Nobody holds this grant.") for ref in listed - held)
