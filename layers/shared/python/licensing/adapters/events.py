"""Messages that start work: completed orders over SNS, mails to send over SQS."""

import json
from collections.abc import Sequence

from licensing.adapters.aws import client

# SQS takes no more in one call.
BATCH = 10


class AwsPublisher:
    """`licensing.ports.Publisher`."""

    def __init__(self, orders_topic_arn: str, delivery_queue_url: str) -> None:
        self._topic = orders_topic_arn
        self._queue = delivery_queue_url

    def order_completed(self, order_id: str) -> None:
        message = {"type": "order.completed", "order_id": order_id}
        client("sns").publish(TopicArn=self._topic, Message=json.dumps(message))

    def deliver(self, order_id: str, recipients: Sequence[str], send: int) -> None:
        for start in range(0, len(recipients), BATCH):
            entries = [
                {
                    "Id": str(number),
                    "MessageBody": json.dumps({"order_id": order_id, "recipient": recipient, "send": send}),
                }
                for number, recipient in enumerate(recipients[start : start + BATCH])
            ]
            answer = client("sqs").send_message_batch(QueueUrl=self._queue, Entries=entries)
            # SQS calls it a success when it took only some. The worker's message comes again then, and their
            # lease keeps mails that are queued already from going twice.
            if failed := answer.get("Failed"):
                raise RuntimeError(f"{len(failed)} of {len(entries)} messages were not taken by the delivery queue")
