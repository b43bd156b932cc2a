"""Reads a template (JSON), and writes what SAM makes of it for CloudFormation.

Run by the interpreter of MiniStack's environment, as a file: SAM's translator wants another pydantic than we ship.
"""

import json
import sys

from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """SAM would look up here what it is asked for by name: we name none."""

    def load(self) -> dict[str, str]:
        return {}


if __name__ == "__main__":
    json.dump(transform(json.load(sys.stdin), {}, NoManagedPolicies()), sys.stdout)
