"""Keys extend an MSP portal's validity (D15)."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.adapters.dynamodb.rows import item_of
from licensing.domain.claiming.requests import MspClaimRequest
from licensing.domain.claiming.views import PortalView
from licensing.domain.core.decisions import created
from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import DAY
from licensing.domain.core.records import Record
from licensing.domain.licenses.msp_portals import Extension, MspPortal
from licensing.listings import LedgerOf
from licensing.use_cases.claiming.extend_msp import extend_msp
from licensing.use_cases.claiming.show_portal import show_portal
from tests.worlds.claiming import BLUE, claim, issue, key_id
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import MemoryStore


def extend(store: MemoryStore, *keys: str, msp: str = BLUE, moment: datetime = NOON, **how: Any) -> dict[str, Any]:
    return extend_msp(store, at(moment, **how), msp, "mia", MspClaimRequest(license_keys=keys)).body


def shown(store: MemoryStore, moment: datetime) -> dict[str, Any]:
    return show_portal(store, BLUE, moment).model_dump(mode="json")


def test_the_first_key_starts_the_portal_s_validity() -> None:
    store = MemoryStore()
    key = issue(store, 1, "MSP-1YR-LIC", 1)
    assert extend(store, key) == {
        "claims": [
            {
                "key_fingerprint": f"{key[:5]}-…-…-…-*****",
                "outcome": "claimed",
                "license_model": "MSP-1YR-LIC",
                "quantity": 1,
                "license_ids": {"first": f"{key_id(1)}-000001", "last": f"{key_id(1)}-000001"},
                "associations": [],
            }
        ],
        "previous_valid_until": None,
        "valid_until": "2027-03-01T12:00:00Z",
        "basis": "started",
    }


def test_a_further_key_extends_from_the_end_while_the_portal_runs() -> None:
    store = MemoryStore()
    extend(store, issue(store, 1, "MSP-1YR-LIC", 1))
    told = extend(store, issue(store, 2, "MSP-3YR-LIC", 2), moment=later(days=364))
    assert (told["previous_valid_until"], told["basis"]) == ("2027-03-01T12:00:00Z", "extended")
    assert told["valid_until"] == "2033-02-27T12:00:00Z"  # 365 + 2 · 1095 days


def test_a_key_for_a_lapsed_portal_starts_again_from_now() -> None:
    store = MemoryStore()
    extend(store, issue(store, 1, "MSP-1YR-LIC", 1))
    told = extend(store, issue(store, 2, "MSP-1YR-LIC", 1), moment=later(days=400))
    assert (told["previous_valid_until"], told["basis"]) == ("2027-03-01T12:00:00Z", "restarted")
    assert told["valid_until"] == "2028-04-04T12:00:00Z"


def test_several_keys_of_one_call_extend_in_the_order_given() -> None:
    store = MemoryStore()
    told = extend(store, issue(store, 1, "MSP-3YR-LIC", 1), issue(store, 2, "MSP-1YR-LIC", 1))
    assert (told["previous_valid_until"], told["basis"]) == (None, "started")
    licenses = shown(store, NOON)["licenses"]
    assert [(paid["license_model"], paid["from"], paid["until"]) for paid in licenses] == [
        ("MSP-3YR-LIC", "2026-03-01T12:00:00Z", "2029-02-28T12:00:00Z"),
        ("MSP-1YR-LIC", "2029-02-28T12:00:00Z", "2030-02-28T12:00:00Z"),
    ]


def test_claiming_again_answers_as_the_first_time_and_changes_nothing() -> None:
    store = MemoryStore()
    key = issue(store, 1, "MSP-1YR-LIC", 1)
    first = extend(store, key)
    again = extend(store, key, moment=later(days=5))
    assert again["claims"][0]["outcome"] == "already_yours"
    assert {**again, "claims": []} == {**first, "claims": []}
    assert len(store.page(LedgerOf(f"msp/{BLUE}"), 10).items) == 1


def test_an_org_s_key_is_sent_to_the_organization_and_another_msp_s_is_claimed() -> None:
    store = MemoryStore()
    org_key, msp_key = issue(store, 1), issue(store, 2, "MSP-1YR-LIC")
    with pytest.raises(Refusal) as caught:
        extend(store, org_key)
    assert (caught.value.code, caught.value.extra["portal"]) == ("wrong_portal", "organization")
    extend(store, msp_key)
    with pytest.raises(Refusal) as caught:
        extend(store, msp_key, msp="msp-red")
    assert caught.value.code == "already_claimed"
    assert claim(store, org_key)[0]["outcome"] == "claimed"


def test_a_dry_run_shows_the_new_end_and_its_plan_brings_it() -> None:
    store = MemoryStore()
    key = issue(store, 1, "MSP-1YR-LIC", 1)
    told = extend(store, key, moment=later(days=1), dry_run=True)
    assert shown(store, later(days=2))["licenses"] == []
    done = extend(store, key, moment=later(days=1, hours=1), plan=told["plan"])
    assert (told["valid_until"], done["valid_until"]) == ("2027-03-02T12:00:00Z", "2027-03-02T13:00:00Z")


def test_the_portal_is_shown_as_of_any_instant() -> None:
    store = MemoryStore()
    assert shown(store, NOON) == {
        "msp_id": BLUE,
        "valid_from": None,
        "valid_until": None,
        "valid": False,
        "licenses": [],
        "licenses_left_out": 0,
    }
    extend(store, issue(store, 1, "MSP-1YR-LIC", 1))
    extend(store, issue(store, 2, "MSP-1YR-LIC", 1), moment=later(days=400))
    past, lapsed, now, future = (shown(store, later(days=days)) for days in (1, 399, 400, 800))
    assert (past["valid"], past["valid_until"], len(past["licenses"])) == (True, "2027-03-01T12:00:00Z", 1)
    assert (lapsed["valid"], lapsed["valid_from"]) == (False, "2026-03-01T12:00:00Z")
    assert (now["valid"], now["valid_from"], len(now["licenses"])) == (True, "2027-04-05T12:00:00Z", 2)
    assert (future["valid"], future["valid_until"]) == (False, "2028-04-04T12:00:00Z")


def test_a_validity_beyond_all_dates_is_refused() -> None:
    store = MemoryStore()
    with pytest.raises(Refusal, match="beyond the year 2999"):
        extend(store, issue(store, 1, "MSP-3YR-LIC", 100_000))


def test_a_portals_hundredth_key_costs_what_the_first_did() -> None:
    store = MemoryStore()
    for number in range(100):
        extend(store, issue(store, number, "MSP-1YR-LIC", 1), moment=later(days=number))
    written = {
        kind: [size(each) for each in store.items.values() if each.kind == kind]
        for kind in ("msp_portal", "msp_extension", "entry")
    }
    assert len(written["msp_extension"]) == len(written["entry"]) == 100
    assert all(max(sizes) < 1_024 for sizes in written.values())
    assert max(written["entry"]) - min(written["entry"]) < 200, "the first tells the portal whole"


def size(record: Record) -> int:
    return sum(len(part) for value in item_of(record, 1).values() for part in value.values())


def test_a_portal_takes_more_keys_than_are_told_and_says_how_many_are_left_out() -> None:
    store = MemoryStore()
    portal = MspPortal(msp_id=BLUE)
    for number in range(1_003):
        portal, made = portal.extended(later(minutes=number), **term(1, f"{number:020}"))
        store.commit([created(made)])
    store.commit([created(portal)])
    told = show_portal(store, BLUE, later(days=1))
    assert (len(told.licenses), told.licenses_left_out) == (1_000, 3)
    assert told.valid_until == NOON + 1_003 * DAY
    assert told.licenses[0].claimed_at == later(minutes=3)
    before = show_portal(store, BLUE, later(minutes=1_000))
    assert (len(before.licenses), before.licenses_left_out) == (1_000, 1)
    assert before.licenses[0].claimed_at == later(minutes=1)


# What release 1 stored.
KEPT_BY_RELEASE_1 = {
    "extensions": [
        {
            "key_id": f"{number:020}",
            "key_fingerprint": "7Q4ZK-…-…-…-*****",
            "license_model": "MSP-1YR-LIC",
            "quantity": 1,
            "term_days": 365,
            "claimed_at": claimed_at,
        }
        for number, claimed_at in enumerate(("2026-03-01T12:00:00Z", "2026-06-01T12:00:00Z", "2029-01-01T00:00:00Z"))
    ]
}


def test_a_portal_that_release_1_stored_goes_on() -> None:
    store = MemoryStore()
    portal = MspPortal.restored(json.dumps({"msp_id": BLUE, **KEPT_BY_RELEASE_1}), shape=1)
    assert (portal.keys, portal.run_from, portal.valid_until) == (3, when(2029, 1, 1), when(2030, 1, 1))
    assert [each.basis for each in portal.extensions] == ["started", "extended", "restarted"]
    store.commit([created(portal)])
    told = extend(store, issue(store, 7, "MSP-1YR-LIC", 1), moment=when(2029, 6, 1))
    assert (told["previous_valid_until"], told["basis"]) == ("2030-01-01T00:00:00Z", "extended")
    page = show_portal(store, BLUE, when(2029, 6, 1))
    assert [paid.until.year for paid in page.licenses] == [2027, 2028, 2030, 2031]
    assert show_portal(store, BLUE, when(2026, 7, 1)).valid_until == when(2028, 2, 29, 12)
    assert show_portal(store, BLUE, when(2026, 3, 2)).valid_until == when(2027, 3, 1, 12)


def test_some_facts_of_a_portal_of_release_1_are_lifted_as_they_are() -> None:
    lifted = MspPortal.lifted(KEPT_BY_RELEASE_1, 1)
    assert (lifted["keys"], lifted["run_from"], lifted["run_days"]) == (3, "2029-01-01T00:00:00Z", 365)
    assert MspPortal.lifted({"msp_id": BLUE}, 1) == {"msp_id": BLUE}
    assert MspPortal.lifted({"extensions": []}, 1) == {"extensions": [], "keys": 0}


def when(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


# --- properties ---


def term(days: int, key_id: str = "k") -> dict[str, Any]:
    return {
        "key_id": key_id,
        "key_fingerprint": "7Q4ZK-…-…-…-*****",
        "license_model": "MSP-1YR-LIC",
        "quantity": 1,
        "term_days": days,
    }


def paid(claims: Iterable[tuple[int, datetime]]) -> list[Extension]:
    portal, run = MspPortal(msp_id=BLUE), []
    for days, moment in claims:
        portal, made = portal.extended(moment, **term(days))
        run.append(made)
    return run


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=6), st.randoms(use_true_random=False), st.data())
def test_the_end_does_not_depend_on_the_order_of_claims_made_while_the_portal_runs(
    terms: list[int], random: Any, data: st.DataObject
) -> None:
    hours = sorted(data.draw(st.lists(st.integers(0, 23), min_size=len(terms), max_size=len(terms))))
    moments = [later(hours=each) for each in hours]
    shuffled = random.sample(terms, len(terms))
    ends = {paid(zip(order, moments, strict=True))[-1].until for order in (terms, shuffled)}
    assert ends == {moments[0] + sum(terms) * DAY}


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 900)), max_size=8), st.integers(0, 4000))
def test_every_stretch_is_as_long_as_was_paid_for_and_none_overlap(claims: list[tuple[int, int]], day: int) -> None:
    run = paid((days, later(days=at)) for days, at in sorted(claims, key=lambda each: each[1]))
    for each in run:
        assert each.until - each.start == each.term_days * DAY
        assert each.start >= each.claimed_at
    assert all(one.until <= other.start for one, other in pairwise(run))
    moment = later(days=day)
    known = [each for each in run if each.claimed_at <= moment]
    covered = any(each.start <= moment < each.until for each in known)
    assert PortalView.of(BLUE, known, 0, moment).valid == covered
