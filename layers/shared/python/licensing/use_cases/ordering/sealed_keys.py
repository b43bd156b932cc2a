"""Keys sealed and opened several at a time: the vault is paid by the call, and each call is a while (D8)."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from licensing.domain.core.limits import KEYS_SEALED_TOGETHER
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.license_key import LicenseKey, seal_context
from licensing.ports import Vault


class SealedKey(Struct, frozen=True):
    """A key, its ciphertext, and the line that this is bound to: the first of those sealed with it."""

    symbols: str
    ciphertext: str
    sealed_line: int


def sealed(vault: Vault, order_id: str, symbols: Mapping[int, str]) -> dict[int, SealedKey]:
    """The keys of an order's lines by line number."""
    numbers = sorted(symbols)
    found: dict[int, SealedKey] = {}
    for start in range(0, len(numbers), KEYS_SEALED_TOGETHER):
        together = numbers[start : start + KEYS_SEALED_TOGETHER]
        text = " ".join(symbols[number] for number in together)
        ciphertext = vault.seal(text, seal_context(order_id, together[0]))
        found |= {number: SealedKey(symbols[number], ciphertext, together[0]) for number in together}
    return found


def opened(vault: Vault, keys: Iterable[LicenseKey]) -> dict[str, str]:
    """The symbols of each key by its hash, which says which of those sealed together is which."""
    seals = {(key.ciphertext, key.seal_context) for key in keys}
    texts = (vault.open(ciphertext, context) for ciphertext, context in sorted(seals))
    return {key_codec.hash_of(symbols): symbols for text in texts for symbols in text.split()}
