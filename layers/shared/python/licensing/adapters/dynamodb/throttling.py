"""Throttling is waited for: what DynamoDB has refused for its rate is sent again as it was, a transaction under its
token, for as long as the request at hand has time. It was not carried out, so there is nothing to decide anew.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pynamodb.exceptions import PynamoDBException

from licensing.adapters.request_time import request_ends
from licensing.domain.core.errors import Overloaded
from licensing.domain.core.limits import COMMIT_WAIT

# Of whole requests, and of items that a transaction was cancelled for.
REFUSED = {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
THROTTLED = {"ThrottlingError", "ProvisionedThroughputExceeded"}
# Full jitter, in seconds: a collection that is worked at its limit takes the next step within a tenth of one.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
# What is left of a request after the last pause has to do for the call and the answer.
RESERVED_SECONDS = 3.0


class Wait:
    """The pauses of one call, which has begun now."""

    def __init__(self) -> None:
        self._ends = min(time.monotonic() + COMMIT_WAIT.total_seconds(), request_ends() - RESERVED_SECONDS)
        self._longest = FIRST_PAUSE

    def pause(self) -> float | None:
        """How long to wait before the next attempt; None where the time is up."""
        pause = random.uniform(0, self._longest)
        self._longest = min(2 * self._longest, LONGEST_PAUSE)
        return pause if time.monotonic() + pause < self._ends else None


def be_patient(client: Any) -> None:
    """Has the client wait."""
    # Before its own handler, which gives up after three attempts; once, whatever number of stores has the client.
    client.meta.events.register_first("needs-retry.dynamodb", _needs_retry, unique_id="licensing-throttling")


def _needs_retry(response: Any, request_dict: dict[str, Any], **_: Any) -> float | None:
    """botocore's question after each attempt: in how many seconds the same request is sent again."""
    if response is None or not is_throttled(response[1]):
        return None
    wait: Wait = request_dict["context"].setdefault("licensing_wait", Wait())
    return wait.pause()


def is_throttled(answer: Mapping[str, Any]) -> bool:
    """Whether DynamoDB's answer says that nothing was done, for its rate alone."""
    reasons = {each.get("Code") for each in answer.get("CancellationReasons", ())} - {"None", None}
    # Of a transaction that also lost a race the facts have changed: that is decided anew.
    return answer.get("Error", {}).get("Code") in REFUSED or (bool(reasons) and reasons <= THROTTLED)


def until_done(attempt: Callable[[], bool]) -> None:
    """Does it until it says that all is done. Raises Overloaded."""
    wait = Wait()
    while not attempt():
        if (pause := wait.pause()) is None:
            raise Overloaded
        time.sleep(pause)


@contextmanager
def overload_told() -> Iterator[None]:
    """Raises Overloaded for what was waited for in vain."""
    try:
        yield
    except PynamoDBException as error:
        # None too: a connection that was closed had no response.
        cause = getattr(error.cause, "response", None) or {}
        reasons = [{"Code": each.code} for each in getattr(error, "cancellation_reasons", ()) if each]
        if is_throttled({**cause, "CancellationReasons": reasons}):
            raise Overloaded from error
        raise
