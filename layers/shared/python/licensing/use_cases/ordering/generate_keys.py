"""Generating the keys of a completed order, printing them, and queueing the mails (D5-D8).

Safe to run again after a crash at any point, and twice at once: keys are committed before they are printed, printing
a key again gives the same bytes under the same name, and only mails not yet sent are asked for again.
"""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from licensing.domain.core import actions
from licensing.domain.core.decisions import Decision, decide
from licensing.domain.core.errors import Refusal
from licensing.domain.core.limits import KEYS_A_COMMIT
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering import orders
from licensing.domain.ordering.documents import KeyDocument, language_of
from licensing.domain.ordering.orders import Order, OrderLine
from licensing.domain.ordering.views import OrderView
from licensing.ports import Documents, Printer, Publisher, Store, Vault
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.reading import Reading
from licensing.use_cases.ordering.read_orders import OrderFacts, document_name, documents_of, existing_order, reader
from licensing.use_cases.ordering.sealed_keys import SealedKey, opened, sealed
from licensing.use_cases.ordering.settle_order import settle_order


class KeyGenerationDeps(Struct, frozen=True):
    """What generating keys takes besides the table."""

    vault: Vault
    printer: Printer
    documents: Documents
    publisher: Publisher
    portal_url: str
    mint: Callable[[], str] = key_codec.mint


def generate_keys(store: Store, deps: KeyGenerationDeps, context: Context, order_id: str) -> None:
    """Issues what is missing, prints the documents that are missing, and asks for the mails that are still due; so an
    order whose documents were lost is only to be sent here again."""
    facts = existing_order(reader(store), order_id)
    if facts.order.completed_at is None:
        raise Refusal("conflict", f"Order {order_id} is not completed.", "Complete it; its keys follow by themselves.")
    # A hundred lines are more than one transaction takes. Asked anew each time: another worker may be at it too.
    while facts.order.pending:
        _issue(store, deps, context, order_id)
        facts = existing_order(reader(store), order_id)
    _print_missing(deps, facts)
    if all(mail.sent_at for mail in facts.deliveries):
        # If whoever sent the last one broke off right after, the order still counts as worked on.
        settle_order(store, context, order_id)
    else:
        deps.publisher.mails_due(order_id)


def _issue(store: Store, deps: KeyGenerationDeps, context: Context, order_id: str) -> None:
    def load(reading: Reading) -> tuple[OrderFacts, Mapping[int, LicenseKey]]:
        facts = existing_order(reading.get, order_id)
        # Minted while loading: chance and KMS have no place in a decision. Keys of a race that is lost are nowhere
        # stored, and stand on no paper, since only committed ones are printed.
        return facts, _minted(deps, facts.order, facts.order.pending[:KEYS_A_COMMIT])

    def decided(loaded: tuple[OrderFacts, Mapping[int, LicenseKey]]) -> Decision[OrderView]:
        facts, minted = loaded
        changes = orders.issued(facts.order, minted)
        summary = f"License keys issued for {len(changes) - 1} lines of order {facts.order.po_number}"
        return decide(facts.after(changes).view, actions.KEYS_ISSUED, summary, changes)

    run_command(store, context, load, decided)


def _minted(deps: KeyGenerationDeps, order: Order, lines: Sequence[OrderLine]) -> dict[int, LicenseKey]:
    minted = sealed(deps.vault, order.order_id, {line.line: key_codec.parse(deps.mint()) for line in lines})
    return {line.line: _key(order, line, minted[line.line]) for line in lines}


def _key(order: Order, line: OrderLine, key: SealedKey) -> LicenseKey:
    assert order.completed_at is not None, "keys are minted for completed orders only"
    # Kept as a hash to be found by and a ciphertext to be printed from, nothing else (D8). Issued when the order was
    # completed, a reissued one too, so that a leak moves no forced activation (D5, D19).
    return LicenseKey(
        key_hash=key_codec.hash_of(key.symbols),
        fingerprint=key_codec.fingerprint(key.symbols),
        ciphertext=key.ciphertext,
        sealed_line=key.sealed_line,
        license_model=line.license_model,
        quantity=line.quantity,
        issued_at=order.completed_at,
        order_id=order.order_id,
        po_number=order.po_number,
        line=line.line,
        renewal_id=order.renewal_id,
    )


def _print_missing(deps: KeyGenerationDeps, facts: OrderFacts) -> None:
    there = deps.documents.names(documents_of(facts.order.order_id))
    missing = [key for key in facts.keys if document_name(key) not in there]
    symbols = opened(deps.vault, missing)
    deps.documents.put_all({document_name(key): _printed(deps, facts.order, key, symbols) for key in missing})


def _printed(deps: KeyGenerationDeps, order: Order, key: LicenseKey, symbols: Mapping[str, str]) -> bytes:
    return deps.printer(key_document(order, key, key_codec.pretty(symbols[key.key_hash]), deps.portal_url))


def key_document(order: Order, key: LicenseKey, license_key: str, portal_url: str) -> KeyDocument:
    """What the document of one key says (D6)."""
    model = key.model
    return KeyDocument(
        license_key=license_key,
        sku=model.sku,
        model_name=model.name,
        scope=model.scope,
        quantity=key.quantity,
        term_days=model.term_days,
        seats=model.seats,
        tokens=model.tokens,
        customer=order.customer,
        partner_id=order.partner_id,
        po_number=order.po_number,
        line=key.line,
        lines=len(order.lines),
        order_id=order.order_id,
        issued_at=key.issued_at,
        forced_activation_at=model.forced_activation_at(key.issued_at),
        portal_url=portal_url,
        language=language_of(order.locale),
    )
