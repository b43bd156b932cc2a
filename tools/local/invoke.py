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

from tools.local.aws import Aws
from tools.local.deploy import STACK
from tools.paths import RUNNING
from tools.template import load, of_type


def invoke(folder: str, event: Any, environment: dict[str, str]) -> Any:
    name = logical_id(folder)
    os.environ |= environment | deployed_environment(Aws(environment["AWS_ENDPOINT_URL"]), name)
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
    if not RUNNING.exists():
        sys.exit("no local stack is running: start one with `make run`")
    running = json.loads(RUNNING.read_text())
    answer = invoke(options.function, json.loads(options.event.read_text()), running["environment"])
    print(json.dumps(answer, indent=2, default=str, ensure_ascii=False))


if __name__ == "__main__":
    main()
