"""API tokens for machines: made by somebody, never able to do more than their maker still can.

A token reads `eng.<id>.<secret>`. It is found by its id; of the secret only the SHA-256 is kept.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from msgspec import Struct
from pydantic import Field, StringConstraints

from licensing.domain.access import Caller, Grant, Person
from licensing.domain.allowances import Allowance
from licensing.domain.decisions import Change, Decision, created, decide
from licensing.domain.errors import Fault, Refusal, invalid, not_found
from licensing.domain.instants import DAY, Instant, to_text
from licensing.domain.purchase_orders import MAX_QUANTITY
from licensing.domain.records import Record, Ref, Value

PREFIX = "eng"
LONGEST = 366 * DAY
MOST = 50

TokenName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class ApiToken(Record):
    """A token, without its secret."""

    kind: ClassVar[str] = "api_token"
    token_id: str
    name: TokenName
    made_by: str
    grants: tuple[Grant, ...]
    licenses_per_day: int
    made_at: Instant
    expires_at: Instant
    secret_hash: str

    @property
    def ref(self) -> Ref["ApiToken"]:
        return ApiToken.named(self.token_id)

    @staticmethod
    def named(token_id: str) -> Ref["ApiToken"]:
        return Ref(ApiToken, (token_id,))

    @property
    def owner(self) -> str:
        return f"person/{self.made_by}"

    def opens(self, secret: str, now: datetime) -> bool:
        """Whether the secret is this token's, and the token still good; compared in constant time."""
        return hmac.compare_digest(self.secret_hash, _hash(secret)) and now < self.expires_at

    def caller(self, maker: Person | None) -> Caller:
        """Who calls with it: it may do what it was given and its maker may still do."""
        held = maker.grants if maker else ()
        return Caller(
            subject=f"token/{self.token_id}",
            grants=tuple(grant for grant in self.grants if covers(held, grant)),
            token=f"token:{self.name} ({self.made_by})",
            allowance=Allowance(token_id=self.token_id, licenses_per_day=self.licenses_per_day),
        )


class LivingTokens(Record):
    """The tokens somebody has made and that still open, with their ends: whoever makes one more writes here too.

    No ledger tells of it: it is bookkeeping.
    """

    kind: ClassVar[str] = "living_tokens"
    made_by: str
    ends: dict[str, Instant] = Field(default_factory=dict)

    @property
    def ref(self) -> Ref["LivingTokens"]:
        return LivingTokens.named(self.made_by)

    @staticmethod
    def named(made_by: str) -> Ref["LivingTokens"]:
        return Ref(LivingTokens, (made_by,))

    def plus(self, token: ApiToken) -> "LivingTokens":
        """With one more, and without those that have expired. Raises `invalid_request` when there are too many."""
        living = {token_id: end for token_id, end in self.ends.items() if token.made_at < end}
        if len(living) >= MOST:
            raise Refusal(
                "invalid_request",
                f"{self.made_by} has {len(living)} living API tokens, and nobody may have more than {MOST}.",
                "Revoke one that is no longer used, then make this one.",
            )
        return self.but(ends=living | {token.token_id: token.expires_at})

    def minus(self, token: ApiToken) -> "LivingTokens":
        return self.but(ends={token_id: end for token_id, end in self.ends.items() if token_id != token.token_id})


class TokenRequest(Value):
    """The body of POST /api-tokens."""

    name: TokenName
    grants: Annotated[tuple[Grant, ...], Field(min_length=1, max_length=50)]
    expires_at: Instant
    licenses_per_day: Annotated[int, Field(strict=True, ge=0, le=100 * MAX_QUANTITY)]


class TokenView(Value):
    token_id: str
    name: str
    made_by: str
    grants: tuple[Grant, ...]
    licenses_per_day: int
    made_at: Instant
    expires_at: Instant

    @classmethod
    def of(cls, token: ApiToken) -> "TokenView":
        return cls.model_validate(token.model_dump(include=set(TokenView.model_fields)))


class MadeToken(TokenView):
    """The one answer that shows the token itself; a dry run makes none, and shows none."""

    token: str | None = None


class Minted(Struct, frozen=True):
    """A fresh id and secret, from the operating system's CSPRNG."""

    token_id: str
    secret: str = ""

    @classmethod
    def fresh(cls) -> "Minted":
        return cls(secrets.token_hex(8), secrets.token_urlsafe(32))

    @classmethod
    def from_text(cls, text: str) -> "Minted | None":
        """The parts of a token; None for what is none."""
        match text.split("."):
            case [prefix, token_id, secret] if prefix == PREFIX:
                return cls(token_id, secret)
        return None

    def to_text(self) -> str:
        return f"{PREFIX}.{self.token_id}.{self.secret}"


def covers(held: Iterable[Grant], wanted: Grant) -> bool:
    """Whether somebody with these grants may pass `wanted` on: an operator any, others their own; admins also view."""
    roles = {wanted.role, wanted.role.replace("viewer", "admin")}
    return any(grant.role == "operator" or (grant.role in roles and grant.tenant == wanted.tenant) for grant in held)


def maker_of(caller: Caller) -> str:
    """Under which name a caller's tokens are known."""
    return caller.email or caller.subject


def make(
    request: TokenRequest, maker: Caller, living: LivingTokens | None, minted: Minted, now: datetime
) -> Decision[MadeToken]:
    """A token with no more than its maker's grants, who may have so many. Raises `invalid_request`."""
    faults = [*_foreign(request.grants, maker), *_lifetime(request.expires_at, now)]
    if faults:
        raise invalid(*faults)
    made_by = maker_of(maker)
    token = ApiToken(
        **dict(request), token_id=minted.token_id, made_by=made_by, made_at=now, secret_hash=_hash(minted.secret)
    )
    answer = MadeToken(**TokenView.of(token).model_dump())
    summary = f"API token {token.name} made, for {', '.join(grant.text for grant in token.grants)}"
    counted = Change(living, (living or LivingTokens(made_by=made_by)).plus(token))
    return decide(answer, "api_token.made", summary, [created(token), counted])


def revoke(token: ApiToken | None, living: LivingTokens | None, caller: Caller) -> Decision[TokenView]:
    """Its maker and operators may; for everybody else there is no such token."""
    if token is None or not (caller.is_operator or token.made_by == caller.email):
        raise not_found("API token")
    changes = [Change(token, None), *([Change(living, living.minus(token))] if living else ())]
    return decide(TokenView.of(token), "api_token.revoked", f"API token {token.name} revoked", changes)


def _foreign(grants: Sequence[Grant], maker: Caller) -> list[Fault]:
    return [
        Fault(f"grants[{n}]", "is none that you hold yourself")
        for n, grant in enumerate(grants)
        if not covers(maker.grants, grant)
    ]


def _lifetime(expires_at: datetime, now: datetime) -> list[Fault]:
    if timedelta() < expires_at - now <= LONGEST:
        return []
    return [Fault("expires_at", f"must lie between now, {to_text(now)}, and {to_text(now + LONGEST)}")]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
