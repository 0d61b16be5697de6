"""Sentences of our own from patterns: every alternative drawn at random, then worded the way people type and recognition hears.

A pattern file holds one pattern a line beneath a heading such as `@stroke emergency`. `(a|b)` is one of several, `[a|b]` one of several or nothing,
`<name>` an entry of `classes.txt`. What a drawn sentence is dressed with (a greeting, another matter, a slip of the thumb, a word misheard) is in
`noise.toml`. The same seed gives the same sentences.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_NOISE: Mapping[str, Any] = tomllib.loads((FOLDER / "noise.toml").read_text("utf-8"))
_BRACKETS = {"(": ")", "[": "]", "<": ">"}


def patterns(name: str) -> Iterator[tuple[str, str]]:
    """Heading and pattern of every line of a pattern file."""
    heading = ""
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line.startswith("@"):
            heading = line[1:].strip()
        elif line.strip():
            yield heading, line.strip()


def drawn(pattern: str, rng: random.Random) -> str:
    """One sentence of a pattern."""
    return re.sub(r"\s+([,.?!])", r"\1", " ".join(_one_of(pattern, rng).split()))


def dressed(text: str, rng: random.Random) -> str:
    """The sentence with something before or after it, as people say things on the way to something else."""
    if rng.random() < 0.12:
        text = f"{rng.choice(_NOISE['before'])} {text}"
    if rng.random() < 0.10:
        text = f"{text} {rng.choice(_NOISE['after'])}"
    if rng.random() < 0.12:
        other = drawn("<need>", rng)
        text = rng.choice([f"{other} and {text}", f"{text} and {other}", f"{other}, {text}", f"{other}. {text}", f"{other} but {text}"])
    return text


def worn(text: str, rng: random.Random) -> str:
    """The sentence as a thumb types it or recognition hears it."""
    if rng.random() < 0.25:
        text = text.replace("'", "")
    if rng.random() < 0.25:
        for word, short in _NOISE["short"].items():
            if rng.random() < 0.5:
                text = re.sub(rf"\b{word}\b", short, text)
    if rng.random() < 0.08:
        heard = [word for word in _NOISE["heard"] if re.search(rf"\b{word}\b", text)]
        if heard:
            word = rng.choice(heard)
            text = re.sub(rf"\b{word}\b", rng.choice(_NOISE["heard"][word]), text)
    words = text.split()
    if rng.random() < 0.08:
        at = rng.randrange(len(words))
        words[at] = _slip(words[at], rng)
    if rng.random() < 0.05 and len(words) > 5:
        del words[rng.randrange(len(words))]
    return " ".join(words)


def _slip(word: str, rng: random.Random) -> str:
    if len(word) < 5:
        return word
    at = rng.randrange(1, len(word) - 1)
    return rng.choice([word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + word[at] + word[at:]])


def _one_of(text: str, rng: random.Random) -> str:
    chosen = rng.choice(_parted(text))
    out: list[str] = []
    at = 0
    while at < len(chosen):
        close = _BRACKETS.get(chosen[at])
        if close is None:
            out.append(chosen[at])
            at += 1
            continue
        end = _closing(chosen, at, close)
        inner = chosen[at + 1 : end]
        if close == ">":
            out.append(_one_of(_classes()[inner], rng))
        elif close == ")" or rng.random() < 0.5:
            out.append(_one_of(inner, rng))
        at = end + 1
    return "".join(out)


def _closing(text: str, at: int, close: str) -> int:
    depth, opening = 0, text[at]
    for place in range(at, len(text)):
        depth += (text[place] == opening) - (text[place] == close)
        if not depth:
            return place
    raise ValueError(f"{text}: a bracket is not closed")


@cache
def _parted(text: str) -> tuple[str, ...]:
    """The alternatives of a text, brackets kept whole."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "([<") - (char in ")]>")
        if char == "|" and not depth:
            parts.append(text[start:at])
            start = at + 1
    return (*parts, text[start:])


@cache
def _classes() -> Mapping[str, str]:
    lines = (FOLDER / "classes.txt").read_text("utf-8").splitlines()
    return {name.strip(): entries.strip() for name, _, entries in (line.partition(" = ") for line in lines if " = " in line)}
