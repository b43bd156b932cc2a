"""Keys extend an MSP portal's validity (D15)."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.claiming.requests import MspClaimRequest
from licensing.domain.claiming.views import PortalView
from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import DAY
from licensing.domain.licenses.msp_portals import Extension, MspPortal, stretches
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
    with pytest.raises(Refusal, match="beyond the year 9999"):
        extend(store, issue(store, 1, "MSP-3YR-LIC", 100_000))


def test_a_portal_takes_500_keys() -> None:
    store = MemoryStore()
    keys = [issue(store, number, "MSP-1YR-LIC", 1) for number in range(501)]
    for start in range(0, 500, 25):
        extend(store, *keys[start : start + 25])
    with pytest.raises(Refusal, match="more than 500 keys"):
        extend(store, keys[500])


# --- properties ---


def extension(days: int, claimed_at: datetime) -> Extension:
    return Extension(
        key_id=f"key{days}",
        key_fingerprint="7Q4ZK-…-…-…-*****",
        license_model="MSP-1YR-LIC",
        quantity=1,
        term_days=days,
        claimed_at=claimed_at,
    )


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=6), st.randoms(use_true_random=False), st.data())
def test_the_end_does_not_depend_on_the_order_of_claims_made_while_the_portal_runs(
    terms: list[int], random: Any, data: st.DataObject
) -> None:
    moments = sorted(data.draw(st.lists(st.integers(0, 23), min_size=len(terms), max_size=len(terms))))
    shuffled = random.sample(terms, len(terms))
    claims = [
        [extension(days, NOON + hours * timedelta(hours=1)) for days, hours in zip(order, moments, strict=True)]
        for order in (terms, shuffled)
    ]
    ends = {list(stretches(claimed))[-1].until for claimed in claims}
    assert ends == {claims[0][0].claimed_at + sum(terms) * DAY}


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 900)), max_size=8), st.integers(0, 4000))
def test_every_stretch_is_as_long_as_was_paid_for_and_none_overlap(claims: list[tuple[int, int]], day: int) -> None:
    claimed = [extension(days, later(days=when)) for days, when in sorted(claims, key=lambda each: each[1])]
    run = list(stretches(claimed))
    for stretch in run:
        assert stretch.until - stretch.start == stretch.extension.term_days * DAY
        assert stretch.start >= stretch.extension.claimed_at
    assert all(one.until <= other.start for one, other in pairwise(run))
    moment = later(days=day)
    covered = any(each.extension.claimed_at <= moment and each.start <= moment < each.until for each in run)
    assert PortalView.of(BLUE, MspPortal(msp_id=BLUE, extensions=tuple(claimed)), moment).valid == covered
