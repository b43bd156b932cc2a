"""Keys, claims and portals as the API shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field

from licensing.domain.assigning.views import AssociationView
from licensing.domain.claiming.key_entry import KeyCheck
from licensing.domain.core.errors import Code
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Stored, Value
from licensing.domain.licenses.catalog import Category, Portal, Scope
from licensing.domain.licenses.license_key import LicenseKey, why_unclaimable
from licensing.domain.licenses.licenses import license_id_of
from licensing.domain.licenses.msp_portals import Basis, PaidTerm
from licensing.domain.licenses.types import Type

Outcome = Literal["claimed", "already_yours", "not_claimed"] | Code


class LicenseIdsView(Value):
    first: str
    last: str

    @classmethod
    def of(cls, key: LicenseKey) -> "LicenseIdsView":
        """The licences of a key are numbered from 1 on."""
        return cls(first=license_id_of(key.key_id, 1), last=license_id_of(key.key_id, key.quantity))


class ClaimView(Stored):
    """What became of one key. `not_claimed`: nothing wrong with it, but with another of the same call."""

    kind: ClassVar[str] = "claim"
    key_fingerprint: str | None
    outcome: Outcome
    license_model: str | None = None
    quantity: int | None = None
    license_ids: LicenseIdsView | None = None
    associations: tuple[AssociationView, ...] = ()

    @classmethod
    def of(cls, verdict: KeyCheck, *, refused: bool) -> "ClaimView":
        """The answer about one key; `refused` when the whole call is."""
        key, refusal = verdict.key, verdict.refusal
        outcome: Outcome = (
            "not_claimed" if refused or key is None else "already_yours" if verdict.is_mine else "claimed"
        )
        return cls(
            key_fingerprint=key.fingerprint if key else None,
            outcome=refusal.code if refusal else outcome,
            license_model=key.license_model if key else None,
            quantity=key.quantity if key else None,
            license_ids=LicenseIdsView.of(key) if key and not refusal and not refused else None,
        )


class ClaimsView(Value):
    """One answer for each key, in the order they were given."""

    claims: tuple[ClaimView, ...]


class MspClaimsView(Value):
    """The claims, and what the first of them did to the portal's validity."""

    claims: tuple[ClaimView, ...]
    previous_valid_until: Instant | None
    valid_until: Instant
    basis: Basis


class PreviewView(Value):
    """What a key is good for (D9)."""

    key_fingerprint: str
    license_model: str
    name: str
    scope: Scope
    category: Category | None
    type: Type
    quantity: int
    term_days: int | None
    seats: int | None
    tokens: int | None
    issued_at: Instant
    forced_activation_at: Instant | None
    portal: Portal
    claimable: bool
    reason: Code | None

    @classmethod
    def of(cls, key: LicenseKey) -> "PreviewView":
        model, reason = key.model, why_unclaimable(key)
        return cls(
            **model.model_dump(include={"name", "scope", "category", "type", "term_days", "seats", "tokens"}),
            key_fingerprint=key.fingerprint,
            license_model=key.license_model,
            quantity=key.quantity,
            issued_at=key.issued_at,
            forced_activation_at=model.forced_activation_at(key.issued_at),
            portal=model.portal,
            claimable=reason is None,
            reason=reason.code if reason else None,
        )


class LicensesMovedView(Value):
    moved: int


class TransferView(Value):
    transferred: int


class PaidStretchView(Value):
    """A key and the validity it paid for."""

    model_config = ConfigDict(serialize_by_alias=True)

    key_fingerprint: str
    license_model: str
    quantity: int
    claimed_at: Instant
    start: Instant = Field(alias="from")
    until: Instant

    @classmethod
    def of(cls, paid: PaidTerm) -> "PaidStretchView":
        facts = paid.model_dump(include={"key_fingerprint", "license_model", "quantity", "claimed_at"})
        return cls.model_validate(facts | {"from": paid.start, "until": paid.until})


class PortalView(Value):
    """The answer of GET /msps/{msp_id}; `valid_from` is where the run began that reaches to `valid_until`.

    `licenses` are the 1,000 newest; so many older ones are left out.
    """

    msp_id: str
    valid_from: Instant | None
    valid_until: Instant | None
    valid: bool
    licenses: tuple[PaidStretchView, ...]
    licenses_left_out: int

    @classmethod
    def of(cls, msp_id: str, known: Sequence[PaidTerm], left_out: int, at: datetime) -> "PortalView":
        """By the keys claimed until `at`, in the order of their claims."""
        last = known[-1] if known else None
        return cls(
            msp_id=msp_id,
            valid_from=last.run_from if last else None,
            valid_until=last.until if last else None,
            valid=last is not None and last.run_from <= at < last.until,
            licenses=tuple(map(PaidStretchView.of, known)),
            licenses_left_out=left_out,
        )
