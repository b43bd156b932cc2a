"""Previewing and claiming keys in organizations (D9-D14)."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from pydantic import ValidationError

from licensing.domain.claiming.failed_lookups import FailedLookups
from licensing.domain.claiming.requests import ClaimRequest, PreviewRequest, TransferRequest
from licensing.domain.core.decisions import changed
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.ledger import Entry
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.licenses import Block
from licensing.entry.problems import problem
from licensing.listings import LedgerOf
from licensing.use_cases.claiming.claim_keys import claim_keys
from licensing.use_cases.claiming.preview_key import preview_key
from licensing.use_cases.claiming.transfer_tokens import transfer_tokens
from tests.worlds.claiming import NORTH, SOUTH, claim, issue, key_id, key_record, mint, unissued
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import MemoryStore


def preview(store: MemoryStore, key: str, subject: str = "ada", **how: object) -> dict[str, object]:
    return preview_key(store, at(**how), subject, PreviewRequest(license_key=key)).body  # type: ignore[arg-type]


def refused(store: MemoryStore, *keys: str, **how: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        claim(store, *keys, **how)  # type: ignore[arg-type]
    assert caught.value.remedy
    return caught.value


def ledger(store: MemoryStore, owner: str) -> list[Entry]:
    return list(store.page(LedgerOf(owner), 100).items)


def block(store: MemoryStore, number: int, org: str = NORTH) -> Block | None:
    ref = Block.ref_of(org, key_id(number))
    return store.one(ref)


def record_of(store: MemoryStore, key: str) -> LicenseKey:
    ref = LicenseKey.ref_of(key_record(key).key_hash)
    found = store.one(ref)
    assert found
    return found


# --- preview (D9) ---


def test_a_preview_tells_all_about_a_key_and_that_it_can_be_claimed() -> None:
    store = MemoryStore()
    key = issue(store, 1, "AP-3YR-LIC", 500)
    assert preview(store, key) == {
        "key_fingerprint": f"{key[:5]}-…-…-…-*****",
        "license_model": "AP-3YR-LIC",
        "name": "Access Point Pro License, 3 Years",
        "scope": "device",
        "category": "ap",
        "type": "pro",
        "quantity": 500,
        "term_days": 1095,
        "seats": None,
        "tokens": None,
        "issued_at": "2026-03-01T12:00:00Z",
        "forced_activation_at": "2026-05-30T12:00:00Z",
        "portal": "organization",
        "claimable": True,
        "reason": None,
    }


def test_a_preview_says_why_a_key_cannot_be_claimed() -> None:
    store = MemoryStore()
    claimed, voided = issue(store, 1), issue(store, 2)
    claim(store, claimed)
    store.commit([changed(record_of(store, voided), voided_at=NOON)])
    assert (preview(store, claimed)["claimable"], preview(store, claimed)["reason"]) == (False, "already_claimed")
    assert preview(store, voided)["reason"] == "key_voided"


def test_a_preview_changes_nothing_and_tells_no_ledger() -> None:
    store = MemoryStore()
    key = issue(store, 1)
    before = dict(store.items)
    preview(store, key)
    assert store.items == before


def test_shared_tokens_have_no_term_and_no_forced_activation() -> None:
    store = MemoryStore()
    told = preview(store, issue(store, 1, "AI-TOKEN-1K-LIC", 3))
    assert (told["term_days"], told["forced_activation_at"], told["tokens"]) == (None, None, 1000)


# --- claiming (D10-D12) ---


@pytest.mark.parametrize("quantity", [1, 100_000])
def test_a_claim_is_one_transaction_whatever_the_quantity(quantity: int) -> None:
    store = MemoryStore()
    key = issue(store, 1, quantity=quantity)
    items, commits = len(store.items), store.commits
    assert claim(store, key, context=at(idempotency_key=IdempotencyKey.of("ada", "k", "r"))) == [
        {
            "key_fingerprint": f"{key[:5]}-…-…-…-*****",
            "outcome": "claimed",
            "license_model": "AP-1YR-LIC",
            "quantity": quantity,
            "license_ids": {"first": f"{key_id(1)}-000001", "last": f"{key_id(1)}-{quantity:06}"},
            "associations": [],
        }
    ]
    assert (len(store.items) - items, store.commits - commits) == (3, 1)  # the block, the ledger's entry, the reply
    assert (found := block(store, 1)) is not None
    assert len(found.free) == quantity


def test_any_way_of_typing_a_key_claims_it() -> None:
    store = MemoryStore()
    key = issue(store, 1)
    sloppy = f" {key.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')} "
    assert claim(store, sloppy)[0]["outcome"] == "claimed"


def test_claiming_again_what_is_mine_answers_the_same_licenses_and_changes_nothing() -> None:
    store = MemoryStore()
    key = issue(store, 1)
    first = claim(store, key)[0]
    before = dict(store.items)
    again = claim(store, key, subject="bob", context=at(later(days=3)))[0]
    assert again == first | {"outcome": "already_yours"}
    assert store.items == before


def test_what_another_org_has_claimed_is_refused_without_saying_who() -> None:
    store = MemoryStore()
    key = issue(store, 1)
    claim(store, key)
    refusal = refused(store, key, org=SOUTH)
    assert refusal.code == "already_claimed"
    assert NORTH not in f"{refusal.detail}{refusal.remedy}{refusal.extra}"


def test_a_withdrawn_key_is_refused_wherever_it_is_entered() -> None:
    store = MemoryStore()
    for number, model in enumerate(("AP-1YR-LIC", "MSP-1YR-LIC")):
        key = issue(store, number, model)
        store.commit([changed(record_of(store, key), voided_at=NOON)])
        assert refused(store, key).code == "key_voided"


def test_an_msp_key_is_sent_to_the_msp_portal() -> None:
    store = MemoryStore()
    refusal = refused(store, issue(store, 1, "MSP-1YR-LIC"))
    assert (refusal.code, refusal.extra["portal"]) == ("wrong_portal", "msp")
    assert "/msps/{msp_id}/claims" in problem(refusal, "")["remedy"]


def test_the_ledger_tells_of_a_claim_but_never_of_the_key() -> None:
    store = MemoryStore()
    key = issue(store, 1, quantity=100_000)
    claim(store, key)
    (entry,) = ledger(store, f"org/{NORTH}")
    assert (entry.action, entry.actor) == ("keys.claimed", "tester")
    assert entry.summary == f"Claimed 100000 × AP-1YR-LIC ({key[:5]}-…-…-…-*****)"
    assert [diff.record.partition("/")[0] for diff in entry.changes] == ["key", "block"]
    assert key[6:] not in entry.model_dump_json()


# --- several keys (D13) ---


def test_all_or_nothing_refuses_all_for_one_and_says_what_became_of_each() -> None:
    store = MemoryStore()
    good, mine = issue(store, 1), issue(store, 2)
    claim(store, mine)
    refusal = refused(store, good, unissued(1), mine)
    assert refusal.code == "unknown_key"
    assert [told["outcome"] for told in refusal.extra["claims"]] == ["not_claimed", "unknown_key", "not_claimed"]
    assert block(store, 1) is None


def test_best_effort_claims_what_it_can_and_says_the_rest() -> None:
    store = MemoryStore()
    good, msp = issue(store, 1), issue(store, 2, "MSP-1YR-LIC")
    told = claim(store, good, unissued(1), msp, "7Q4ZK", mode="best_effort")
    assert [each["outcome"] for each in told] == ["claimed", "unknown_key", "wrong_portal", "malformed_key"]
    assert [each["license_ids"] is None for each in told] == [False, True, True, True]
    assert block(store, 1) is not None


def test_25_keys_fit_one_transaction() -> None:
    store = MemoryStore()
    keys = [issue(store, number, "AI-TOKEN-1K-LIC") for number in range(25)]
    commits = store.commits
    claim(store, *keys)
    assert store.commits == commits + 1


@pytest.mark.parametrize("keys", [[], [mint(number) for number in range(26)]])
def test_a_call_has_1_to_25_keys(keys: list[str]) -> None:
    with pytest.raises(ValidationError):
        ClaimRequest(license_keys=tuple(keys))


def test_the_same_key_twice_in_one_call_is_refused_however_it_is_typed() -> None:
    store = MemoryStore()
    key = issue(store, 1)
    refusal = refused(store, key, key.lower().replace("-", ""), mode="best_effort")
    assert refusal.code == "invalid_request"
    assert [fault.field for fault in refusal.faults] == ["license_keys[1]"]


def test_a_malformed_key_is_told_at_once_with_its_place_and_nothing_is_looked_up() -> None:
    store = MemoryStore()
    claim(store, key := issue(store, 1))
    refusal = refused(store, key, "7Q4ZK-U", org=SOUTH)
    assert (refusal.code, [fault.field for fault in refusal.faults]) == ("malformed_key", ["license_keys[1]"])
    assert [told["outcome"] for told in refusal.extra["claims"]] == ["not_claimed", "malformed_key"]
    assert refusal.extra["claims"][0]["license_model"] is None


def test_no_answer_repeats_a_key_as_it_was_typed() -> None:
    store = MemoryStore()
    key = unissued(1)
    refusal = refused(store, key)
    assert key[6:] not in f"{refusal.detail}{refusal.remedy}{refusal.extra}{refusal.faults}"
    assert key[6:] not in repr(ClaimRequest(license_keys=(key,)))
    assert key[6:] not in repr(PreviewRequest(license_key=key))


# --- dry run, plan, idempotency ---


def test_a_dry_run_shows_the_claim_and_its_plan_is_what_the_real_call_does() -> None:
    store = MemoryStore()
    key = issue(store, 1)
    request = ClaimRequest(license_keys=(key,))
    shown = claim_keys(store, at(later(hours=1), dry_run=True), NORTH, "ada", request).body
    assert shown["claims"][0]["outcome"] == "claimed"
    assert block(store, 1) is None
    done = claim_keys(store, at(later(hours=2), plan=shown["plan"]), NORTH, "ada", request).body
    assert done["claims"] == shown["claims"]


def test_the_plan_of_a_call_with_unknown_keys_holds_although_they_were_counted() -> None:
    store = MemoryStore()
    request = ClaimRequest(license_keys=(issue(store, 1), unissued(1)), mode="best_effort")
    plan = claim_keys(store, at(later(hours=1), dry_run=True), NORTH, "ada", request).body["plan"]
    done = claim_keys(store, at(later(hours=2), plan=plan), NORTH, "ada", request).body
    assert [told["outcome"] for told in done["claims"]] == ["claimed", "unknown_key"]


def test_a_plan_is_stale_once_another_has_claimed() -> None:
    store = MemoryStore()
    first, second = issue(store, 1), issue(store, 2)
    request = ClaimRequest(license_keys=(first, second), mode="best_effort")
    plan = claim_keys(store, at(dry_run=True), NORTH, "ada", request).body["plan"]
    claim(store, second, org=SOUTH)
    with pytest.raises(Refusal) as caught:
        claim_keys(store, at(plan=plan), NORTH, "ada", request)
    assert caught.value.code == "plan_stale"


def test_a_claim_sent_again_with_its_idempotency_key_answers_as_the_first_time() -> None:
    store = MemoryStore()
    key, idempotency_key = issue(store, 1), IdempotencyKey.of("ada", "k", "r")
    first = claim(store, key, context=at(idempotency_key=idempotency_key))
    assert claim(store, key, context=at(later(days=1), idempotency_key=idempotency_key)) == first


# --- guesses ---


def guess(store: MemoryStore, number: int, moment: timedelta = timedelta(), **how: object) -> str:
    return refused(store, unissued(number), context=at(NOON + moment), **how).code


def counted(store: MemoryStore, guesser: str) -> FailedLookups:
    ref = FailedLookups.ref_of(guesser)
    found = store.one(ref)
    assert found
    return found


def test_after_20_unknown_keys_in_an_hour_nothing_is_told_any_more() -> None:
    store = MemoryStore()
    key = issue(store, 1)
    assert {guess(store, number) for number in range(20)} == {"unknown_key"}
    assert guess(store, 20) == "rate_limited"
    refusal = refused(store, key, context=at(later(minutes=59)))
    assert (refusal.code, refusal.extra) == ("rate_limited", {"retry_after": 60})
    assert claim(store, key, context=at(later(hours=1)))[0]["outcome"] == "claimed"


def test_the_hour_slides() -> None:
    store = MemoryStore()
    for number in range(20):
        guess(store, number, timedelta(minutes=number))
    assert guess(store, 20, timedelta(minutes=59)) == "rate_limited"
    assert guess(store, 21, timedelta(minutes=60)) == "unknown_key"
    assert guess(store, 22, timedelta(minutes=60)) == "rate_limited"


def test_guesses_count_for_the_caller_and_for_the_org() -> None:
    store = MemoryStore()
    for number in range(20):
        guess(store, number, subject=f"caller-{number % 2}")
    assert guess(store, 20, subject="somebody else") == "rate_limited"
    assert guess(store, 21, subject="caller-0", org=SOUTH) == "unknown_key"
    for number in range(22, 31):
        guess(store, number, subject="caller-0", org=f"org-{number}")
    assert guess(store, 31, subject="caller-0", org="org-31") == "rate_limited"


def test_previews_and_claims_share_the_caller_s_count() -> None:
    store = MemoryStore()
    key = issue(store, 1)
    for number in range(20):
        with pytest.raises(Refusal, match="no such license key"):
            preview(store, unissued(number))
    with pytest.raises(Refusal) as caught:
        preview(store, key)
    assert caught.value.code == "rate_limited"
    assert guess(store, 21) == "rate_limited"


def test_one_call_with_many_unknown_keys_gets_no_further() -> None:
    store = MemoryStore()
    key = issue(store, 1)
    refusal = refused(store, *(unissued(number) for number in range(21)), key, mode="best_effort")
    assert (refusal.code, "claims" in refusal.extra) == ("rate_limited", False)
    assert block(store, 1) is None
    assert guess(store, 30) == "rate_limited"


@pytest.mark.parametrize("mode", ["all_or_nothing", "best_effort"])
def test_a_dry_run_guesses_too(mode: str) -> None:
    store = MemoryStore()
    key = issue(store, 1)
    for number in range(20):
        with suppress(Refusal):
            claim(store, unissued(number), mode=mode, context=at(dry_run=True))
    assert len(counted(store, "caller/ada").unknown_at) == 20
    assert refused(store, key, mode=mode, context=at(dry_run=True)).code == "rate_limited"


def test_malformed_keys_are_counted_but_lock_nobody_out() -> None:
    store = MemoryStore()
    for _ in range(30):
        assert refused(store, "7Q4ZK").code == "malformed_key"
    assert counted(store, "caller/ada").malformed == 30
    assert claim(store, issue(store, 1))[0]["outcome"] == "claimed"


def test_counting_cannot_be_raced_past() -> None:
    """24 callers of one org guess at once, one of them right: no more than 20 learn anything."""
    store = MemoryStore()
    key = issue(store, 1)
    told: list[str] = []

    def one(number: int) -> None:
        try:
            claim(store, key if number == 12 else unissued(number), subject=f"caller-{number}")
            told.append("claimed")
        except Refusal as refusal:
            told.append(refusal.code)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("unknown_key") == len(counted(store, f"org/{NORTH}").unknown_at) <= 20
    assert len(told) == 24


def test_a_right_guess_stands_on_the_count_as_it_was_read() -> None:
    """Between look-up and answer others use up the guesses: the answer is theirs, too."""
    store = MemoryStore()
    key = issue(store, 1)

    class Slow(MemoryStore):
        def commit(self, changes, checks=()) -> None:  # type: ignore[no-untyped-def]
            if not store.one(FailedLookups.ref_of("caller/ada")):
                for number in range(20):
                    guess(store, number)
            store.commit(changes, checks)

    slow = Slow()
    slow.items, slow._lock = store.items, store._lock
    for look in (lambda: preview(slow, key), lambda: claim(slow, key)):
        with pytest.raises(Refusal) as caught:
            look()
        assert caught.value.code == "rate_limited"


# --- shared AI tokens (D14) ---


def balance(store: MemoryStore, org: str) -> int | None:
    ref = TokenPool.ref_of(org)
    pool = store.one(ref)
    return pool.balance if pool else None


def test_token_keys_fill_the_pool_and_transfer_all_empties_it() -> None:
    store = MemoryStore()
    claim(store, issue(store, 1, "AI-TOKEN-1K-LIC", 3), issue(store, 2, "AI-TOKEN-1K-LIC", 2))
    claim(store, issue(store, 3, "AI-TOKEN-1K-LIC", 1))
    assert balance(store, NORTH) == 6000
    outcome = transfer_tokens(store, at(later(days=1)), NORTH, TransferRequest(to_org_id=SOUTH))
    assert outcome.body == {"transferred": 6000}
    assert (balance(store, NORTH), balance(store, SOUTH)) == (0, 6000)
    assert ledger(store, f"org/{NORTH}")[0].changes[0].before == {"balance": 6000}
    assert ledger(store, f"org/{SOUTH}")[0].summary == "6000 shared AI tokens transferred from org-north to org-south"


def test_an_empty_pool_transfers_nothing_and_tells_no_ledger() -> None:
    store = MemoryStore()
    outcome = transfer_tokens(store, at(), NORTH, TransferRequest(to_org_id=SOUTH))
    assert (outcome.body, outcome.changed) == ({"transferred": 0}, False)
    assert store.items == {}


def test_tokens_are_not_transferred_to_where_they_are() -> None:
    with pytest.raises(Refusal) as caught:
        transfer_tokens(MemoryStore(), at(), NORTH, TransferRequest(to_org_id=NORTH))
    assert caught.value.code == "invalid_request"


def test_the_key_record_says_who_claimed_it_and_when() -> None:
    store = MemoryStore()
    key = issue(store, 1)
    claim(store, key, context=at(later(days=1)))
    found = record_of(store, key)
    assert (found.claimed_by, found.claimed_at) == (f"org/{NORTH}", later(days=1))
