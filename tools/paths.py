"""Where things lie, for all tools."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
UV = ROOT / ".venv/bin/uv"
NPM = ROOT / ".tools/npm"  # the packages of package-lock.json
RUNNING = ROOT / ".local/stack.json"  # there for as long as `make run` is ready
