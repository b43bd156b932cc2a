"""A person is the sign-in, not its address: what is granted, removed and granted anew (issue: Trust, second look)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.core.decisions import Change, created
from licensing.domain.core.errors import Refusal
from licensing.domain.core.limits import MAX_GRANTS
from licensing.domain.core.records import RecordSet
from licensing.domain.core.texts import canonical_address
from licensing.domain.people.access import Caller, Grant, Person
from licensing.domain.people.addresses import PersonAddress
from licensing.domain.people.api_tokens import ActiveTokens, ApiToken, TokenSecret
from licensing.domain.people.requests import PersonRequest, TokenRequest
from licensing.domain.people.sign_outs import SignOut
from licensing.domain.people.views import PersonView
from licensing.domain.planning.reminders import ReminderCursor
from licensing.listings import LedgerOf
from licensing.use_cases.people.find_people import person_at
from licensing.use_cases.people.keep_people import erase_person, put_person, remove_person
from licensing.use_cases.people.keep_sessions import sign_out_person
from licensing.use_cases.people.keep_tokens import make_token
from licensing.use_cases.reconciliation.reconcile import reconcile
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import MemoryDirectory, MemoryStore, Raced
from tests.worlds.gateway import person
from tests.worlds.people import admit

ADDRESS, ID = "ada@acme.example", "00000000000000ad"
GRANT, OTHER = (Grant(role="partner", partner_id=name) for name in ("acme", "globex"))


class People:
    """One table, one directory, and Ada."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.directory = MemoryDirectory()

    def grant(self, *grants: Grant, **how: Any) -> Caller:
        wanted = PersonView(email=ADDRESS, grants=grants)
        put_person(self.store, self.directory, at(**how), wanted, ID)
        return self.caller(*grants)

    def caller(self, *grants: Grant) -> Caller:
        """Whoever has the sign-in now, with what an authorizer said a moment ago."""
        known = self.directory.find_user(ADDRESS)
        subject = known.subject if known else "sub-0"
        return Caller(subject=subject, person_id=ID, email=ADDRESS, grants=grants)

    def remove(self, **how: Any) -> None:
        remove_person(self.store, self.directory, at(**how), ADDRESS)

    def make(self, caller: Caller, number: int = 0, grants: tuple[Grant, ...] = (GRANT,)) -> ApiToken:
        request = TokenRequest(name="erp", grants=grants, expires_at=later(days=9), licenses_per_day=1)
        make_token(self.store, at(), caller, request, TokenSecret(f"{number:016}", "s3cret"))
        token = self.facts(ApiToken.ref_of(f"{number:016}"))[ApiToken.ref_of(f"{number:016}")]
        assert token
        return token

    def facts(self, *refs: Any) -> RecordSet:
        return self.store.get(*refs)

    @property
    def person(self) -> Person | None:
        return person_at(self.store, ADDRESS)

    def held(self, subject: str | None) -> tuple[Grant, ...]:
        return self.person.held_by(subject) if self.person else ()

    def out(self, subject: str) -> SignOut:
        found = self.facts(SignOut.ref_of(subject))[SignOut.ref_of(subject)]
        assert found
        return found

    @property
    def tokens(self) -> list[ApiToken]:
        return [record for record in self.store.items.values() if isinstance(record, ApiToken)]


class Broken(MemoryDirectory):
    """The sign-in service can't be reached."""

    def delete_user(self, email: str) -> None:
        raise ConnectionError(email)


def test_grants_are_bound_to_the_sign_in_that_is_made_for_the_address() -> None:
    people = People()
    people.grant(GRANT)
    assert people.held("sub-1") == (GRANT,)
    assert people.held("sub-2") == () == people.held(None)
    told = {entry.action for entry in people.store.page(LedgerOf(f"person/{ID}"), 9).items}
    assert told == {"person.put", "person.bound"}


def test_nobody_holds_what_was_granted_before_the_sign_in_was_made() -> None:
    assert Person(person_id=ID, grants=(GRANT,)).held_by("sub-1") == ()
    assert Person(person_id=ID, grants=(GRANT,)).held_by(None) == ()


def test_the_same_grants_again_write_nothing() -> None:
    people = People()
    people.grant(GRANT)
    commits = people.store.commits
    people.grant(GRANT)
    assert people.store.commits == commits


def test_what_is_refused_and_what_is_only_shown_invites_nobody() -> None:
    people = People()
    with pytest.raises(Refusal):
        people.grant(Grant(role="org_admin", org_id="org-nowhere"))
    people.grant(GRANT, dry_run=True)
    assert (people.directory.made, people.store.items) == (0, {})


def test_a_sign_in_made_anew_has_nothing_until_its_address_is_granted_anew() -> None:
    people = People()
    old = people.grant(GRANT)
    people.directory.delete_user(ADDRESS)  # by hand, in the directory
    people.directory.create_user(ADDRESS)
    new = people.caller()
    assert people.held(new.subject) == ()
    people.grant(GRANT)
    assert (people.held(new.subject), people.held(old.subject)) == ((GRANT,), ())


def test_removing_a_person_revokes_fifty_tokens_and_all_sessions_in_one_commit() -> None:
    people = People()
    ada = people.grant(GRANT, OTHER)
    for number in range(50):
        people.make(ada, number, (GRANT, OTHER) * 25)
    commits = people.store.commits
    people.remove(moment=later(hours=1))
    assert people.store.commits == commits + 1
    assert (people.person, people.tokens, people.directory.users) == (None, [], {})
    out = people.out(ada.subject)
    assert out.revokes(int(NOON.timestamp()))
    (entry, *_) = people.store.page(LedgerOf(f"person/{ID}"), 9).items
    assert len(entry.changes) == 52, "the person, its tokens, and that it is listed no more"
    assert len(entry.model_dump_json()) < 300_000, "DynamoDB takes 400 KB"
    assert reconcile(people.store, NOON) == []


def test_a_removed_persons_token_and_session_stay_dead_when_the_address_is_granted_again() -> None:
    people = People()
    old = people.grant(GRANT)
    token = people.make(old)
    people.remove()
    new = people.grant(GRANT)
    assert (new.subject, people.tokens) == ("sub-2", [])
    assert people.held(old.subject) == ()
    assert token.caller(people.person).grants == (), "even if somebody had kept its record"


def test_a_removal_that_broke_off_before_the_sign_in_was_gone_is_finished_by_asking_again() -> None:
    people = People()
    people.grant(GRANT)
    whole, people.directory = people.directory, Broken()
    with pytest.raises(ConnectionError):
        people.remove()
    people.directory = whole
    with pytest.raises(Refusal, match="There is no such person"):
        people.remove()
    assert whole.users == {}


def test_the_sessions_of_a_sign_in_that_outlived_its_removal_are_over_all_the_same() -> None:
    people = People()
    ada = people.grant(GRANT)
    token = people.make(ada)
    whole, people.directory = people.directory, Broken()
    with pytest.raises(ConnectionError):
        people.remove()
    people.directory = whole
    assert people.grant(GRANT).subject == ada.subject
    out = people.out(ada.subject)
    assert out.revokes(int(NOON.timestamp()))
    assert token not in people.tokens


@pytest.mark.parametrize("before", [0, 1], ids=["the first token", "one more token"])
def test_a_token_made_while_its_maker_is_removed_is_revoked_or_never_made(before: int) -> None:
    people = People(raced := Raced())
    ada = people.grant(GRANT)
    for number in range(before):
        people.make(ada, number)
    raced.between = lambda: people.make(ada, 8)
    people.remove()
    assert people.tokens == []
    people.grant(GRANT)
    raced.between = people.remove
    with pytest.raises(Refusal, match="is none that you hold yourself"):
        people.make(people.caller(GRANT), 9)
    assert people.tokens == []


def test_a_grant_taken_while_a_token_is_made_is_not_in_the_token() -> None:
    people = People(raced := Raced())
    ada = people.grant(GRANT, OTHER)
    raced.between = lambda: people.grant(OTHER)
    with pytest.raises(Refusal, match="is none that you hold yourself"):
        people.make(ada)
    assert people.tokens == []


def test_a_grant_taken_within_the_authorizers_minute_is_in_no_token_made_after_it() -> None:
    people = People()
    ada = people.grant(GRANT, OTHER)
    people.grant(OTHER)
    with pytest.raises(Refusal, match="is none that you hold yourself"):
        people.make(ada)


def test_another_sign_in_under_the_address_makes_no_token() -> None:
    people = People()
    people.grant(GRANT)
    with pytest.raises(Refusal, match="is none that you hold yourself"):
        people.make(Caller(subject="sub-9", person_id=ID, email=ADDRESS, grants=(GRANT,)))


def test_removing_somebody_without_tokens_leaves_a_count_that_a_token_made_meanwhile_would_meet() -> None:
    people = People()
    people.grant(GRANT)
    people.remove()
    ref = ActiveTokens.ref_of(ID)
    assert people.facts(ref)[ref] == ActiveTokens(made_by=ID, version=1)


def test_a_person_has_a_hundred_grants_at_most_and_one_who_had_more_is_still_shown() -> None:
    grants = tuple(Grant(role="partner", partner_id=f"p{number}") for number in range(MAX_GRANTS + 1))
    assert PersonRequest(grants=grants[:-1])
    with pytest.raises(ValueError, match="at most 100"):
        PersonRequest(grants=grants)
    assert PersonView.of(Person(person_id=ID, grants=grants), ADDRESS).grants == grants


def test_signing_out_ends_what_began_until_that_second_and_nothing_later() -> None:
    people = People()
    ada = people.grant(GRANT)
    for moment in (NOON, later(hours=1)):
        shown = sign_out_person(people.store, people.directory, at(moment), ada)
        assert shown.body["signed_out_at"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        out = people.out(ada.subject)
        second = int(moment.timestamp())
        assert [out.revokes(second + more) for more in (-3600, -1, 0, 1)] == [True, True, True, False]
        assert out.forget_at > moment.replace(day=moment.day + 30)
    assert people.directory.signed_out == [ada.subject] * 2


@given(st.text(max_size=30) | st.from_regex(r"[\w.+=?-]{1,12}@[\w-]{1,9}\.[\w]{2,5}", fullmatch=True))
def test_an_address_is_ascii_lower_case_and_itself_again(text: str) -> None:  # D45
    """What is not ASCII is refused, never made ASCII by its case (the Kelvin sign K is `k` in lower case)."""
    try:
        address = canonical_address(text)
    except ValueError:
        return
    assert text.strip().isascii()
    assert (address, canonical_address(address)) == (text.strip().lower(), address)


def test_a_kelvin_sign_is_no_k() -> None:  # D45
    with pytest.raises(ValueError, match="not an e-mail address"):
        canonical_address("mar\N{KELVIN SIGN}@x.zz")


# --- erasing ---

OLGA, EVE = "olga@engenius.example", "eve@engenius.example"
OPERATOR = Grant(role="operator")


def operator(people: People, email: str) -> Caller:
    admit(people.store, email, OPERATOR)
    return person(email, OPERATOR)


def erase(people: People, who: Caller, email: str = ADDRESS) -> None:
    erase_person(people.store, people.directory, at(actor=who.actor), who, email)


def broken(people: People) -> set[str]:
    """What the reconciler says; of what was put here by hand no ledger tells."""
    return {found.promise for found in reconcile(people.store, NOON)} - {"the ledger tells of every change"}


def test_of_two_operators_who_erase_each_other_one_is_left() -> None:
    people = People(raced := Raced())
    olga, eve = operator(people, OLGA), operator(people, EVE)
    raced.between = lambda: erase(people, eve, OLGA)
    with pytest.raises(Refusal, match="you no longer are one"):
        erase(people, olga, EVE)
    assert (person_at(people.store, OLGA), person_at(people.store, EVE) is None) == (None, False)


def test_who_is_granted_something_while_being_erased_comes_back_as_somebody_else() -> None:  # D44
    people = People(raced := Raced())
    olga = operator(people, OLGA)
    people.grant(GRANT)
    raced.between = lambda: erase(people, olga)
    put_person(people.store, people.directory, at(), PersonView(email=ADDRESS, grants=(OTHER,)), "00000000000000ae")
    assert people.person
    assert (people.person.person_id, people.person.grants) == ("00000000000000ae", (OTHER,))
    assert broken(people) == set()


def test_an_erasure_that_broke_off_before_the_sign_in_was_gone_is_finished_by_asking_again() -> None:
    people = People()
    olga = operator(people, OLGA)
    people.grant(GRANT)
    whole, people.directory = people.directory, Broken()
    with pytest.raises(ConnectionError):
        erase(people, olga)
    people.directory = whole
    with pytest.raises(Refusal, match="There is no such person"):
        erase(people, olga)
    assert (whole.users, broken(people)) == ({}, set())


def test_the_ledger_of_whoever_was_erased_replays_and_has_no_address() -> None:  # D44
    people = People()
    olga = operator(people, OLGA)
    people.make(people.grant(GRANT))
    erase(people, olga)
    told = people.store.page(LedgerOf(f"person/{ID}"), 9).items
    assert {entry.action for entry in told} == {"person.erased", "api_token.made", "person.bound", "person.put"}
    assert not [entry for entry in told if "@" in entry.model_dump_json()]
    assert [found for found in reconcile(people.store, NOON) if ID in found.item] == []


def test_the_reconciler_finds_an_address_wherever_somebody_erased_could_still_stand() -> None:  # D44
    people = People()
    operator(people, OLGA)
    people.grant(GRANT)
    entry = people.store.page(LedgerOf(f"person/{ID}"), 1).items[0]
    for record in (
        ReminderCursor(about="org/o", recipient=ADDRESS, until=NOON),
        ActiveTokens(made_by=ADDRESS),
        entry.evolve(ledger="org/o", changes=(), actor=f"token:erp ({ADDRESS})"),
        entry.evolve(entry_id=f"{entry.entry_id}x", changes=(), summary=f"{ADDRESS} granted"),
    ):
        people.store.commit([created(record.evolve(version=0))])
        assert (broken(people), str(record.ref) in {found.item for found in reconcile(people.store, NOON)}) == (
            {"people are named by an id"},
            True,
        )
        people.store.commit([Change(record.evolve(version=1), None)])
    assert broken(people) == set()


@pytest.mark.parametrize(
    "facts", [{"email": None}, {"email": EVE}, {"listed": False}, {"erased_at": NOON}], ids=lambda facts: str(*facts)
)
def test_the_reconciler_finds_an_address_that_leads_to_nobody(facts: dict[str, Any]) -> None:
    people = People()
    people.grant(GRANT)
    (address,) = people.facts(PersonAddress.ref_of(ID))
    people.store.commit([Change(address, address.evolve(**facts))])
    assert broken(people) == {"people are named by an id"}
