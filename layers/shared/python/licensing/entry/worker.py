"""Queue workers: each message is handled alone; what fails comes again, at last to the dead-letter queue as it came."""

from collections.abc import Callable, Mapping
from typing import Any

from licensing.adapters.request_time import begin_request
from licensing.domain.core.errors import Refusal
from licensing.entry import wiring
from licensing.entry.observability import logger
from licensing.entry.runtime import seconds_left
from licensing.use_cases.core.context import Context

Handler = Callable[[Mapping[str, Any], object], Any]


def worker(actor: str, handle: Callable[[str, Context], None]) -> Handler:
    """The Lambda handler that gives `handle` each message's body and the context of its commands."""

    def handled(message: Mapping[str, Any], runtime: Any) -> bool:
        try:
            # No idempotency key: messages come more than once, and what they start finds done what is done.
            handle(message["body"], Context(actor, wiring.now(), seconds=seconds_left(runtime)))
        # Refusals come again too: a conflict passes, and what never passes ends whole in the dead-letter queue.
        except Refusal as refusal:
            logger.warning("message refused", extra={"message_id": message["messageId"], "code": refusal.code})
            return False
        except Exception:
            # Not the message itself: it may hold what must not be logged.
            logger.exception("message failed", extra={"message_id": message["messageId"]})
            return False
        return True

    def handler(event: Mapping[str, Any], runtime: object) -> Any:
        begin_request(seconds_left(runtime))
        failed = [message["messageId"] for message in event["Records"] if not handled(message, runtime)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    return handler
