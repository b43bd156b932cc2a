"""Mailing the keys of an order to everybody on its list (D7).

Keys and documents are fetched once for all of them, and one after the other is sent the mail that is made of these.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from msgspec import Struct

from licensing.domain.core.decisions import Decision
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering import delivery_steps
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.documents import Attachment, DeliveryTag, KeyMail, MailLine, language_of
from licensing.domain.ordering.views import DeliveryView
from licensing.ports import DocumentMissing, Documents, MailDelayed, MailRefused, Publisher, Store, Vault
from licensing.use_cases.core.command import known, run_command
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.leases import leased
from licensing.use_cases.core.send_once import Mailing, hand_over
from licensing.use_cases.ordering.read_orders import OrderFacts, document_name, existing_order, file_name, reader
from licensing.use_cases.ordering.sealed_keys import opened
from licensing.use_cases.ordering.settle_order import settle_order, with_settlement


class ComposedMail(Protocol):
    """A mail that lacks only whom it goes to."""

    def to(self, recipient: str, tag: DeliveryTag) -> Sequence[bytes]:
        """Its parts. Raises MailRefused for an address no mail can be sent to."""
        ...


class KeyDeliveryDeps(Struct, frozen=True):
    """What mailing keys takes besides the table."""

    mailing: Mailing[KeyMail, ComposedMail]
    vault: Vault
    documents: Documents
    publisher: Publisher


def deliver_keys(store: Store, deps: KeyDeliveryDeps, context: Context, order_id: str) -> list[Delivery]:
    """Sends the mails of an order that are due, and settles the order with the last one. Gives back those that did not
    arrive, and whose partner is not told yet.

    Documents that are missing are printed first, and the mails asked for again. Raises `conflict` while another worker
    is at it: the message has to come again.
    """
    with leased(store, context, f"order/{order_id}", deps.mailing.lease):
        # Read behind the lease: whoever had it before has recorded what was sent.
        facts = existing_order(reader(store), order_id)
        # A line that waits for another key (a reissue): whoever makes that asks for the mails again.
        if facts.order.pending:
            return []
        try:
            return Dispatch(store, deps, context, facts).dispatched()
        except DocumentMissing:
            deps.publisher.order_completed(order_id)
            return []


class Dispatch(Struct):
    """The mails of one order on their way; `facts` are what is known of it by now."""

    store: Store
    deps: KeyDeliveryDeps
    context: Context
    facts: OrderFacts

    def dispatched(self) -> list[Delivery]:
        due = [mail for mail in self.facts.deliveries if mail.sent_at is None]
        if due:
            self._send_all(due)
        # Settled with the last mail, as a rule; if not, it was refused, or sent by somebody who broke off behind it.
        if self.facts.order.working_since:
            settle_order(self.store, self.context, self.facts.order.order_id)
        return [mail for mail in self.facts.deliveries if mail.untold]

    def _send_all(self, due: Sequence[Delivery]) -> None:
        compose, faults = self._composed(), []
        for mail in due:
            try:
                self._send(mail, partial(compose, mail))
            # One address must not hold up those behind it; the message comes again for whoever is left.
            except Exception as fault:
                faults.append(fault)
        if faults:
            # That no mail is taken is the least of them: it leaves no mail in doubt.
            raise next((fault for fault in faults if type(fault) is not MailDelayed), faults[0])

    def _composed(self) -> Callable[[Delivery], Sequence[bytes]]:
        order_id = self.facts.order.order_id
        try:
            composed = self.deps.mailing.compose(_key_mail(self.deps, self.facts))
        except MailRefused as refusal:
            return partial(_refuse, str(refusal))
        return lambda mail: composed.to(mail.recipient, DeliveryTag(order_id, mail.recipient, mail.send))

    def _send(self, mail: Delivery, compose: Callable[[], Sequence[bytes]]) -> None:
        now = self.context.now
        hand_over(
            self.deps.mailing.mailer,
            mail.recipient,
            compose,
            lambda message_id, parts: self._record(
                mail, partial(delivery_steps.part_sent, message_id=message_id, parts=parts, now=now)
            ),
            lambda reason: self._record(mail, partial(delivery_steps.refused, reason=reason, now=now)),
            mail.parts_sent,
        )

    def _record(self, sent: Delivery, decide: Callable[[Delivery], Decision[DeliveryView]]) -> None:
        """What became of the mail, unless a later send took its place; and with the last one that nothing is left."""
        after = self.facts

        def decided(facts: OrderFacts) -> Decision[DeliveryView]:
            nonlocal after
            mail = facts.delivery(sent.recipient)
            step = decide(mail) if mail.send == sent.send else Decision(DeliveryView.of(mail))
            decision = with_settlement(facts, step, self.context.now)
            after = facts.after(decision.changes)
            return decision

        order_id = self.facts.order.order_id
        # Of this mail itself the facts are those before its last part: only a mail of several parts loses that race.
        load = known(self.facts, lambda reading: existing_order(reading.get, order_id))
        run_command(self.store, self.context, load, decided)
        self.facts = after


def _key_mail(deps: KeyDeliveryDeps, facts: OrderFacts) -> KeyMail:
    order = facts.order
    names = [document_name(key) for key in facts.keys]
    documents = deps.documents.get_all(names)
    symbols = opened(deps.vault, facts.keys)
    return KeyMail(
        sender=deps.mailing.sender,
        order_id=order.order_id,
        po_number=order.po_number,
        partner_id=order.partner_id,
        customer=order.customer,
        portal_url=deps.mailing.portal_url,
        attachments=tuple(map(Attachment, map(file_name, facts.keys), documents)),
        lines=tuple(_mail_line(key, symbols[key.key_hash]) for key in facts.keys),
        language=language_of(order.locale),
    )


def _mail_line(key: LicenseKey, symbols: str) -> MailLine:
    model = key.model
    return MailLine(
        line=key.line,
        sku=model.sku,
        model_name=model.name,
        scope=model.scope,
        quantity=key.quantity,
        license_key=key_codec.pretty(symbols),
        forced_activation_at=model.forced_activation_at(key.issued_at),
    )


def _refuse(reason: str, _: Delivery) -> Sequence[bytes]:
    raise MailRefused(reason)
