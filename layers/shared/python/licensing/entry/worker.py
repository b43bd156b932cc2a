"""Queue workers: each message is handled alone; those that fail come again, and end whole in the dead-letter queue."""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from licensing.domain.errors import Refusal
from licensing.entry import wiring
from licensing.entry.observability import logger
from licensing.use_cases.path import Context

Handler = Callable[[Mapping[str, Any], object], Any]


def worker(actor: str, handle: Callable[[str, Context], None]) -> Handler:
    """The Lambda handler that gives `handle` each message's body and the context of its commands."""

    def one(record: SQSRecord) -> None:
        try:
            handle(record.body, Context(actor, wiring.now()))
        except Refusal as refusal:
            logger.warning("message refused", extra={"message_id": record.message_id, "code": refusal.code})
            raise
        except Exception:
            # Not the message itself: it may hold what must not be logged.
            logger.exception("message failed", extra={"message_id": record.message_id})
            raise

    def handler(event: Mapping[str, Any], _: object) -> Any:
        processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        with processor(records=event["Records"], handler=one):
            processor.process()
        return processor.response()

    return handler
