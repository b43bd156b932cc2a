"""What the mail with license keys says, as plain text and as HTML (D7)."""

from collections.abc import Iterator
from html import escape

from licensing.adapters.wording import one_line
from licensing.adapters.words import Words, words_of
from licensing.domain.ordering.documents import DocumentScope, KeyMail, MailLine

# No background, and colors that can be read on white as on black: a reader's dark mode chooses the rest.
_PAGE = "margin:0 auto;padding:24px;max-width:680px;font:15px/1.5 Helvetica,Arial,sans-serif"
_TEXT = "margin:0 0 16px"
_HEADING = "font-size:18px;margin:28px 0 8px"
_CELL = "padding:12px 18px 12px 0;border-top:1px solid #9aa7b6;vertical-align:top;text-align:left"
_KEY = "font:bold 16px/1.8 Menlo,Consolas,monospace;white-space:nowrap"
_QUIET = "font-size:13px;color:#6b7682"
_WARNING = "padding:8px 14px;border-left:4px solid #c77700"


def as_text(mail: KeyMail, part: tuple[int, int]) -> str:
    """The letter in `part`, (number, of how many) mails, as plain text."""
    words = words_of(mail.language)
    lines = (_line_in_text(words, line) for line in mail.lines)
    paragraphs = [*_opening(words, mail, part), *lines, *_dates_explained(words, mail)]
    for scope in _portals(mail):
        steps = [f"  {number}. {step}" for number, step in enumerate(words.steps_to_claim(scope), 1)]
        where = words.labelled(words.where_to_claim(scope), one_line(mail.portal_url))
        paragraphs.append("\n".join([where, *steps]))
        paragraphs.append(f"{words.final}{words.stop}{words.claim_is_final(scope)}")
    return "\n\n".join([*paragraphs, words.keep_mail, _reference(words, mail)]) + "\n"


def as_html(mail: KeyMail, part: tuple[int, int]) -> str:
    """The same letter as HTML."""
    words = words_of(mail.language)
    body = [
        *map(_paragraph, _opening(words, mail, part)),
        f'<table role="presentation" style="border-collapse:collapse;width:100%">{_rows(words, mail)}</table>',
        *map(_paragraph, _dates_explained(words, mail)),
        *(_claiming_in_html(words, mail, scope) for scope in _portals(mail)),
        _paragraph(words.keep_mail),
        _paragraph(_reference(words, mail), _QUIET),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{words.tag}"><head><meta charset="utf-8"><title>{words.license_key}</title>\n'
        f'<meta name="color-scheme" content="light dark"></head>\n<body style="{_PAGE}">\n'
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _opening(words: Words, mail: KeyMail, part: tuple[int, int]) -> Iterator[str]:
    yield words.opening(len(mail.lines), one_line(mail.po_number), one_line(mail.customer))
    if part[1] > 1:
        yield words.in_parts(*part)


def _line_in_text(words: Words, line: MailLine) -> str:
    key = words.labelled(words.license_key, line.license_key)
    details = [f"  {text}" for text in (key, *_forced_activation(words, line))]
    return "\n".join([f"{line.line}. {_bought(words, line)}", *details])


def _rows(words: Words, mail: KeyMail) -> str:
    return "".join(
        f'<tr><td style="{_CELL}">{line.line}</td><td style="{_CELL}">{escape(_bought(words, line))}<br>\n'
        f'<span style="{_KEY}">{escape(line.license_key)}</span>'
        + "".join(f'<br>\n<span style="{_QUIET}">{text}</span>' for text in _forced_activation(words, line))
        + "</td></tr>\n"
        for line in mail.lines
    )


def _claiming_in_html(words: Words, mail: KeyMail, scope: DocumentScope) -> str:
    steps = "\n".join(f"<li>{escape(step)}</li>" for step in words.steps_to_claim(scope))
    url = escape(one_line(mail.portal_url))
    portal = f'<a href="{url}">{url}</a>' if url.startswith(("https://", "http://")) else url
    return (
        f'<h2 style="{_HEADING}">{words.where_to_claim(scope)}</h2>\n'
        f'<p style="{_TEXT}">{portal}</p>\n<ol>{steps}</ol>\n'
        f'<p style="{_WARNING}"><b>{words.final}{words.stop}</b>{escape(words.claim_is_final(scope))}</p>'
    )


def _paragraph(text: str, style: str = _TEXT) -> str:
    return f'<p style="{style}">{escape(text)}</p>'


def _bought(words: Words, line: MailLine) -> str:
    return words.bought(one_line(line.model_name), line.sku, line.quantity)


def _forced_activation(words: Words, line: MailLine) -> Iterator[str]:
    if line.forced_activation_at is not None:
        yield words.labelled(words.forced, words.moment(line.forced_activation_at))


def _dates_explained(words: Words, mail: KeyMail) -> Iterator[str]:
    if any(line.forced_activation_at for line in mail.lines):
        yield words.explained()


def _portals(mail: KeyMail) -> Iterator[DocumentScope]:
    """One scope for each portal in which keys of this mail are claimed (D10)."""
    scopes = {line.scope for line in mail.lines}
    if scopes - {"msp"}:
        yield "device" if "device" in scopes else "organization"
    if "msp" in scopes:
        yield "msp"


def _reference(words: Words, mail: KeyMail) -> str:
    return words.reference(mail.order_id, mail.partner_id, words.po(one_line(mail.po_number)))
