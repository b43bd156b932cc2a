"""The ids of orders, made from their natural key (D4), and of the renewals that they may carry out (D40)."""

import hashlib
from typing import Annotated

from pydantic import StringConstraints

from licensing.domain.core.texts import TENANT_ID, canonical_text

OrderId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}\.[0-9a-f]{20}$")]

# `org-north.7`: the organization, and the number among its renewals.
RenewalId = Annotated[str, StringConstraints(pattern=rf"^{TENANT_ID.pattern}\.[1-9][0-9]{{0,5}}$")]


def order_id_of(partner_id: str, po_number: str) -> str:
    """`acme.1f6c…`: made from the natural key, so that one PO can't become two orders (D4).

    Numbers that look the same are one (D45). The partner stands in it, so that a caller's grants are checked before
    anything is read.
    """
    digest = hashlib.sha256(f"{partner_id}\n{canonical_text(po_number)}".encode()).hexdigest()
    return f"{partner_id}.{digest[:20]}"


def partner_of(order_id: str) -> str:
    return order_id.rpartition(".")[0]
