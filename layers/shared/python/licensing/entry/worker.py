"""Queue workers: each message is handled alone; what fails comes again, at last to the dead-letter queue as it came."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from licensing.adapters.request_time import begin_request
from licensing.domain.core.errors import Refusal
from licensing.entry import wiring
from licensing.entry.observability import logger
from licensing.entry.runtime import seconds_left
from licensing.ports import MailDelayed
from licensing.use_cases.core.context import Context

Handler = Callable[[Mapping[str, Any], object], Any]


def worker(actor: str, handle: Callable[[str, Context], None], mails: str | None = None) -> Handler:
    """The Lambda handler that gives `handle` each message's body and the context of its commands.

    `mails` is the name of the queue of a worker that sends mail: what has to wait for the mail service, or for another
    worker's lease, waits there as a message of its own. Nothing has failed, so no attempt is used up.
    """

    def handled(message: Mapping[str, Any], runtime: object) -> bool:
        try:
            try:
                # No idempotency key: messages come more than once, and what they start finds done what is done.
                handle(message["body"], Context(actor, wiring.now(), seconds=seconds_left(runtime)))
            except (MailDelayed, Refusal) as error:
                if mails is None or not passes(error):
                    raise
                _wait(mails, message)
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


def passes(error: Exception) -> bool:
    """Whether nothing is wrong with the message: no mail is taken just now, or another worker has it."""
    return isinstance(error, MailDelayed) or (isinstance(error, Refusal) and error.code == "conflict")


def _wait(queue: str, message: Mapping[str, Any]) -> None:
    """Puts the message back, to come after a while, longer each time."""
    told = json.loads(message["body"])
    waited = told.get("waited", 0)
    logger.info("mail waits", extra={"message_id": message["messageId"], "waited": waited})
    wiring.queue(queue).send([json.dumps(told | {"waited": waited + 1})], wiring.delay_after(waited))
