"""Logs and metrics, structured. No event, body or key is ever logged: only ids, counts and codes (D8)."""

from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from aws_lambda_powertools.logging import Logger


@cache
def _logger() -> "Logger":
    from aws_lambda_powertools.logging import Logger

    return Logger()


class _WhenNeeded:
    """The logger, loaded for the first line there is to write: most write none, and all wait for a cold start."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_logger(), name)


logger = cast("Logger", _WhenNeeded())


def count(name: str, value: int) -> None:
    """Writes a metric, by way of the log."""
    # Here, for hardly a request counts anything, and every start would pay for it.
    from aws_lambda_powertools.metrics import Metrics, MetricUnit

    metrics = Metrics()
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    metrics.flush_metrics()
