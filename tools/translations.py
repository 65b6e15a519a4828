"""Keep the message catalogues: extract, update, check that nothing is left untranslated, compile."""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "app" / "translations"
LANGUAGES = ("zh",)
"""English needs no catalogue: it is what the sources say."""

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "N_": None,
    "ngettext": (1, 2),
    "Message": None,
}
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


def path_of(language: str) -> Path:
    """The catalogue of a language."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def out_of_reach(source: str) -> Iterator[int]:
    """Lines where words reach a keyword by the name of a text, so that nothing extracts them."""
    nodes = list(ast.walk(ast.parse(source)))
    texts = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=keyword), args=[ast.Name(id=name), *_]):
                if keyword in KEYWORDS and name in texts:
                    yield node.lineno


def extracted() -> Catalog:
    """What the sources say now."""
    catalogue = Catalog(project="Trade & Enterprise Monitoring Platform", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        str(ROOT / "app"), METHODS, keywords=KEYWORDS, comment_tags=("NOTE:",), strip_comment_tags=True
    )
    for filename, _line, message, comments, context in found:
        # Files without line numbers: a moved line must not change the catalogue.
        catalogue.add(message, None, [(f"app/{filename}", 0)], auto_comments=comments, context=context)
    return catalogue


def stored(language: str) -> Catalog:
    """The catalogue as committed; empty when there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as handle:
        return read_po(handle, locale=language, charset="utf-8")


def updated(language: str) -> Catalog:
    """The stored catalogue brought up to date; what the sources no longer say is dropped."""
    catalogue = stored(language)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = (
        f"# Words of the pages in {catalogue.locale_identifier}; kept by `make translations`."
    )
    for message in catalogue:
        message.locations = sorted({(name, 0) for name, _line in message.locations})
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """A catalogue as text that depends on nothing but its words."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, sort_output=True, include_lineno=False, width=110, omit_header=True)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    head += f'"Language: {catalogue.locale_identifier}\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    return (f"{catalogue.header_comment}\n{head}").encode() + buffer.getvalue().lstrip(b"\n")


def update() -> None:
    """Bring every catalogue up to date with the sources."""
    for language in LANGUAGES:
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(updated(language)))
        print(f"{path.relative_to(ROOT)}: {sum(1 for _ in problems(language))} problems")


def problems(language: str) -> Iterator[str]:
    """What keeps a catalogue from being complete."""
    current = stored(language)
    known = {_key(message) for message in current if message.id}
    wanted = {_key(message) for message in extracted() if message.id}
    yield from (f"not in the catalogue: {key!r}" for key in sorted(wanted - known, key=str))
    yield from (f"no longer in the sources: {key!r}" for key in sorted(known - wanted, key=str))
    for message in current:
        if message.id:
            yield from _faults(message)


def _key(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple) else message.id)


def _faults(message: Message) -> Iterator[str]:
    translations = [str(text or "") for text in _forms(message)]
    if not all(translations):
        yield f"untranslated: {_key(message)!r}"
    elif message.fuzzy:
        yield f"fuzzy: {_key(message)!r}"
    elif any(_placeholders(text) != _placeholders(_key(message)) for text in translations):
        yield f"other placeholders than the source: {_key(message)!r}"


def _forms(message: Message) -> Iterable[object]:
    return message.string if isinstance(message.string, tuple | list) else (message.string,)


def _placeholders(text: str) -> set[str]:
    return {first or second for first, second in PLACEHOLDER.findall(text)}


def check() -> int:
    """Print what is wrong; 0 when nothing is."""
    found = [f"{language}: {problem}" for language in LANGUAGES for problem in problems(language)]
    found += [
        f"{path.relative_to(ROOT)}:{line}: write the words where they are used, or nobody can translate them"
        for path in sorted((ROOT / "app").rglob("*.py"))
        for line in out_of_reach(path.read_text(encoding="utf-8"))
    ]
    print("\n".join(found) or "Translations are complete.")
    return 1 if found else 0


def compile_all() -> None:
    """Write the files that the program reads, where a catalogue is newer."""
    for language in LANGUAGES:
        source = path_of(language)
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        beside = target.with_suffix(".new")
        with beside.open("wb") as handle:
            write_mo(handle, stored(language))
        beside.replace(target)


def main(arguments: Iterable[str] | None = None) -> int:
    """Command line: ``python -m tools.translations update|check|compile``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=("update", "check", "compile"))
    task = parser.parse_args(None if arguments is None else list(arguments)).task
    if task == "check":
        return check()
    update() if task == "update" else compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
