"""`make restore`: after items or documents were lost, brings back what is missing; overwrites nothing.

The table is restored beside the live one, from a backup or as it was at an instant of the last 35 days; then what the
live table has not is copied over, and documents deleted from the bucket are taken back. At the end the reconciler
looks at the live table.
"""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from licensing.adapters.aws import client
from licensing.use_cases.reconciliation.reconcile import reconcile
from tools.operations.target import target

Item = dict[str, Any]


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--stack", default="", help="a deployed stack; left out: the one `make run` has up")
    parser.add_argument("--at", default="", help="an instant such as 2026-11-24T09:00:00Z")
    parser.add_argument("--backup", default="", help="a backup's ARN, instead of an instant")
    options = parser.parse_args()
    if bool(options.at) == bool(options.backup):
        parser.error("give either an instant (AT=…) or a backup (BACKUP=…)")
    stack = target(options.stack)
    live = stack.outputs["TableName"]
    copy = restored(live, options.at, options.backup)
    print(f"restored as table {copy}; delete it when all is well")
    print(f"{filled(copy, live)} items brought back")
    print(f"{undeleted(stack.outputs['DocumentsBucket'])} documents brought back")
    findings = reconcile(stack.store, datetime.now(UTC))
    print("\n".join(f"{finding.promise}: {finding.item}: {finding.detail}" for finding in findings))
    print(f"{len(findings)} promises broken" if findings else "every promise is kept")
    sys.exit(1 if findings else 0)


def restored(live: str, at: str, backup: str) -> str:
    """The name of the table beside the live one, once it is there: minutes to hours on AWS."""
    tables, name = client("dynamodb"), f"{live}-restored-{int(time.time())}"
    if backup:
        tables.restore_table_from_backup(TargetTableName=name, BackupArn=backup)
    else:
        instant = datetime.fromisoformat(at)
        tables.restore_table_to_point_in_time(SourceTableName=live, TargetTableName=name, RestoreDateTime=instant)
    tables.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 10, "MaxAttempts": 2_000})
    return name


def filled(source: str, live: str) -> int:
    """Copies what the live table has not, item by item as it lies there, versions and all."""
    return sum(_put(live, item) for item in _items(source))


def _items(table: str) -> Iterator[Item]:
    for page in client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def _put(table: str, item: Item) -> bool:
    try:
        client("dynamodb").put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def undeleted(bucket: str) -> int:
    """Takes away the marks under which deleted documents lie."""
    objects, count = client("s3"), 0
    for page in objects.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for mark in page.get("DeleteMarkers", ()):
            # A job's body was deleted on purpose, when the job ended.
            if mark["IsLatest"] and not mark["Key"].startswith("jobs/"):
                objects.delete_object(Bucket=bucket, Key=mark["Key"], VersionId=mark["VersionId"])
                count += 1
    return count


if __name__ == "__main__":
    main()
