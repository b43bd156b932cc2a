"""Shared AI tokens add up, org by org: what it claimed, plus what came, less what went, is its balance (D14).

A transfer takes out of one pool what it puts into another, in one commit that both ledgers tell of; so where each org
adds up and each transfer cancels out, all pools together hold what was bought.
"""

from collections.abc import Iterable, Iterator

from licensing.domain.core import actions
from licensing.domain.core.ledger import Entry
from licensing.domain.core.records import Ref
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.reconciliation.violations import Violation

PROMISE = "tokens add up"


def token_findings(
    org_id: str, pool: TokenPool | None, keys: Iterable[LicenseKey], transfers: Iterable[Entry]
) -> Iterator[Violation]:
    """`keys` are those that the org claimed, `transfers` its ledger's entries of them."""
    item, balance = str(TokenPool.ref_of(org_id)), pool.balance if pool else 0
    bought = sum((key.model.tokens or 0) * key.quantity for key in keys if key.claimed_by == f"org/{org_id}")
    came = sum(map(tokens_moved, transfers))
    if balance != bought + came:
        detail = f"The pool holds {balance} shared AI tokens; {bought} were claimed, and {came} transferred to it."
        yield Violation(item, PROMISE, detail)
    if balance < 0:
        yield Violation(item, PROMISE, f"Its balance is {balance}.")


def is_transfer(entry: Entry) -> bool:
    return entry.action == actions.TOKENS_TRANSFERRED.name


def other_sides(transfer: Entry) -> list[Ref[Entry]]:
    """Where the other org's ledger tells of it; nowhere for an entry of a release that did not name it."""
    return [Ref(Entry, (owner, transfer.entry_id)) for owner in transfer.beside or ()]


def transfer_findings(transfer: Entry, others: Iterable[Entry]) -> Iterator[Violation]:
    if transfer.beside is not None and tokens_moved(transfer) + sum(map(tokens_moved, others)):
        detail = f"What {transfer.ledger} tells of the transfer {transfer.entry_id}, {transfer.beside[0]} does not."
        yield Violation(str(TokenPool.ref_of(transfer.ledger.partition("/")[2])), PROMISE, detail)


def tokens_moved(transfer: Entry) -> int:
    """How many more the pool of the entry's owner had after it."""
    told = (each for each in transfer.changes if each.kind == TokenPool.kind)
    return sum(_balance(each.after) - _balance(each.before) for each in told)


def _balance(image: dict[str, int] | None) -> int:
    return image.get("balance", 0) if image else 0
