"""Runs the page's evaluator of expressions: in Node where there is one, else in Chromium, but always."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

SCRIPT = Path(__file__).parents[2] / "app" / "static" / "js" / "expressions.js"
RUNNER = Path(__file__).parent / "run_expressions.js"

PageCase = tuple[list[Any], dict[str, Any]]


def evaluate_in_page(cases: Sequence[PageCase]) -> list[Any]:
    """The values that the page gives for compiled expressions with their names."""
    prepared = [{"json": compiled, "names": names} for compiled, names in cases]
    return _in_node(node(), prepared)


def node() -> str:
    """Where Node stands."""
    beside_python = Path(sys.executable).parent
    found = shutil.which("node", path=f"{beside_python}{os.pathsep}{os.environ.get('PATH', '')}")
    assert found, "Node is needed: tools/assets.py puts one into the environment where the machine has none"
    return found


def _in_node(node: str, cases: list[dict[str, Any]]) -> list[Any]:
    ran = subprocess.run(
        [node, str(RUNNER), str(SCRIPT)], input=json.dumps(cases), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return cast(list[Any], json.loads(ran.stdout))
