"""`make invoke FUNCTION=… EVENT=…`: one function, one event, in this process, against the local stack.

With the environment that the template gave the function there. (Its own role is not enforced: it acts as root.)
"""

import argparse
import importlib
import json
import os
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from local.aws import Aws
from local.deploy import STACK
from local.ministack import ACCOUNT, REGION, ROOT, SECRET
from local.template import load, of_type


def invoke(folder: str, event: Any, endpoint: str) -> Any:
    name = logical_id(folder)
    os.environ |= deployed_environment(Aws(endpoint), name) | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": REGION,
    }
    context = SimpleNamespace(
        function_name=name, aws_request_id=str(uuid.uuid4()), get_remaining_time_in_millis=lambda: 60_000
    )
    return importlib.import_module(f"functions.{folder}.app").handler(event, context)


def logical_id(folder: str) -> str:
    functions = of_type(load(), "AWS::Serverless::Function").items()
    by_folder = {Path(each["Properties"]["CodeUri"]).name: name for name, each in functions}
    if folder not in by_folder:
        sys.exit(f"FUNCTION is one of {', '.join(sorted(by_folder))}")
    return by_folder[folder]


def deployed_environment(aws: Aws, name: str) -> dict[str, str]:
    resource = aws.cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId=name)
    settings = aws.lambda_.get_function_configuration(
        FunctionName=resource["StackResourceDetail"]["PhysicalResourceId"]
    )
    environment: dict[str, str] = settings["Environment"]["Variables"]
    return environment


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("function", help="its folder below functions/")
    parser.add_argument("event", type=Path, help="a JSON file, such as one of events/")
    options = parser.parse_args()
    running = ROOT / ".local/stack.json"
    if not running.exists():
        sys.exit("no local stack is running: start one with `make run`")
    endpoint = json.loads(running.read_text())["aws_endpoint_url"]
    answer = invoke(options.function, json.loads(options.event.read_text()), endpoint)
    print(json.dumps(answer, indent=2, default=str, ensure_ascii=False))


if __name__ == "__main__":
    main()
