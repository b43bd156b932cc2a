"""What the mail with license keys says, as plain text and as HTML (D7)."""

from collections.abc import Iterator
from html import escape

from licensing.adapters.wording import FORCED_ACTIVATION, claim_is_final, counted, moment, one_line, steps_to_claim
from licensing.domain.ordering.documents import DocumentScope, KeyMail, MailLine

FINAL = "A claim is final."
CARE = "Keep this mail and its documents safe: whoever holds a key can claim its licenses."

# No background, and colors that can be read on white as on black: a reader's dark mode chooses the rest.
_PAGE = "margin:0 auto;padding:24px;max-width:680px;font:15px/1.5 Helvetica,Arial,sans-serif"
_TEXT = "margin:0 0 16px"
_HEADING = "font-size:18px;margin:28px 0 8px"
_CELL = "padding:12px 18px 12px 0;border-top:1px solid #9aa7b6;vertical-align:top;text-align:left"
_KEY = "font:bold 16px/1.8 Menlo,Consolas,monospace;white-space:nowrap"
_QUIET = "font-size:13px;color:#7a8796"
_WARNING = "padding:8px 14px;border-left:4px solid #c77700"


def as_text(mail: KeyMail, part: tuple[int, int]) -> str:
    """The letter in `part`, (number, of how many) mails, as plain text."""
    paragraphs = [*_opening(mail, part), *map(_line_in_text, mail.lines), *_dates_explained(mail)]
    for scope in _portals(mail):
        steps = [f"  {number}. {step}" for number, step in enumerate(steps_to_claim(scope), 1)]
        paragraphs.append("\n".join([f"{_how_to_claim(scope)}: {one_line(mail.portal_url)}", *steps]))
        paragraphs.append(f"{FINAL} {claim_is_final(scope)}")
    return "\n\n".join([*paragraphs, CARE, _reference(mail)]) + "\n"


def as_html(mail: KeyMail, part: tuple[int, int]) -> str:
    """The same letter as HTML."""
    body = [
        *map(_paragraph, _opening(mail, part)),
        f'<table role="presentation" style="border-collapse:collapse;width:100%">{_rows(mail)}</table>',
        *map(_paragraph, _dates_explained(mail)),
        *(_claiming_in_html(mail, scope) for scope in _portals(mail)),
        _paragraph(CARE),
        _paragraph(_reference(mail), _QUIET),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>License keys</title>\n'
        f'<meta name="color-scheme" content="light dark"></head>\n<body style="{_PAGE}">\n'
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _opening(mail: KeyMail, part: tuple[int, int]) -> Iterator[str]:
    yield (
        f"Here {'is' if len(mail.lines) == 1 else 'are'} {counted(len(mail.lines), 'license key')} of purchase order "
        f"{one_line(mail.po_number)} for {one_line(mail.customer)}. Each key has a document of its own, a PDF attached "
        "to this mail."
    )
    if part[1] > 1:
        yield (
            f"This is part {part[0]} of {part[1]}: together the documents are too large for one mail. Every part lists "
            "all the keys and carries some of the documents."
        )


def _line_in_text(line: MailLine) -> str:
    activation = [f"  {text}" for text in _forced_activation(line)]
    return "\n".join([f"{line.line}. {_bought(line)}", f"  License key: {line.license_key}", *activation])


def _rows(mail: KeyMail) -> str:
    return "".join(
        f'<tr><td style="{_CELL}">{line.line}</td><td style="{_CELL}">{escape(_bought(line))}<br>\n'
        f'<span style="{_KEY}">{escape(line.license_key)}</span>'
        + "".join(f'<br>\n<span style="{_QUIET}">{text}</span>' for text in _forced_activation(line))
        + "</td></tr>\n"
        for line in mail.lines
    )


def _claiming_in_html(mail: KeyMail, scope: DocumentScope) -> str:
    steps = "\n".join(f"<li>{escape(step)}</li>" for step in steps_to_claim(scope))
    url = escape(one_line(mail.portal_url))
    portal = f'<a href="{url}">{url}</a>' if url.startswith(("https://", "http://")) else url
    return (
        f'<h2 style="{_HEADING}">{_how_to_claim(scope)}</h2>\n<p style="{_TEXT}">{portal}</p>\n<ol>{steps}</ol>\n'
        f'<p style="{_WARNING}"><b>{FINAL}</b> {escape(claim_is_final(scope))}</p>'
    )


def _paragraph(text: str, style: str = _TEXT) -> str:
    return f'<p style="{style}">{escape(text)}</p>'


def _bought(line: MailLine) -> str:
    return f"{one_line(line.model_name)} ({line.sku}), {counted(line.quantity, 'license')}"


def _forced_activation(line: MailLine) -> Iterator[str]:
    if line.forced_activation_at is not None:
        yield f"Forced activation: {moment(line.forced_activation_at)}"


def _dates_explained(mail: KeyMail) -> Iterator[str]:
    if any(line.forced_activation_at for line in mail.lines):
        yield f"Forced activation: {FORCED_ACTIVATION[0].lower()}{FORCED_ACTIVATION[1:]}"


def _portals(mail: KeyMail) -> Iterator[DocumentScope]:
    """One scope for each portal in which keys of this mail are claimed (D10)."""
    scopes = {line.scope for line in mail.lines}
    if scopes - {"msp"}:
        yield "device" if "device" in scopes else "organization"
    if "msp" in scopes:
        yield "msp"


def _how_to_claim(scope: DocumentScope) -> str:
    return "How to claim in the MSP portal" if scope == "msp" else "How to claim in an organization"


def _reference(mail: KeyMail) -> str:
    return f"Order {mail.order_id} · partner {mail.partner_id} · purchase order {one_line(mail.po_number)}"
