"""A key in wrong hands is withdrawn while it is unclaimed, and its line gets another (D7, D11)."""

from typing import Any

import pytest

from licensing.domain.claiming.requests import ClaimRequest, PreviewRequest
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering.views import OrderView
from licensing.listings import LedgerOf
from licensing.use_cases.claiming.claim_keys import claim_keys
from licensing.use_cases.claiming.preview_key import preview_key
from licensing.use_cases.core.context import Outcome
from licensing.use_cases.ordering.complete_order import reissue_key
from tests.worlds.examples import NOON, at, later
from tests.worlds.ordering import Killed, World


def fulfilled() -> tuple[World, str]:
    world = World()
    order_id = world.place_and_complete()
    world.work()
    world.now = later(hours=1)
    return world, order_id


def reissue(world: World, order_id: str, line: int = 1, **how: Any) -> Outcome[OrderView]:
    return reissue_key(world.store, world.notes, at(world.now, **how), order_id, line, "leaked")


def key_of(world: World, line: int) -> tuple[LicenseKey, str]:
    """The newest key of a line, and its text out of the document."""
    (key,) = [key for key in world.license_keys() if key.line == line and key.voided_at is None]
    (text,) = [
        content.decode().partition(": ")[2] for name, content in world.documents.contents.items() if key.key_id in name
    ]
    return key, text


def test_the_line_gets_a_new_key_of_the_same_issue_date_and_the_mail_goes_out_again() -> None:
    world, order_id = fulfilled()
    old, _ = key_of(world, 1)
    body = reissue(world, order_id).body
    assert body["status"] == "completed"
    assert body["lines"][0] | {"line": 1} == {
        "line": 1,
        "license_model": "AP-1YR-LIC",
        "quantity": 4,
        "key_fingerprint": None,
        "key_state": "pending",
        "claimed_by": None,
        "voided_fingerprints": [old.fingerprint],
    }
    world.work()
    new, _ = key_of(world, 1)
    view = world.view(order_id)
    assert (view.status, view.lines[0].key_fingerprint) == ("fulfilled", new.fingerprint)
    assert (new.key_hash != old.key_hash, new.issued_at, new.quantity) == (True, NOON, old.quantity)
    assert [world.mails_to(recipient) for recipient in view.delivery_emails] == [2, 2]


def test_the_other_lines_keep_their_keys() -> None:
    world, order_id = fulfilled()
    before = key_of(world, 2)
    reissue(world, order_id)
    world.work()
    assert key_of(world, 2) == before


def test_the_old_key_is_voided_for_claims_and_previews_and_the_new_one_can_be_claimed() -> None:
    world, order_id = fulfilled()
    _, old = key_of(world, 1)
    reissue(world, order_id)
    world.work()
    preview = preview_key(world.store, at(), "ada", PreviewRequest(license_key=old))
    assert (preview.body["claimable"], preview.body["reason"]) == (False, "key_voided")
    with pytest.raises(Refusal) as caught:
        claim_keys(world.store, at(), "org-north", "ada", ClaimRequest(license_keys=(old,)))
    assert caught.value.code == "key_voided"
    _, new = key_of(world, 1)
    assert claim_keys(world.store, at(), "org-north", "ada", ClaimRequest(license_keys=(new,))).changed


def test_a_claimed_key_is_not_reissued() -> None:
    world, order_id = fulfilled()
    claim_keys(world.store, at(), "org-north", "ada", ClaimRequest(license_keys=(key_of(world, 1)[1],)))
    with pytest.raises(Refusal) as caught:
        reissue(world, order_id)
    assert caught.value.code == "already_claimed"


@pytest.mark.parametrize(("line", "code"), [(3, "not_found"), (0, "not_found"), (1, "conflict")])
def test_what_has_no_key_is_not_reissued(line: int, code: str) -> None:
    world = World()
    order_id = world.place_and_complete()
    with pytest.raises(Refusal) as caught:
        reissue(world, order_id, line)
    assert caught.value.code == code


def test_a_dry_run_voids_nothing_and_starts_nothing() -> None:
    world, order_id = fulfilled()
    assert reissue(world, order_id, dry_run=True).body["lines"][0]["key_state"] == "pending"
    assert (world.view(order_id).lines[0].key_state, world.notes.completed) == ("issued", [])


def test_the_same_idempotency_key_makes_one_new_key() -> None:
    world, order_id = fulfilled()
    key = IdempotencyKey.of("olga", "leak-1", "POST")
    first = reissue(world, order_id, idempotency_key=key)
    world.work()
    again = reissue(world, order_id, idempotency_key=key)
    world.work()
    assert (again.replayed, again.body) == (True, first.body)
    assert len(world.license_keys()) == 3


def test_the_ledger_tells_who_withdrew_the_key_and_why() -> None:
    world, order_id = fulfilled()
    reissue(world, order_id, actor="olga")
    entry = world.store.page(LedgerOf(f"order/{order_id}"), 1).items[0]
    assert (entry.actor, entry.action) == ("olga", "key.reissued")
    assert entry.summary == "Order PO-1 line 1 to get a new key, the old one withdrawn: leaked"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("last", range(1, 12))
def test_a_crash_anywhere_leaves_one_new_key_and_everybody_with_its_mail(last: int, after: bool) -> None:
    world, order_id = fulfilled()
    world.doomed(after=after)
    world.fate.last = last
    try:
        reissue(world, order_id)
        world.work()
    except Killed:
        world.now = later(hours=2)
    if not any(key.voided_at for key in world.license_keys()):
        reissue(world, order_id)
    world.notes.order_completed(order_id)  # the sweeper
    world.work()
    new, _ = key_of(world, 1)
    view = world.view(order_id)
    assert (view.status, view.lines[0].key_fingerprint) == ("fulfilled", new.fingerprint)
    assert len(world.license_keys()) == 3
    assert all(world.mails_to(recipient) >= 2 for recipient in view.delivery_emails)
