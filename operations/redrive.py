"""`make redrive QUEUE=KeyDelivery`: puts the messages of a dead-letter queue back where they failed."""

import sys
import time
from typing import Any

from licensing.adapters.aws import client
from operations.target import arguments, target


def main() -> None:
    chosen = arguments(__doc__, "queue")
    outputs = target(chosen.stack).outputs
    if (failures := outputs.get(f"{chosen.queue}FailuresUrl")) is None:
        names = ", ".join(name.removesuffix("FailuresUrl") for name in outputs if name.endswith("FailuresUrl"))
        sys.exit(f"There is no queue {chosen.queue}; there are {names}.")
    print(f"{redriven(failures)} messages put back")


def redriven(failures: str) -> int:
    """How many; SQS moves them by itself, and this waits for it."""
    queues = client("sqs")
    arn = queues.get_queue_attributes(QueueUrl=failures, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    queues.start_message_move_task(SourceArn=arn)
    while (task := _latest(queues, arn))["Status"] == "RUNNING":
        time.sleep(1)
    if task["Status"] != "COMPLETED":
        sys.exit(f"The queue was not emptied: {task.get('FailureReason', task['Status'])}")
    return int(task["ApproximateNumberOfMessagesMoved"])


def _latest(queues: Any, arn: str) -> dict[str, Any]:
    task: dict[str, Any] = queues.list_message_move_tasks(SourceArn=arn, MaxResults=1)["Results"][0]
    return task


if __name__ == "__main__":
    main()
