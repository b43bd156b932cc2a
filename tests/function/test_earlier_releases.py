"""What an earlier release stored is read by this one, and its answers still hold (D31, D33)."""

from datetime import timedelta
from functools import cache
from itertools import chain
from typing import Any

import pytest

from licensing.adapters.dynamodb.rows import item_of
from licensing.domain.people.carry_over import Names
from licensing.entry import wiring
from licensing.listings import LedgerOf
from licensing.use_cases.reconciliation.reconcile import reconcile
from licensing.use_cases.reconciliation.recount import recount
from tests.golden.files import RELEASES, ending, lines
from tests.golden.story import ADA, CALLERS, HALF_DONE, KEY
from tests.worlds.fakes import MemoryVault
from tests.worlds.gateway import id_for, sample
from tests.worlds.moto_cloud import TABLE, Cloud
from tools.operations.carry_over import as_today


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> str:
    """The cloud on the day on which the release was replaced."""
    monkeypatch.setattr(wiring, "vault", cache(MemoryVault))
    name: str = request.param
    cloud.now, _ = ending(name)
    dynamodb, names = cloud.aws("dynamodb"), Names(id_for)
    people_first = sorted(lines(f"{name}/items.json"), key=lambda item: item["kind"]["S"] != "person")
    items = [as_today(item, names) for item in people_first]
    beside = [*chain.from_iterable(names.addresses(cloud.now)), *names.memberships()]
    for item in (*items, *(item_of(record, 1) for record in beside)):
        dynamodb.put_item(TableName=TABLE, Item=item)
    # As the stream does, which brings the entries last of all.
    recount(cloud.store, cloud.now)
    return name


# What is told otherwise since: mostly what a release told wrongly.
MENDED = {
    "release-1": {
        # A parked licence that had never started was "activated" on the day on which it was lost (D27).
        "/orgs/org-north/licenses {} .items[5].activation_at",
        "/orgs/org-north/licenses {} .items[5].activated",
        # What starts beside a Pro licence does so on a covered device too (D29).
        "/orgs/org-north/devices/CAM-1/timeline  .stretches[1].why",
        "/orgs/org-north/devices/GW-1/timeline  .stretches[1].why",
        # Its devices don't tell how many gateways share a license: each counts it whole until it is shared anew (D22).
        "/orgs/org-north/licenses/overview {} .by_model[6].active",
    }
}


def missing(then: Any, now: Any, at: str = "") -> list[str]:
    """Where an answer of today no longer says what it said then; it may say more."""
    if isinstance(then, dict) and isinstance(now, dict):
        return [each for name in then for each in missing(then[name], now.get(name), f"{at}.{name}")]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [each for n, pair in enumerate(zip(then, now, strict=True)) for each in missing(*pair, f"{at}[{n}]")]
    return [] if then == now else [f"{at}: {now} instead of {then}"]


def test_what_it_answered_is_answered_still_about_the_present_and_the_past(cloud: Cloud, release: str) -> None:
    found: set[str] = set()
    for asked in lines(f"{release}/answers.json"):
        answer = cloud.call("GET", asked["path"], who=CALLERS[asked["who"]], **asked.get("query", {}))
        found |= set(missing(asked["body"], answer.body, f"{asked['path']} {asked.get('query', '')} "))
    assert {each.partition(": ")[0] for each in found} == MENDED.get(release, set()), found


@pytest.mark.usefixtures("release")
def test_a_bulk_command_that_it_left_half_done_is_carried_on(cloud: Cloud) -> None:
    method, path, body, headers = HALF_DONE
    done, again = (cloud.call(method, path, body, who=ADA, headers=headers) for _ in range(2))
    assert (done.status, len(done.body["associations"]), done.body["left_over"]) == (201, 60, 0)
    assert len({each["serial"] for each in done.body["associations"]}) == 60
    assert (again.headers["Idempotency-Replayed"], again.body) == ("true", done.body)


@pytest.mark.usefixtures("release")
def test_an_order_that_it_left_half_delivered_is_mailed_with_its_keys(cloud: Cloud) -> None:  # D7
    orders = cloud.call("GET", "/orders", who=CALLERS["acme"], po_number="PO-4").body["items"]
    assert orders[0]["status"] == "completed"
    cloud.now += timedelta(hours=1)
    cloud.function("sweeper")(sample("schedule_sweep.json"), None)
    cloud.work()
    order = cloud.call("GET", f"/orders/{orders[0]['order_id']}", who=CALLERS["acme"]).body
    assert order["status"] == "fulfilled"
    texts = [mail.get_body(("plain",)).get_content() for _, mail in cloud.mails]  # type: ignore[union-attr]
    assert all(len(set(KEY.findall(text))) == 2 for text in texts)


def test_a_key_that_it_printed_is_still_known_and_still_claimed(cloud: Cloud, release: str) -> None:  # D8, D11
    _, keys = ending(release)
    for key in (*keys["PO-1"].values(), *keys["PO-2"].values()):
        shown = cloud.call("POST", "/license-keys/preview", {"license_key": key}, who=ADA)
        assert (shown.status, shown.body["claimable"], shown.body["reason"]) == (200, False, "already_claimed")


@pytest.mark.usefixtures("release")
def test_the_people_that_it_named_by_addresses_are_named_by_ids_and_found_by_their_tenants(cloud: Cloud) -> None:  # D44
    found = [each for each in reconcile(cloud.store, cloud.now) if "person" in each.item or "people" in each.promise]
    assert found == []
    told = cloud.call("GET", "/orgs/org-north/ledger", who=ADA).body["items"]
    assert {entry["actor"] for entry in told} >= {"ada@north.example", "token:stock-keeper (ada@north.example)"}
    actors = {entry.actor for entry in cloud.store.every(LedgerOf("org/org-north"))}
    assert not [actor for actor in actors if "@" in actor]
