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

from playwright.sync_api import sync_playwright

SCRIPT = Path(__file__).parents[2] / "app" / "static" / "js" / "expressions.js"
RUNNER = Path(__file__).parent / "run_expressions.js"

PageCase = tuple[list[Any], dict[str, Any]]


def evaluate_in_page(cases: Sequence[PageCase]) -> list[Any]:
    """The values that the page gives for compiled expressions with their names."""
    prepared = [{"json": compiled, "names": names} for compiled, names in cases]
    beside_python = Path(sys.executable).parent
    node = shutil.which("node", path=f"{beside_python}{os.pathsep}{os.environ.get('PATH', '')}")
    return _in_node(node, prepared) if node else in_chromium(prepared)


def _in_node(node: str, cases: list[dict[str, Any]]) -> list[Any]:
    ran = subprocess.run(
        [node, str(RUNNER), str(SCRIPT)], input=json.dumps(cases), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return cast(list[Any], json.loads(ran.stdout))


def in_chromium(cases: list[dict[str, Any]]) -> list[Any]:
    """The same in a browser; public so that a machine with Node can check it too."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.add_script_tag(path=SCRIPT)
        values = page.evaluate("cases => cases.map(one => Expressions.evaluate(one.json, one.names))", cases)
        browser.close()
    return cast(list[Any], values)
