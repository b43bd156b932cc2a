"""API tokens: no more than their maker may, bounded by the day, shown once (issue: Trust)."""

from datetime import datetime
from typing import Any

import pytest

from licensing.domain.assigning.requests import Pair
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.people.access import Caller, Grant, Person
from licensing.domain.people.addresses import mention
from licensing.domain.people.api_tokens import ApiToken, TokenSecret
from licensing.domain.people.requests import TokenRequest
from licensing.listings import LedgerOf
from licensing.use_cases.assigning.associate import associate_pairs
from licensing.use_cases.core.context import Context
from licensing.use_cases.people.keep_tokens import make_token, revoke_token
from tests.worlds.assigning import NORTH, World
from tests.worlds.claiming import claim, issue, mint
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import MemoryStore, Raced
from tests.worlds.gateway import id_for, person
from tests.worlds.people import admit

ADMIN = Grant(role="org_admin", org_id="org-north")
VIEWER = Grant(role="org_viewer", org_id="org-north")
ADA = person("ada@north.example", ADMIN)
OLGA = person("olga@engenius.example", Grant(role="operator"))
FRESH = TokenSecret("0123456789abcdef", "s3cret")


def peopled() -> MemoryStore:
    """A table with Ada and Olga in it."""
    store = MemoryStore()
    people(store)
    return store


def people(store: MemoryStore) -> None:
    for who in (ADA, OLGA):
        assert who.email
        admit(store, who.email, *who.grants, subject=who.subject)


def request(**other: Any) -> TokenRequest:
    body = {"name": "erp-acme", "grants": [ADMIN], "expires_at": later(days=30), "licenses_per_day": 10}
    return TokenRequest.model_validate(body | other)


def made(store: MemoryStore, maker: Caller = ADA, **other: Any) -> ApiToken:
    make_token(store, at(actor=maker.actor), maker, request(**other), FRESH)
    token = store.one(ApiToken.ref_of(FRESH.token_id))
    assert token is not None
    return token


def using(token: ApiToken, moment: datetime = NOON, **how: Any) -> Context:
    caller = token.caller(Person(person_id=token.made_by, grants=token.grants, subject=token.subject))
    return at(moment, actor=caller.actor, quota=caller.quota, **how)


def refused(code: str, call: Any, *args: Any, **how: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*args, **how)
    assert caught.value.code == code
    return caught.value


def test_a_token_is_shown_once_and_kept_nowhere() -> None:
    store = peopled()
    body = make_token(store, at(), ADA, request(), FRESH).body
    assert body["token"] == "eng.0123456789abcdef.s3cret"
    assert not [item for item in store.items.values() if "s3cret" in item.model_dump_json()]


def test_a_dry_run_makes_and_shows_none() -> None:
    store = peopled()
    assert make_token(store, at(dry_run=True), ADA, request(), FRESH).body["token"] is None
    assert "api_token" not in {record.kind for record in store.items.values()}


def test_an_idempotency_key_is_refused_since_the_secret_would_be_kept_with_it() -> None:
    context = at(idempotency_key=IdempotencyKey.of("ada", "1", "POST"))
    refusal = refused("invalid_request", make_token, peopled(), context, ADA, request(), FRESH)
    assert refusal.faults[0].field == "Idempotency-Key"


@pytest.mark.parametrize(
    ("grant", "maker", "allowed"),
    [
        (ADMIN, ADA, True),
        (VIEWER, ADA, True),
        (Grant(role="org_admin", org_id="org-south"), ADA, False),
        (Grant(role="operator"), ADA, False),
        (Grant(role="msp_admin", msp_id="org-north"), ADA, False),
        (Grant(role="org_admin", org_id="org-south"), OLGA, True),
        (ADMIN, ADA.model_copy(update={"grants": (VIEWER,)}), False),
    ],
)
def test_nobody_passes_on_more_than_they_hold(grant: Grant, maker: Caller, allowed: bool) -> None:
    if allowed:
        assert made(peopled(), maker, grants=[grant]).grants == (grant,)
    else:
        refused("invalid_request", made, peopled(), maker, grants=[grant])


@pytest.mark.parametrize("expires_at", [NOON, later(days=367)])
def test_a_token_lives_a_year_at_most(expires_at: datetime) -> None:
    refused("invalid_request", made, peopled(), expires_at=expires_at)


def test_a_token_opens_with_its_secret_until_it_expires() -> None:
    token = made(peopled())
    assert token.opens("s3cret", later(days=29))
    assert not token.opens("s3cret", later(days=30))
    assert not token.opens("secret", NOON)


def test_only_what_has_the_form_of_a_token_is_looked_up() -> None:
    made = TokenSecret.fresh()
    assert TokenSecret.from_text(made.to_text()) == made
    for token_id in ("", "7" * 2_044, "0123456789ABCDEF", "0123456789abcde", "0123456789abcde\u0661", "#" * 16):
        assert TokenSecret.from_text(f"eng.{token_id}.{made.secret}") is None, token_id
    for secret in ("", made.secret[1:], made.secret + "x", made.secret[1:] + "\n", made.secret[1:] + "\u00e9"):
        assert TokenSecret.from_text(f"eng.{made.token_id}.{secret}") is None, secret


def test_what_its_maker_lost_the_token_has_lost() -> None:
    token = made(peopled(), grants=[ADMIN, VIEWER])
    assert token.caller(Person(person_id=token.made_by, grants=(VIEWER,), subject=token.subject)).grants == (VIEWER,)
    assert token.caller(None).grants == ()


def test_its_maker_and_operators_revoke_a_token_and_for_others_there_is_none() -> None:
    for caller in (ADA, OLGA):
        store = peopled()
        token = made(store)
        refused("not_found", revoke_token, store, at(), Caller(subject="x", email="x@x.example"), token.token_id)
        assert revoke_token(store, at(), caller, token.token_id).body["name"] == "erp-acme"
        refused("not_found", revoke_token, store, at(), caller, token.token_id)


def fill(store: MemoryStore, count: int) -> None:
    for number in range(count):
        make_token(store, at(), ADA, request(), TokenSecret(f"{number:016}", "s3cret"))


def test_nobody_has_more_than_fifty_living_tokens_and_revoking_makes_room() -> None:
    store = peopled()
    fill(store, 50)
    refusal = refused("invalid_request", made, store)
    assert (refusal.faults, refusal.remedy) == ((), "Revoke one that is no longer used, then make this one.")
    made(store, OLGA)
    revoke_token(store, at(), OLGA, f"{7:016}")
    make_token(store, at(), ADA, request(), TokenSecret("fresh", "s3cret"))
    refused("invalid_request", make_token, store, at(), ADA, request(), TokenSecret("one more", "s3cret"))


def test_expired_tokens_make_room_too() -> None:
    store = peopled()
    fill(store, 50)
    make_token(store, at(later(days=30)), ADA, request(expires_at=later(days=40)), FRESH)


def test_two_tokens_made_at_once_can_not_share_the_last_place() -> None:
    store = Raced()
    people(store)
    fill(store, 49)
    store.between = lambda: make_token(store, at(), ADA, request(), TokenSecret("theirs", "s3cret"))
    refused("invalid_request", made, store)


def test_the_ledger_names_the_token_and_its_maker() -> None:
    store = peopled()
    token = made(store)
    claim(store, issue(store, 1), context=using(token))
    actor = store.page(LedgerOf("org/org-north"), 1).items[0].actor
    assert actor == f"token:erp-acme ({mention(id_for('ada@north.example'))})"


def test_claims_of_a_day_stay_within_the_bound_which_starts_again_at_midnight() -> None:
    store = peopled()
    token = made(store)
    claim(store, issue(store, 1, quantity=7), context=using(token))
    refusal = refused("rate_limited", claim, store, issue(store, 2, quantity=4), context=using(token))
    assert refusal.extra["retry_after"] == 12 * 3600
    claim(store, issue(store, 3, quantity=3), context=using(token))
    assert claim(store, mint(2), context=using(token, later(hours=12)))[0]["outcome"] == "claimed"


def test_a_dry_run_beyond_the_bound_is_refused_like_the_real_call_and_one_within_uses_nothing() -> None:
    store = peopled()
    token = made(store)
    key = issue(store, 1, quantity=10)
    for _ in range(3):
        claim(store, key, context=using(token, dry_run=True))
    refused("rate_limited", claim, store, issue(store, 2, quantity=11), context=using(token, dry_run=True))
    assert claim(store, key, context=using(token))[0]["outcome"] == "claimed"


def test_a_replayed_claim_and_one_of_what_is_mine_count_once() -> None:
    store = peopled()
    token = made(store)
    key, idempotency_key = issue(store, 1, quantity=10), IdempotencyKey.of("t", "1", "POST")
    for used in (idempotency_key, idempotency_key, None):
        claim(store, key, context=using(token, idempotency_key=used))
    refused("rate_limited", claim, store, issue(store, 2, quantity=1), context=using(token))


def test_bound_licences_count_as_well() -> None:
    world, store = World(), peopled()
    world.store = store
    token = made(store, licenses_per_day=1)
    first, second = world.claim(quantity=2)
    serials = [world.register("SN-1"), world.register("SN-2")]
    associate_pairs(world.store, using(token), NORTH, [Pair(license_id=first, serial=serials[0])])
    refused(
        "rate_limited",
        associate_pairs,
        world.store,
        using(token),
        NORTH,
        [Pair(license_id=second, serial=serials[1])],
    )


def test_two_claims_at_once_can_not_share_what_is_left_of_the_day() -> None:
    store = Raced()
    people(store)
    token = made(store)
    mine, theirs = issue(store, 1, quantity=6), issue(store, 2, quantity=6)
    store.between = lambda: claim(store, theirs, context=using(token))
    refused("rate_limited", claim, store, mine, context=using(token))
