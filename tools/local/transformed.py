"""The template as SAM transforms it, as CloudFormation is given it: `python -m tools.local.transformed FILE`."""

import json
import subprocess
import sys
from pathlib import Path

from tools.local.ministack import PYTHON, REGION
from tools.local.packages import FUNCTION, LAYER, SOURCE_OF
from tools.template import Template, load, of_type

PROGRAM = Path(__file__).with_name("sam_process.py")


def transformed() -> Template:
    template = load()
    for resource in of_type(template, FUNCTION, LAYER).values():
        resource["Properties"][SOURCE_OF[resource["Type"]]] = "s3://bucket/what-sam-has-uploaded"
    command, environment = [str(PYTHON), "-P", str(PROGRAM)], {"AWS_DEFAULT_REGION": REGION}
    told = subprocess.check_output(command, input=json.dumps(template), env=environment, text=True)
    made: Template = json.loads(told)
    return made


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(transformed(), indent=1))
