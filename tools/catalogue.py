"""Collect the texts of src into the catalogues, compile them, and say what is missing."""

from __future__ import annotations

import gettext
import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ecsync.locale import DOMAIN, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "ecsync"
SOURCE_LANGUAGE = "en"

# A date in a catalogue would differ at every build, and say nothing.
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
_PLURAL_FORMS = {"en": "nplurals=2; plural=(n != 1);", "ja": "nplurals=1; plural=0;"}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "ngettext": (1, 2)}
_PLACEHOLDER = re.compile(r"\{([^{}:!]*)[^{}]*\}|%\((\w+)\)")

MessageId = str | tuple[str, str]


def po_path(lang: str) -> Path:
    """Return the catalogue that people edit."""
    return SOURCE / "locale" / lang / "LC_MESSAGES" / f"{DOMAIN}.po"


def mo_path(lang: str) -> Path:
    """Return the catalogue that the program reads."""
    return po_path(lang).with_suffix(".mo")


def texts_of(source: Path) -> dict[MessageId, set[str]]:
    """Return every text marked below `source`, with the files that hold it."""
    texts: dict[MessageId, set[str]] = {}
    for name, _line, message, _comments, _context in extract_from_dir(
        source, method_map=[("**.py", "python")], keywords=_KEYWORDS
    ):
        identity: MessageId = message if isinstance(message, str) else (message[0], message[1])
        texts.setdefault(identity, set()).add(name)
    return texts


def read_catalogue(lang: str) -> Catalog:
    """Return the catalogue of a language; an empty one where there is no file yet."""
    path = po_path(lang)
    if not path.exists():
        return Catalog(locale=lang, domain=DOMAIN)
    with path.open("rb") as file:
        return read_po(file, locale=lang, domain=DOMAIN)


def updated(lang: str, texts: dict[MessageId, set[str]]) -> Catalog:
    """Return the catalogue of `lang` for exactly `texts`, with the translations there are.

    The source language translates every text by itself.
    """
    before = read_catalogue(lang)
    after = Catalog(locale=lang, domain=DOMAIN, creation_date=_NO_DATE, revision_date=_NO_DATE)
    for identity in sorted(texts, key=_singular):
        known = before.get(identity)
        translation = identity if lang == SOURCE_LANGUAGE else (known.string if known else "")
        places = [(f"src/ecsync/{name}", 0) for name in sorted(texts[identity])]
        after.add(identity, translation, locations=places, flags=known.flags if known else ())
    return after


def po_bytes(lang: str, catalogue: Catalog) -> bytes:
    """Return the text of a catalogue, the same bytes for the same texts."""
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {lang}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {_PLURAL_FORMS[lang]}\\n"\n\n'
    )
    body = io.BytesIO()
    write_po(body, catalogue, width=0, omit_header=True, include_lineno=False)
    return header.encode() + body.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Return the compiled form of a catalogue."""
    catalogue.creation_date = catalogue.revision_date = _NO_DATE
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def faults(lang: str, texts: dict[MessageId, set[str]]) -> list[str]:
    """Return what is wrong with a catalogue: a line per text that it lacks, or that it renders unsafely."""
    catalogue = read_catalogue(lang)
    found = [f"obsolete: {_singular(m.id)!r}" for m in catalogue if m.id and m.id not in texts]
    for identity in sorted(texts, key=_singular):
        message = catalogue.get(identity)
        where = f"{_singular(identity)!r} ({', '.join(sorted(texts[identity]))})"
        found += [f"{fault}: {where}" for fault in _faults_of(identity, message)]
    return found


def stale(lang: str) -> bool:
    """Return whether the compiled catalogue says something else than the one that people edit."""
    if not mo_path(lang).exists():
        return True
    return _spoken(mo_path(lang).read_bytes()) != _spoken(mo_bytes(read_catalogue(lang)))


def write_catalogues() -> dict[str, list[str]]:
    """Bring every catalogue up to date and return what each still lacks."""
    texts = texts_of(SOURCE)
    for lang in LANGUAGES:
        content = po_bytes(lang, updated(lang, texts))
        po_path(lang).parent.mkdir(parents=True, exist_ok=True)
        po_path(lang).write_bytes(content)
        mo_path(lang).write_bytes(mo_bytes(read_catalogue(lang)))
    return {lang: faults(lang, texts) for lang in LANGUAGES}


def main() -> int:
    """Write the catalogues and list what a translator has to do."""
    lacking = write_catalogues()
    for lang, lines in lacking.items():
        print(f"{lang}: {len(lines)} open")
        for line in lines:
            print(f"  {line}")
    return 1 if any(lacking.values()) else 0


def _faults_of(identity: MessageId, message: Message | None) -> Iterator[str]:
    if message is None:
        yield "missing"
        return
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if not strings or not all(strings):
        yield "empty"
        return
    if message.fuzzy:
        yield "fuzzy"
    allowed = [_placeholders(text) for text in ([identity] if isinstance(identity, str) else identity)]
    if any(_placeholders(text) not in allowed for text in strings):
        yield "other placeholders"


def _placeholders(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(_PLACEHOLDER.findall(text))


def _singular(identity: object) -> str:
    return str(identity if isinstance(identity, str) else identity[0])  # type: ignore[index]


def _spoken(compiled: bytes) -> dict[object, str]:
    catalogue = gettext.GNUTranslations(io.BytesIO(compiled))
    texts: dict[object, str] = vars(catalogue)["_catalog"]
    return {identity: text for identity, text in texts.items() if identity != ""}


if __name__ == "__main__":
    sys.exit(main())
