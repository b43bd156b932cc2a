"""A tenant's people are found by the tenant, whatever number of people there is; their grants and that say the same."""

from typing import Any

import pytest

from licensing.domain.core.decisions import Change, created
from licensing.domain.core.errors import Refusal
from licensing.domain.core.limits import MAX_GRANTS, TRANSACTION_RECORDS
from licensing.domain.people.access import Caller, Grant, Person
from licensing.domain.people.api_tokens import TokenSecret
from licensing.domain.people.memberships import Membership
from licensing.domain.people.requests import TokenRequest
from licensing.domain.people.tenants import Msp, Org
from licensing.domain.people.views import PersonView
from licensing.listings import MembersOf
from licensing.use_cases.people.find_people import admins_of
from licensing.use_cases.people.keep_people import put_person, remove_person
from licensing.use_cases.people.keep_tokens import make_token
from licensing.use_cases.reconciliation.reconcile import reconcile
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import MemoryDirectory, MemoryStore
from tests.worlds.gateway import id_for
from tests.worlds.ordering import Fate, Killed, fateful
from tests.worlds.people import admit

ADA, BEN = "ada@north.example", "ben@north.example"
NORTH, BLUE = Org(org_id="org-north", name="North", msp_id="msp-blue"), Msp(msp_id="msp-blue", name="Blue")
ADMIN, VIEWER = (Grant.of(role, "org-north") for role in ("org_admin", "org_viewer"))


def partners(*numbers: int) -> tuple[Grant, ...]:
    return tuple(Grant(role="partner", partner_id=f"p{number}") for number in numbers)


class Town:
    """A table with an org, its MSP, and whoever was granted something."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.directory = MemoryDirectory()
        self.store.commit([created(NORTH), created(BLUE)])

    def grant(self, email: str, *grants: Grant) -> None:
        put_person(self.store, self.directory, at(), PersonView(email=email, grants=grants), id_for(email))

    def remove(self, email: str) -> None:
        remove_person(self.store, self.directory, at(), email)

    def make(self, email: str, number: int, grant: Grant) -> None:
        known = self.directory.find_user(email)
        assert known
        caller = Caller(subject=known.subject, person_id=id_for(email), email=email, grants=(grant,))
        request = TokenRequest(name="erp", grants=(grant,), expires_at=later(days=9), licenses_per_day=1)
        make_token(self.store, at(), caller, request, TokenSecret(f"{number:016}", "s3cret"))

    def admins(self, tenant: Org | Msp) -> list[str]:
        return [admin.email for admin in admins_of(self.store, tenant)]

    @property
    def people(self) -> list[Person]:
        return [record for record in self.store.items.values() if isinstance(record, Person)]

    @property
    def memberships(self) -> list[Membership]:
        return [record for record in self.store.items.values() if isinstance(record, Membership)]

    @property
    def broken(self) -> set[str]:
        """What the reconciler says of people; of what was put here by hand no ledger tells."""
        return {found.promise for found in reconcile(self.store, NOON)} - {"the ledger tells of every change"}


def test_an_orgs_admins_are_those_granted_it_else_its_msps() -> None:  # D34
    town = Town()
    town.grant(BEN, Grant.of("msp_admin", "msp-blue"), VIEWER)
    assert (town.admins(NORTH), town.admins(BLUE)) == ([BEN], [BEN])
    town.grant(ADA, ADMIN)
    assert town.admins(NORTH) == [ADA]
    town.remove(ADA)
    assert town.admins(NORTH) == [BEN]
    assert town.admins(Org(org_id="org-south", name="South")) == []


def test_an_orgs_admins_cost_three_calls_at_most_however_many_people_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town()
    for number in range(2_000):
        admit(town.store, f"p{number}@x.example", *partners(number))
    admit(town.store, ADA, Grant.of("msp_admin", "msp-blue"))
    read: list[Any] = []
    page = town.store.page

    def noted(listing: Any, *how: Any) -> Any:
        read.append(listing)
        return page(listing, *how)

    monkeypatch.setattr(town.store, "page", noted)
    assert town.admins(NORTH) == [ADA]
    assert read == [MembersOf("org/org-north", "org_admin"), MembersOf("msp/msp-blue", "msp_admin")]


def test_a_grant_named_twice_is_one_membership_and_a_grant_taken_is_none() -> None:
    town = Town()
    town.grant(ADA, ADMIN, ADMIN, VIEWER, Grant(role="operator"))
    found = [(each.tenant, each.role) for each in town.memberships]
    assert sorted(found) == [("org/org-north", "org_admin"), ("org/org-north", "org_viewer"), ("service", "operator")]
    town.grant(ADA, VIEWER)
    assert [(each.tenant, each.role) for each in town.memberships] == [("org/org-north", "org_viewer")]
    town.remove(ADA)
    assert (town.memberships, town.broken) == ([], set())


def test_all_grants_of_a_person_are_exchanged_for_as_many_others_and_then_taken_with_all_tokens() -> None:
    """More than one transaction holds; each is told, and each leaves a table that keeps its promises."""
    town = Town()
    first, second = partners(*range(MAX_GRANTS)), partners(*range(MAX_GRANTS, 2 * MAX_GRANTS))
    town.grant(ADA, *first)
    for number in range(50):
        town.make(ADA, number, first[0])
    town.grant(ADA, *second)
    assert [person.grants for person in town.people] == [second]
    assert (len(town.memberships), town.broken) == (MAX_GRANTS, set())
    town.remove(ADA)
    assert (town.people, town.memberships, town.broken) == ([], [], set())
    assert TRANSACTION_RECORDS == 100, "the store in memory holds to it"


@pytest.mark.parametrize("step", range(1, 5))
def test_whoever_is_regranted_half_holds_what_the_memberships_say_and_the_repeated_call_goes_on(step: int) -> None:
    town = Town()
    first, second = partners(*range(MAX_GRANTS)), partners(*range(MAX_GRANTS, 2 * MAX_GRANTS))
    town.grant(ADA, *first)
    whole = town.store.commit
    fateful(town.store, "commit", Fate(last=step), after=False)
    try:
        town.grant(ADA, *second)
    except Killed:
        assert town.broken == set()
        assert set(town.people[0].grants) <= {*first, *second}
        assert len(town.people[0].grants) <= MAX_GRANTS, "at no time more than before or after"
    town.store.commit = whole  # type: ignore[method-assign]
    town.grant(ADA, *second)
    assert (town.people[0].grants, town.broken) == (second, set())


@pytest.mark.parametrize("wrong", ["a membership without a grant", "a grant without its membership"])
def test_the_reconciler_finds(wrong: str) -> None:
    town = Town()
    town.grant(ADA, ADMIN)
    (one,) = town.memberships
    ghost = one.model_copy(update={"person_id": "nobody", "version": 0})
    town.store.commit([created(ghost) if wrong == "a membership without a grant" else Change(one, None)])
    assert town.broken == {"a tenant's people are those with a grant of it"}


def test_a_tenant_that_does_not_exist_gets_no_member() -> None:
    town = Town()
    with pytest.raises(Refusal, match="does not exist"):
        town.grant(ADA, Grant.of("org_admin", "org-nowhere"))
    assert town.memberships == []
