"""API tokens for API clients: made by somebody, never able to do more than their maker still can.

A token reads `eng.<id>.<secret>`. It is found by its id; of the secret only the SHA-256 is kept.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from msgspec import Struct
from pydantic import Field

from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import Instant
from licensing.domain.core.limits import MAX_TOKENS
from licensing.domain.core.quotas import DailyQuota
from licensing.domain.core.records import Record, Ref
from licensing.domain.people.access import Caller, Grant, Person
from licensing.domain.people.addresses import mention
from licensing.domain.people.requests import TokenName

PREFIX = "eng"

# What `TokenSecret.fresh` makes; nothing else becomes a key of the table.
_FORM = re.compile(rf"{PREFIX}\.([0-9a-f]{{16}})\.([A-Za-z0-9_-]{{43}})")


class ApiToken(Record):
    """A token, without its secret."""

    kind: ClassVar[str] = "api_token"
    token_id: str
    name: TokenName
    made_by: str  # a person's id
    subject: str | None = None  # the sign-in that made it; one stored without can do nothing any more
    grants: tuple[Grant, ...]
    licenses_per_day: int
    made_at: Instant
    expires_at: Instant
    secret_hash: str

    @property
    def ref(self) -> Ref["ApiToken"]:
        return ApiToken.ref_of(self.token_id)

    @staticmethod
    def ref_of(token_id: str) -> Ref["ApiToken"]:
        return Ref(ApiToken, (token_id,))

    @property
    def owner(self) -> str:
        return mention(self.made_by)

    def opens(self, secret: str, now: datetime) -> bool:
        """Whether the secret is this token's, and the token still good; compared in constant time."""
        return hmac.compare_digest(self.secret_hash, _hash(secret)) and now < self.expires_at

    def caller(self, maker: Person | None) -> Caller:
        """Who calls with it: it may do what it was given and its maker may still do; nobody else makes it good."""
        held = maker.held_by(self.subject) if maker else ()
        return Caller(
            subject=f"token/{self.token_id}",
            person_id=self.made_by,
            grants=tuple(grant for grant in self.grants if covers(held, grant)),
            token=f"token:{self.name} ({mention(self.made_by)})",
            maker=self.subject,
            quota=DailyQuota(token_id=self.token_id, licenses_per_day=self.licenses_per_day),
        )


class ActiveTokens(Record):
    """The tokens somebody has made and that still open, with their ends: whoever makes one more writes here too.

    No ledger tells of it: it is bookkeeping.
    """

    kind: ClassVar[str] = "living_tokens"  # what lies in tables is named so
    made_by: str
    ends: dict[str, Instant] = Field(default_factory=dict)

    @property
    def ref(self) -> Ref["ActiveTokens"]:
        return ActiveTokens.ref_of(self.made_by)

    @staticmethod
    def ref_of(made_by: str) -> Ref["ActiveTokens"]:
        return Ref(ActiveTokens, (made_by,))

    def plus(self, token: ApiToken) -> "ActiveTokens":
        """With one more, and without those that have expired. Raises `invalid_request` when there are too many."""
        active = {token_id: end for token_id, end in self.ends.items() if token.made_at < end}
        if len(active) >= MAX_TOKENS:
            raise Refusal(
                "invalid_request",
                f"You have {len(active)} active API tokens, and nobody may have more than {MAX_TOKENS}.",
                "Revoke one that is no longer used, then make this one.",
            )
        return self.evolve(ends=active | {token.token_id: token.expires_at})

    def minus(self, token: ApiToken) -> "ActiveTokens":
        return self.evolve(ends={token_id: end for token_id, end in self.ends.items() if token_id != token.token_id})

    @property
    def refs(self) -> list[Ref[ApiToken]]:
        return [ApiToken.ref_of(token_id) for token_id in self.ends]


class TokenSecret(Struct, frozen=True):
    """A fresh id and secret, from the operating system's CSPRNG."""

    token_id: str
    secret: str = ""

    @classmethod
    def fresh(cls) -> "TokenSecret":
        return cls(secrets.token_hex(8), secrets.token_urlsafe(32))

    @classmethod
    def from_text(cls, text: str) -> "TokenSecret | None":
        """The parts of a token; None for what has not the form of one."""
        return cls(*found.groups()) if (found := _FORM.fullmatch(text)) else None

    def to_text(self) -> str:
        return f"{PREFIX}.{self.token_id}.{self.secret}"

    @property
    def secret_hash(self) -> str:
        """What is kept of the secret."""
        return _hash(self.secret)


def covers(held: Iterable[Grant], wanted: Grant) -> bool:
    """Whether somebody with these grants may pass `wanted` on: an operator any, others their own; admins also view."""
    roles = {wanted.role, wanted.role.replace("viewer", "admin")}
    return any(grant.role == "operator" or (grant.role in roles and grant.tenant == wanted.tenant) for grant in held)


def _hash(secret: str) -> str:
    # A plain hash will do: 256 random bits can't be tried out as a password can.
    return hashlib.sha256(secret.encode()).hexdigest()
