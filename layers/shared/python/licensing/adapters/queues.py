"""Messages sent to a queue of SQS."""

from collections.abc import Sequence

from licensing.adapters.aws import client
from licensing.ports import QueueLoad

# SQS takes no more in one call.
BATCH = 10


class SqsQueue:
    """`licensing.ports.Queue`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, bodies: Sequence[str], delay: int = 0, group: str | None = None) -> None:
        # Groups make a standard queue fair: who sends much delays its own alone.
        grouped = {"MessageGroupId": group} if group else {}
        for start in range(0, len(bodies), BATCH):
            entries = [
                {"Id": str(number), "MessageBody": body, "DelaySeconds": delay, **grouped}
                for number, body in enumerate(bodies[start : start + BATCH])
            ]
            answer = client("sqs").send_message_batch(QueueUrl=self._url, Entries=entries)
            # SQS calls it a success when it took only some.
            if failed := answer.get("Failed"):
                raise RuntimeError(f"{len(failed)} of {len(entries)} messages were not taken by the queue")

    def load(self) -> QueueLoad:
        counts = {name: f"ApproximateNumberOfMessages{name}" for name in ("", "Delayed", "NotVisible")}
        told = client("sqs").get_queue_attributes(QueueUrl=self._url, AttributeNames=list(counts.values()))
        waiting, delayed, received = (int(told["Attributes"][name]) for name in counts.values())
        return QueueLoad(waiting + delayed, received)
