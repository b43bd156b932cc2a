"""The faces of a printed page, found in the packages that carry them, so that they are the same files everywhere.

No face has every letter: each character is set in the first of `font`, Broad and Han that has it, and one that none
of them has is printed as the replacement character, so that the reader sees that something is missing.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

from licensing.adapters.bidirectional import REPLACEMENT

Font = Literal["Text", "Strong", "Key", "Broad", "Han"]

# Reportlab takes TrueType outlines only. Broad has Arabic, Hebrew, Armenian, Georgian and symbols.
_FILES: dict[Font, tuple[str, str]] = {
    "Text": ("font_source_sans_pro", "files/SourceSansPro-Regular.ttf"),
    "Strong": ("font_source_sans_pro", "files/SourceSansPro-Semibold.ttf"),
    "Key": ("rinoh_typeface_dejavusansmono", "DejaVuSansMono-Bold.ttf"),
    "Broad": ("rinoh_typeface_dejavusans", "DejaVuSans.ttf"),
    "Han": ("paperang_p2_fonts_cjk", "fonts/wqy-microhei.ttc"),
}
_FALLBACKS: tuple[Font, ...] = ("Broad", "Han")
# Reportlab's way back from glyphs to text, for copying and searching, is broken beyond the basic plane.
_LAST = 0xFFFF


def runs(text: str, font: Font) -> Iterator[tuple[Font, str]]:
    """The text in stretches of one face each; every face named is ready to be used by its name."""
    if text.isascii():  # most texts; every face we choose by name has these letters
        yield ready(font), text
        return
    for face, chars in groupby((_set(char, font) for char in text), key=itemgetter(0)):
        yield face, "".join(char for _, char, _ in chars)


def ready(font: Font) -> Font:
    """The name of the face, which from now on reportlab knows."""
    _metrics(font)
    return font


def width(text: str, font: Font, size: float) -> float:
    """How wide the text runs, in points."""
    return sum(_set(char, font)[2] for char in text) * size / 1000


@lru_cache(maxsize=10_000)
def _set(char: str, font: Font) -> tuple[Font, str, float]:
    """The face for a character, what is printed for it, and its width in thousandths of the size."""
    for face in (font, *_FALLBACKS):
        metrics = _metrics(face)
        if ord(char) in metrics.charToGlyph and ord(char) <= _LAST:
            return face, char, metrics.getCharWidth(ord(char))
    return _set(REPLACEMENT, font)


@cache
def _metrics(font: Font) -> Any:
    """Loads a face when its first character is needed, once in a process: the Han face alone takes 0.2 s."""
    package, file = _FILES[font]
    # Not imported: the packages of the faces import the typesetters they were made for.
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the package {package}, which carries a font of ours, is not installed")
    # Without asciiReadable a document embeds just the glyphs it uses.
    face = TTFont(font, Path(spec.origin).parent / file, asciiReadable=0)
    registerFont(face)
    return face.face
