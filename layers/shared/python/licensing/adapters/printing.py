"""The license key document: one A4 page that says what was bought, shows its key, and how to claim it (D6)."""

from datetime import UTC
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from licensing.adapters import artwork
from licensing.adapters.artwork import ACCENT, AMBER, INK, PALE, PALE_AMBER, QUIET
from licensing.adapters.facts import draw_facts, facts_of
from licensing.adapters.fonts import ready
from licensing.adapters.typesetting import Block, draw, fit
from licensing.adapters.words import Words, words_of
from licensing.domain.ordering.documents import KeyDocument

WIDTH, HEIGHT = A4
MARGIN = 48.0
COLUMN = WIDTH - 2 * MARGIN
FOOT = 30.0


def print_document(document: KeyDocument) -> bytes:
    """The document as PDF. The same document always gives the same bytes."""
    paper, words = BytesIO(), words_of(document.language)
    # `invariant` keeps the hour of printing and every random id out of the file; naming a font of ours keeps
    # Helvetica out, which no file embeds.
    canvas = Canvas(paper, A4, invariant=1, pageCompression=1, lang=words.tag, initialFontName=ready("Text"))
    _describe(canvas, document, words)
    top = _letterhead(canvas, words, HEIGHT - 56)
    top = _title(canvas, document, words, top)
    top = _key(canvas, document, words, top)
    top = draw_facts(canvas, facts_of(document, words), MARGIN, top, COLUMN) - 16
    top = _steps(canvas, document, words, top)
    _warning(canvas, document, words, top)
    _footer(canvas, document, words)
    canvas.save()
    return paper.getvalue()


def _describe(canvas: Any, document: KeyDocument, words: Words) -> None:
    """What lists of files and search engines show of the document, so without the key (D8)."""
    canvas.setTitle(words.labelled(words.document_kind, document.model_name))
    canvas.setAuthor("EnGenius Cloud")
    canvas.setSubject(f"{words.licenses(document.quantity)} {document.sku}, {words.order_line(document)}")
    canvas.setCreator("EnGenius Cloud licensing")
    canvas.setProducer("EnGenius Cloud licensing")
    issued = document.issued_at.astimezone(UTC)
    canvas.setDateFormatter(lambda *_: f"D:{issued:%Y%m%d%H%M%S}Z")
    canvas.setViewerPreference("DisplayDocTitle", "true")


def _letterhead(canvas: Any, words: Words, top: float) -> float:
    canvas.setFillColor(ACCENT)
    canvas.rect(0, HEIGHT - 7, WIDTH, 7, stroke=0, fill=1)
    artwork.wordmark(canvas, MARGIN, top)
    kind = fit(words.document_kind, "Text", (11,), COLUMN, 15)
    artwork.draw_line(canvas, kind, WIDTH - MARGIN - kind.width, top, QUIET)
    artwork.rule(canvas, MARGIN, top - 20, COLUMN)
    return top - 38


def _title(canvas: Any, document: KeyDocument, words: Words, top: float) -> float:
    top = draw(canvas, fit(document.model_name, "Strong", (24, 21, 18, 15, 12), COLUMN, 32), MARGIN, top, INK)
    sold = fit(f"{document.sku} · {words.licenses(document.quantity)}", "Text", (13, 11, 9), COLUMN, 17)
    return draw(canvas, sold, MARGIN, top - 2, QUIET) - 16


def _key(canvas: Any, document: KeyDocument, words: Words, top: float) -> float:
    """The key, large and in one piece, with its QR code."""
    height, inset, code = 122.0, 20.0, 98.0
    artwork.panel(canvas, MARGIN, top, (COLUMN, height), PALE, ACCENT)
    artwork.qr_code(canvas, document.license_key, WIDTH - MARGIN - 12 - code, top - 12, code)
    room = COLUMN - inset - code - 28
    below = draw(canvas, Block((words.license_key,), "Strong", 10.5), MARGIN + inset, top - 22, ACCENT)
    below = draw(canvas, Block((document.license_key,), "Key", 19.5), MARGIN + inset, below - 10, INK)
    draw(canvas, fit(words.key_hint, "Text", (8.5,), room, 22), MARGIN + inset, below - 8, QUIET)
    return top - height - 9


def _steps(canvas: Any, document: KeyDocument, words: Words, top: float) -> float:
    below = draw(canvas, Block((words.how_to_claim,), "Strong", 13), MARGIN, top, INK)
    _portal(canvas, document.portal_url, top)
    top = below - 9
    for number, step in enumerate(words.steps_to_claim(document.scope), 1):
        text = fit(step, "Text", (10.5,), COLUMN - 26, 27)
        artwork.bullet(canvas, MARGIN + 8, top - text.size * 0.66, number)
        top = draw(canvas, text, MARGIN + 26, top, INK) - 6
    return top - 8


def _portal(canvas: Any, url: str, top: float) -> None:
    """The portal's address, at the right of the heading; a link, where it is a web address."""
    address = fit(url, "Text", (10.5, 9, 7.5, 6.5), COLUMN - 120, 17)
    left = WIDTH - MARGIN - address.width
    bottom = draw(canvas, address, left, top - 2, ACCENT)
    if url.startswith(("https://", "http://")):
        canvas.linkURL(url, (left, bottom, WIDTH - MARGIN, top))


def _warning(canvas: Any, document: KeyDocument, words: Words, top: float) -> float:
    text = fit(words.claim_is_final(document.scope), "Text", (10,), COLUMN - 32, 39)
    height = text.height + 38
    artwork.panel(canvas, MARGIN, top, (COLUMN, height), PALE_AMBER, AMBER)
    below = draw(canvas, Block((words.final,), "Strong", 11), MARGIN + 16, top - 10, AMBER)
    draw(canvas, text, MARGIN + 16, below - 2, INK)
    return top - height


def _footer(canvas: Any, document: KeyDocument, words: Words) -> None:
    """The order this page belongs to, upward from the foot of the page."""
    # The PO number comes last, for it is the longest: should the foot be too short, the order's id still stands.
    order = words.reference(document.order_id, document.partner_id, words.order_line(document))
    text = fit(order, "Text", (8.5, 7.5, 6.5), COLUMN, 34)
    care = Block((words.keep_document,), "Text", 8.5)
    top = FOOT + text.height + care.height
    artwork.rule(canvas, MARGIN, top + 6, COLUMN)
    draw(canvas, text, MARGIN, draw(canvas, care, MARGIN, top, QUIET), QUIET)
