"""Messages that start work: completed orders over SNS, mails to send over SQS."""

import json

from licensing.adapters.aws import client
from licensing.adapters.queues import SqsQueue


class AwsPublisher:
    """`licensing.ports.Publisher`."""

    def __init__(self, orders_topic_arn: str, delivery_queue_url: str) -> None:
        self._topic = orders_topic_arn
        self._queue = SqsQueue(delivery_queue_url)

    def order_completed(self, order_id: str) -> None:
        message = {"type": "order.completed", "order_id": order_id}
        client("sns").publish(TopicArn=self._topic, Message=json.dumps(message))

    def mails_due(self, order_id: str) -> None:
        self._queue.send([json.dumps({"order_id": order_id})])
