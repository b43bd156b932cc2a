"""Shared AI tokens: an org's pool, filled by claims, handed over as a whole (D14)."""

from licensing.domain.claiming.views import TransferView
from licensing.domain.core import actions
from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.errors import Fault, invalid
from licensing.domain.licenses.ai_tokens import TokenPool


def credit(pool: TokenPool | None, org_id: str, tokens: int) -> Change:
    """The pool with so many tokens more."""
    grown = pool or TokenPool(org_id=org_id)
    return Change(pool, grown.evolve(balance=grown.balance + tokens))


def transfer(org_id: str, pool: TokenPool | None, to_org_id: str, target: TokenPool | None) -> Decision[TransferView]:
    """The whole balance goes over; an empty pool hands over nothing."""
    if org_id == to_org_id:
        raise invalid(Fault("to_org_id", "is the organization that has the tokens; name another one"))
    tokens = pool.balance if pool else 0
    changes = [credit(pool, org_id, -tokens), credit(target, to_org_id, tokens)] if tokens else []
    summary = f"{tokens} shared AI tokens transferred from {org_id} to {to_org_id}"
    return decide(TransferView(transferred=tokens), actions.TOKENS_TRANSFERRED, summary, changes)
