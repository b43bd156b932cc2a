"""Keys to claim, without the ordering that makes them."""

import random
from datetime import datetime
from typing import Any

from licensing.domain.claiming.requests import ClaimRequest
from licensing.domain.core.decisions import created
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.license_key import LicenseKey
from licensing.ports import Store
from licensing.use_cases.claiming.claim_keys import claim_keys
from tests.worlds.examples import NOON, at

NORTH, SOUTH, BLUE = "org-north", "org-south", "msp-blue"


def mint(number: int) -> str:
    """The same key for the same number."""
    return key_codec.mint(random.Random(number).choice)


def unissued(number: int) -> str:
    """A well-formed key that nobody issued."""
    return mint(1_000_000 + number)


def key_record(key: str, model: str = "AP-1YR-LIC", quantity: int = 4, issued_at: datetime = NOON) -> LicenseKey:
    symbols = key_codec.parse(key)
    return LicenseKey(
        key_hash=key_codec.hash_of(symbols),
        fingerprint=key_codec.fingerprint(symbols),
        ciphertext="sealed",
        license_model=model,
        quantity=quantity,
        issued_at=issued_at,
        order_id="acme.0123456789abcdef0123",
        po_number="PO-1",
        line=1,
    )


def issue(store: Store, number: int, model: str = "AP-1YR-LIC", quantity: int = 4, issued_at: datetime = NOON) -> str:
    """A key that can be claimed."""
    key = mint(number)
    store.commit([created(key_record(key, model, quantity, issued_at))])
    return key


def key_id(number: int, issued_at: datetime = NOON) -> str:
    """The id of the key of this number."""
    return key_record(mint(number), issued_at=issued_at).key_id


def claim(store: Store, *keys: str, org: str = NORTH, subject: str = "ada", **how: Any) -> list[dict[str, Any]]:
    """The answers about each key, claimed at noon for real unless `context` says otherwise."""
    context = how.pop("context", at())
    outcome = claim_keys(store, context, org, subject, ClaimRequest(license_keys=keys, **how))
    claims: list[dict[str, Any]] = outcome.body["claims"]
    return claims
