"""Shared AI tokens: an org's pool, filled by claims, handed over as a whole (D14)."""

from typing import ClassVar

from licensing.domain.decisions import Change, Decision, decide
from licensing.domain.errors import Fault, invalid
from licensing.domain.records import Record, Ref, Value
from licensing.domain.tenants import TenantId


class TokenPool(Record):
    """The tokens an org has."""

    kind: ClassVar[str] = "ai_tokens"
    org_id: str
    balance: int = 0

    @property
    def ref(self) -> Ref["TokenPool"]:
        return TokenPool.named(self.org_id)

    @staticmethod
    def named(org_id: str) -> Ref["TokenPool"]:
        return Ref(TokenPool, (org_id,))

    @property
    def owner(self) -> str:
        return f"org/{self.org_id}"


class TransferRequest(Value):
    to_org_id: TenantId


class Transferred(Value):
    transferred: int


def credit(pool: TokenPool | None, org_id: str, tokens: int) -> Change:
    """The pool with so many tokens more."""
    grown = pool or TokenPool(org_id=org_id)
    return Change(pool, grown.but(balance=grown.balance + tokens))


def transfer(org_id: str, pool: TokenPool | None, to_org_id: str, target: TokenPool | None) -> Decision[Transferred]:
    """The whole balance goes over; an empty pool hands over nothing."""
    if org_id == to_org_id:
        raise invalid(Fault("to_org_id", "is the organization that has the tokens; name another one"))
    tokens = pool.balance if pool else 0
    changes = [credit(pool, org_id, -tokens), credit(target, to_org_id, tokens)] if tokens else []
    summary = f"{tokens} shared AI tokens transferred from {org_id} to {to_org_id}"
    return decide(Transferred(transferred=tokens), "ai_tokens.transferred", summary, changes)
