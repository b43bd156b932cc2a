"""Texts that people type and read: names, numbers of orders, addresses, ids of tenants (D45)."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


def _address(text: str) -> str:
    """The address with its domain in lower case; the local part is the receiver's business."""
    if not _EMAIL.fullmatch(text) or ".." in text or len(text) > 254:
        raise PydanticCustomError(
            "email",
            "not an e-mail address; write name@example.com (an international domain in its xn-- form)",
        )
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def _no_control(text: str) -> str:
    if any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029" for char in text):
        raise PydanticCustomError("control", "has control characters; use printable text")
    return text


Email = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_address)]
TenantId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")]
PoNumber = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(_no_control)
]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_no_control)
]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$")]
TimeZone = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}$", max_length=64)
]
