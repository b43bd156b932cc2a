"""The table of what was bought, when, and by whom."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from licensing.adapters.artwork import INK, QUIET, rule
from licensing.adapters.typesetting import Block, draw, fit
from licensing.adapters.words import Words
from licensing.domain.ordering.documents import KeyDocument

_GUTTER = 20.0
_PADDING = 7.0


class Fact(Struct, frozen=True):
    """A label, what it says, and what that means."""

    label: str
    value: str
    note: str = ""


def facts_of(document: KeyDocument, words: Words) -> list[list[Fact]]:
    """The facts in rows (D6)."""
    return [
        [
            Fact(words.quantity, words.licenses(document.quantity)),
            Fact(words.validity_period, words.validity(document)),
        ],
        *_extent(document, words),
        _dates(document, words),
        [Fact(words.customer, document.customer)],
        [
            Fact(words.purchase_order, document.po_number),
            Fact(words.line, words.line_of(document.line, document.lines)),
            Fact(words.partner, document.partner_id),
        ],
    ]


def _extent(document: KeyDocument, words: Words) -> list[list[Fact]]:
    """What a license holds besides its term, where it holds anything."""
    facts = []
    if document.seats is not None:
        facts.append(Fact(words.vpn_users, words.seats(document.seats)))
    if document.tokens is not None:
        facts.append(Fact("Cloud AI", words.tokens(document.tokens)))
    return [facts] if facts else []


def _dates(document: KeyDocument, words: Words) -> list[Fact]:
    issued = Fact(words.issued, words.moment(document.issued_at))
    if document.forced_activation_at is None:
        return [issued]
    return [issued, Fact(words.forced, words.moment(document.forced_activation_at), words.forced_activation)]


def draw_facts(canvas: Any, rows: Sequence[Sequence[Fact]], x: float, top: float, room: float) -> float:
    """Draws the rows below `top`, `room` points wide, with a rule between them; the bottom of the last."""
    for number, facts in enumerate(rows):
        if number:
            rule(canvas, x, top, room)
        cell = (room - _GUTTER * (len(facts) - 1)) / len(facts)
        bottoms = [
            _draw_fact(canvas, fact, x + at * (cell + _GUTTER), top - _PADDING, cell) for at, fact in enumerate(facts)
        ]
        top = min(bottoms) - _PADDING
    return top


def _draw_fact(canvas: Any, fact: Fact, x: float, top: float, room: float) -> float:
    top = draw(canvas, Block((fact.label,), "Text", 8.5), x, top, QUIET)
    top = draw(canvas, fit(fact.value, "Strong", (11.5, 10, 8.5, 7), room, 30), x, top - 1, INK)
    return draw(canvas, fit(fact.note, "Text", (8.5,), room, 22), x, top - 1, QUIET) if fact.note else top
