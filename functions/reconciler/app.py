"""Every day: proves that the table keeps what the service promises, and raises an alarm about what breaks it."""

from collections.abc import Mapping
from typing import Any

from licensing.entry import wiring
from licensing.entry.observability import count, logger
from licensing.use_cases.reconciliation.reconcile import reconcile


def handler(_: Mapping[str, Any], __: object) -> dict[str, int]:
    findings = reconcile(wiring.store(), wiring.now())
    for finding in findings:
        logger.error("promise broken", extra={"promise": finding.promise, "item": finding.item, "told": finding.detail})
    count("BrokenPromises", len(findings))
    return {"findings": len(findings)}
