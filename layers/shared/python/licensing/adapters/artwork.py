"""What is drawn rather than written on a license key document: the wordmark, the QR code, panels and numbers."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import segno
from reportlab.lib.colors import HexColor, white

from licensing.adapters.typesetting import Block, draw

INK = HexColor("#14233A")
QUIET = HexColor("#5A6A80")
ACCENT = HexColor("#0B63CE")
SKY = HexColor("#7FD1F5")
HAIRLINE = HexColor("#D5DEEA")
PALE = HexColor("#F2F7FD")
AMBER = HexColor("#C77700")
PALE_AMBER = HexColor("#FFF7E9")


def wordmark(canvas: Any, x: float, base: float) -> None:
    """Where the logo stands: a cloud in a tile, and the name on the line `base`."""
    tile = 30.0
    canvas.setFillColor(ACCENT)
    canvas.roundRect(x, base - 8.5, tile, tile, 7, stroke=0, fill=1)
    _cloud(canvas, x + tile / 2, base + 4.6)
    size = 19.0
    after = draw_line(canvas, Block(("EnGenius ",), "Strong", size), x + tile + 9, base, INK)
    draw_line(canvas, Block(("Cloud",), "Text", size), after, base, ACCENT)


def _cloud(canvas: Any, x: float, y: float) -> None:
    _pill(canvas, x + 3.2, x + 3.2, y + 2.6, 9.2, SKY)
    _pill(canvas, x - 5.8, x + 5.8, y - 0.7, 7.4, white)
    _pill(canvas, x - 2.4, x - 2.4, y + 2.2, 10.4, white)
    _pill(canvas, x + 4.6, x + 4.6, y + 0.6, 7.2, white)


def _pill(canvas: Any, left: float, right: float, y: float, thickness: float, color: Any) -> None:
    """A line with round ends, and so a disc where left is right: a fifth of the numbers that curves would take."""
    canvas.setStrokeColor(color)
    canvas.setLineWidth(thickness)
    canvas.setLineCap(1)
    canvas.line(left, y, right, y)


def draw_line(canvas: Any, block: Block, x: float, base: float, color: Any) -> float:
    """Draws a block of one line on `base`; where it ends."""
    draw(canvas, block, x, base + block.size, color)
    return x + block.width


def panel(canvas: Any, x: float, top: float, size: tuple[float, float], fill: Any, edge: Any) -> None:
    """A rounded box of `size` (width, height) below `top`."""
    canvas.setFillColor(fill)
    canvas.setStrokeColor(edge)
    canvas.setLineWidth(0.8)
    canvas.roundRect(x, top - size[1], size[0], size[1], 8, stroke=1, fill=1)


def rule(canvas: Any, x: float, y: float, length: float) -> None:
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(0.6)
    canvas.line(x, y, x + length, y)


def bullet(canvas: Any, x: float, middle: float, number: int) -> None:
    """A number in a disc around (x, middle)."""
    _pill(canvas, x, x, middle, 14.8, ACCENT)
    figure = Block((str(number),), "Strong", 9)
    draw_line(canvas, figure, x - figure.width / 2, middle - 3, white)


def qr_code(canvas: Any, text: str, x: float, top: float, side: float) -> None:
    """A QR code that survives a quarter of it being smudged, on white with its quiet zone."""
    canvas.setFillColor(white)
    canvas.roundRect(x, top - side, side, side, 4, stroke=0, fill=1)
    # Trying out all eight masks takes four times as long as the rest, and every reader reads any of them.
    code = segno.make_qr(text, error="q", mask=3)
    quiet = code.default_border_size
    canvas.saveState()
    canvas.setFillColor(INK)
    canvas.translate(x, top)
    canvas.scale(side / (len(code.matrix) + 2 * quiet), -side / (len(code.matrix) + 2 * quiet))
    # In units of a dot, and as PDF's own words: the canvas would take longer over it than over all the text.
    canvas.addLiteral(" ".join(_dark(code.matrix, quiet)) + " f")
    canvas.restoreState()


def _dark(matrix: Sequence[Sequence[int]], quiet: int) -> Iterator[str]:
    """A rectangle for each stretch of dark dots in a row."""
    for row, dots in enumerate(matrix, quiet):
        column = quiet
        for dark, stretch in groupby(dots):
            length = len(list(stretch))
            if dark:
                yield f"{column} {row} {length} 1 re"
            column += length
