"""Lines of text in a given width: broken, shrunk where they must be, and as a last resort visibly shortened."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct

from licensing.adapters.bidirectional import as_printed, joined
from licensing.adapters.fonts import Font, runs, width
from licensing.adapters.wording import one_line

ELLIPSIS = "…"
_LEADING = 1.28

# A line may end after a space or a dash, and between Chinese, Japanese and Korean letters, but these languages
# let no line begin with closing punctuation.
_WIDE = "\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_CLOSING = "、。，．：；！？）〕］｝〉》」』】ー々"
_PIECE = re.compile(rf"[{_WIDE}][{_CLOSING}]*\s*|[^\s{_WIDE}]*?[-/]+\s*|[^\s{_WIDE}]+\s*|\s+")


class Block(Struct, frozen=True):
    """Lines that fit, in the order of the eye; all measures in points."""

    lines: tuple[str, ...]
    font: Font
    size: float

    @property
    def width(self) -> float:
        return max(width(line, self.font, self.size) for line in self.lines)

    @property
    def leading(self) -> float:
        return self.size * _LEADING

    @property
    def height(self) -> float:
        return self.leading * len(self.lines)


@lru_cache(maxsize=500)
def fit(text: str, font: Font, sizes: tuple[float, ...], room: float, height: float) -> Block:
    """The text in a box of `room` by `height` points: in the largest of `sizes` that goes in, else shortened."""
    text = joined(one_line(text))
    for size in sizes:
        lines = _broken(text, font, size, room)
        most = max(1, int(height / (size * _LEADING)))
        if len(lines) <= most:
            break
    else:
        lines = [*lines[: most - 1], _shortened(lines[most - 1], font, size, room)]
    return Block(tuple(as_printed(line, text) for line in lines), font, size)


def draw(canvas: Any, block: Block, x: float, top: float, color: Any) -> float:
    """Draws the block below `top`; the bottom of it."""
    pen = canvas.beginText()
    pen.setFillColor(color)
    for number, line in enumerate(block.lines):
        pen.setTextOrigin(x, top - block.size - number * block.leading)
        for face, stretch in runs(line, block.font):
            pen.setFont(face, block.size)
            pen.textOut(stretch)
    canvas.drawText(pen)
    return top - block.height


def _broken(text: str, font: Font, size: float, room: float) -> list[str]:
    lines, line, used = [], "", 0.0
    for piece in _pieces(text, font, size, room):
        if line and used + width(piece.rstrip(), font, size) > room:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line += piece
        used += width(piece, font, size)
    return [*lines, line.rstrip()]


def _pieces(text: str, font: Font, size: float, room: float) -> Iterator[str]:
    """What a line break keeps together; a piece too wide for any line comes letter by letter."""
    for piece in _PIECE.findall(text):
        yield from [piece] if width(piece.rstrip(), font, size) <= room else piece


def _shortened(line: str, font: Font, size: float, room: float) -> str:
    while line and width(line + ELLIPSIS, font, size) > room:
        line = line[:-1]
    return line.rstrip() + ELLIPSIS
