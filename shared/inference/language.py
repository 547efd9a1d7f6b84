"""Which language a text is in, by Chromium's compact language detector (CLD2), kept from guessing where it may err.

A model of English must not abstain from "sooo comfy" because three words look Danish. So a script that only one
language of customers is written in decides by itself; an answer that CLD2 itself calls unsure counts only for the
languages in which shops commonly get reviews; and where there is too little to tell, there is no answer.
"""

import re
import unicodedata

import pycld2

MOST_CHARACTERS = 2_000
"""Of a text, from its start: enough to tell, and no more to read of a megabyte."""

SHORT = 20
"""Letters up to which only the commonest languages are told apart."""

COMMON = frozenset({"en", "de", "fr", "es", "it", "nl", "pt", "pl", "tr"})
"""Latin script; told from a few words."""
LATIN = COMMON | {"ca", "cs", "da", "et", "fi", "hr", "hu", "id", "lt", "lv", "ms", "no", "ro", "sk", "sl", "sv", "vi"}
"""Latin script; told from a text of which CLD2 is sure."""
_NAMES = {"iw": "he", "zh-Hant": "zh", "nn": "no", "nb": "no"}

_SCRIPTS = (
    (re.compile(r"[\u3040-\u30ff]"), "ja"),
    (re.compile(r"[\uac00-\ud7a3]"), "ko"),
    (re.compile(r"[\u3400-\u9fff]"), "zh"),
    (re.compile(r"[\u0590-\u05ff]"), "he"),
    (re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"), "el"),
    (re.compile(r"[\u0e00-\u0e7f]"), "th"),
    (re.compile(r"[\u0600-\u06ff]"), "ar"),
    (re.compile(r"[\u0400-\u04ff]"), "ru"),
)
"""In this order, since Japanese and Korean use Han too."""
_SHARED = {"ar": frozenset({"fa", "ur"}), "ru": frozenset({"uk", "bg", "sr", "mk", "be"})}
"""Other languages in the same script: taken only where CLD2 is sure."""
_NOT_WORDS = re.compile(r"\[[^\]\s]{1,20}\]|https?://\S+|\S+@\S+|[@#]\S+")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")


def language(text: str) -> str | None:
    """The ISO 639-1 code of the language that most of the text is in; None where there is too little to tell."""
    words = _words(text)
    letters = sum(map(str.isalpha, words))
    if letters < 2:
        return None
    for script, main in _SCRIPTS:
        if 2 * len(script.findall(words)) > letters or (main == "ja" and script.search(words)):
            return _within(words, main)
    return _latin(words, letters)


def _words(text: str) -> str:
    """What CLD2 can read: it takes neither control characters nor halves of surrogate pairs."""
    kept = _NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]))
    plain = "".join(character if unicodedata.category(character)[0] in "LMNPZ" else " " for character in kept)
    return " ".join(_DRAWN_OUT.sub(r"\1", plain.lower()).split())


def _within(words: str, main: str) -> str:
    found, sure = _cld2(words, at_best=False)
    return found if sure and found in _SHARED.get(main, ()) else main


def _latin(words: str, letters: int) -> str | None:
    found, sure = _cld2(words, at_best=False)
    if sure and (found in COMMON or (found in LATIN and letters > SHORT)):
        return found
    found, _ = _cld2(words, at_best=True)
    return found if found in COMMON and letters > 2 else None


def _cld2(words: str, at_best: bool) -> tuple[str, bool]:
    reliable, _, details = pycld2.detect(words, isPlainText=True, bestEffort=at_best)
    code = details[0][1]
    return _NAMES.get(code, code), bool(reliable)
