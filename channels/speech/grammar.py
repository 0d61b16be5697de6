"""What the recogniser may hear: a list of phrases for each question, made of the clinic's words, name lists and everyday answers.

A small acoustic model on an 8 kHz line hears little with an open vocabulary and a lot with a closed one. The recogniser compiles
phrases into a bigram model with their counts, so a phrase here is not a sentence that must be said whole: it lends its word pairs,
and how often a pair stands here is how likely it is. Twenty thousand phrases compile in about a third of a second and five
thousand in a twentieth, so each question has its own list, of at most `MOST`, and lists are made once.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from channels.speech.spoken_numbers import made
from dialogs.line import Expect
from nlu.payers import PAYERS
from nlu.vocabulary import Vocabulary

MOST = 16_000
"""Phrases of one grammar; most are names, and compile in fifty milliseconds."""

MOST_OF_TEMPLATE = 60
"""Phrases of one template whose lists multiply to more: enough to lend every pairing of kinds, not of words."""

MOST_OF_OPENING = 7_000
"""Phrases of what callers open with, which draw on most slots. What may be said at any moment comes on top and is never thinned out."""

ALWAYS_AMONG_OPENINGS = 2
"""How often what may be said at any moment counts among them."""

UNKNOWN = "[unk]"
"""The word for what fits nothing."""

_BLANK = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[a-z']+")
_TITLES = frozenset("md do np pa fnp aprn rn dpm dpt phd facs c dc".split())

Knows = Callable[[str], bool]
"""Whether the acoustic model can pronounce a word."""


@dataclass(frozen=True, slots=True)
class Group:
    """Phrases that count alike."""

    times: int
    say: tuple[str, ...]
    """Templates with `{list}` blanks."""
    made: Mapping[str, int]
    """How many made-up sayings of each kind."""

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Group:
        """From the phrase file."""
        return cls(int(entry["times"]), tuple(entry["say"]), dict(entry.get("made", {})))


@dataclass(frozen=True, slots=True)
class Material:
    """Everything phrases are made of."""

    always: tuple[Group, ...]
    slots: Mapping[str, tuple[Group, ...]]
    yes_no: tuple[Group, ...]
    opening: tuple[Group, ...]
    apart: frozenset[str]
    """Slots whose answers are heard with a grammar of their own."""
    told: frozenset[str]
    """Those of them that people answer with their story: what callers open with is heard beside the answer."""
    spelled: frozenset[str]
    """Slots whose answers may be spelled."""
    letters: tuple[Group, ...]
    lists: Mapping[str, Sequence[str]]
    spelling: Mapping[str, str]
    """How words the model does not know are written in words it knows."""


def material(vocabulary: Vocabulary, questions: Iterable[str], names: Mapping[str, Sequence[str]]) -> Material:
    """The phrase file filled with this clinic's words.

    `questions` are the questions its articles answer; `names` gives the lists `first` and `last`, most frequent first.
    """
    table = tomllib.loads((resources.files("channels.speech") / "phrases" / "en.toml").read_text(encoding="utf-8"))
    lists = {**table["lists"], **_own(vocabulary, questions), **_names(names)}
    lists |= {"payer2": lists["payer"], "body_part2": lists["body_part"]}
    slots = {name: _groups(entries) for name, entries in table["slot"].items()}
    opening = (*_groups(table["opening"]["group"]), *itertools.chain.from_iterable(slots[name] for name in table["opening"]["slots"]))
    return Material(
        always=_groups(table["always"]),
        slots=slots,
        yes_no=_groups(table["yes_no"]),
        opening=opening,
        apart=frozenset(table["apart"]["slots"]),
        told=frozenset(table["apart"]["told"]),
        spelled=frozenset(table["letters"]["slots"]),
        letters=_groups(table["letters"]["group"]),
        lists=lists,
        spelling=table["spelling"],
    )


def _groups(entries: Iterable[Mapping[str, Any]]) -> tuple[Group, ...]:
    return tuple(Group.of(entry) for entry in entries)


def _own(vocabulary: Vocabulary, questions: Iterable[str]) -> dict[str, list[str]]:
    """The clinic's payers, sources and questions."""
    payers = sorted({plain(alias) for payer in vocabulary.payers for alias in (payer.name, *payer.aliases)})
    providers = [_person(source.provider) for source in vocabulary.sources if source.provider]
    practices = [plain(source.practice) for source in vocabulary.sources if source.practice]
    return {
        "payer": payers or ["medicare"],
        "carrier": sorted({plain(payer.name) for payer in PAYERS if payer.state in ("", vocabulary.state)}),
        "provider": [f"doctor {name}" for name in providers] or ["my doctor"],
        "provider_last": [name.split()[-1] for name in providers if name] or ["my doctor"],
        "practice": practices or ["the clinic"],
        "practice_short": [" ".join(name.split()[:2]) for name in practices] or ["the clinic"],
        "question": [plain(question) for question in questions] or ["what are your hours"],
    }


def elsewhere() -> Mapping[str, list[str]]:
    """First and last names that are common elsewhere in the world, `first` and `last`."""
    table = tomllib.loads((resources.files("channels.speech") / "phrases" / "names.toml").read_text(encoding="utf-8"))
    return {kind: table[kind].split() for kind in ("first", "last")}


def _names(names: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Names by how common they are. The weighted lists repeat the commonest, as callers do; the rest of the world's names come once."""
    further = elsewhere()
    lists: dict[str, list[str]] = {}
    for kind, steps in _RANKS.items():
        ranked = [plain(name) for name in names[kind]]
        lists[f"{kind}_top"] = ranked[:40]
        lists[f"{kind}_common"] = ranked[:500]
        lists[f"{kind}_each"] = list(dict.fromkeys((*ranked[: _LISTENED[kind]], *further[kind])))
        lists[f"{kind}_weighted"] = [*(name for upto in steps for name in ranked[:upto]), *further[kind]]
    return lists


_LISTENED = {"first": 2_000, "last": 6_000}
"""How far down the census lists names are listened for in a name's own grammar."""
_RANKS = {"first": (1_500, 200, 50), "last": (4_500, 400, 100)}
"""How far down the census lists names are taken, and how far they are repeated."""


class GrammarBook:
    """Grammars by what is expected, made on first use and kept. Threads may make one twice; it comes out the same."""

    def __init__(self, material: Material, knows: Knows) -> None:
        self._material = material
        self._knows = cache(knows)
        self._books: dict[tuple[str, bool], str] = {}
        respelled = {tuple(said.split()): word for word, said in material.spelling.items()}
        self._respelled = dict(sorted(respelled.items(), key=lambda entry: -len(entry[0])))

    def prepare(self) -> None:
        """Make every grammar now: a second or two of work that the first callers would wait for, all at the same time."""
        for yes_no in (False, True):
            for slot in ("", "always", *self._material.slots):
                self._kept(slot, yes_no)
        for slot in self._material.apart:
            self._kept(f"{slot} alone", False)
        self._kept("letters", False)

    def grammars(self, expect: Expect | None, *, together: bool = False) -> list[str]:
        """The grammars for one question, as the recogniser takes them: JSON lists, to be heard with side by side.

        With nothing in particular asked, what callers open with. Where the answer is one of thousands of names, or digits that
        everyday words sound like, it is heard by itself, and everyday talk in a grammar of its own: the better fit wins. `together`
        puts both into one, which is heard less well in half the time.
        """
        slot = expect.slot or "" if expect else ""
        yes_no = bool(expect and (expect.confirming or expect.form == "yes_no"))
        if slot in self._material.apart and not together:
            story = yes_no or slot in self._material.told
            return [self._kept(f"{slot} alone", False), self._kept("" if story else "always", yes_no)]
        return [self._kept(slot, yes_no)]

    def letters(self, expect: Expect | None) -> str:
        """A grammar of letters and of what is none, for slots whose answers are spelled; empty for the others."""
        return self._kept("letters", False) if expect and expect.slot in self._material.spelled else ""

    def respell(self, words: Sequence[str]) -> list[str]:
        """The recogniser's words as the readers know them."""
        said: list[str] = []
        at = 0
        while at < len(words):
            spelling = next((spelling for spelling in self._respelled if tuple(words[at : at + len(spelling)]) == spelling), None)
            said.append(words[at] if spelling is None else self._respelled[spelling])
            at += len(spelling) if spelling else 1
        return said

    def _kept(self, name: str, yes_no: bool) -> str:
        key = (name, yes_no)
        if key not in self._books:
            self._books[key] = self._written(self._made(name, yes_no))
        return self._books[key]

    def _made(self, name: str, yes_no: bool) -> Iterator[str]:
        slot, _, alone = name.partition(" ")
        if name == "letters":
            yield from self._filled(self._material.letters)
            return
        if slot in self._material.slots:
            yield from self._filled(self._material.slots[slot])
        elif not slot and not yes_no:
            yield from _thinned(list(self._filled(self._material.opening)), MOST_OF_OPENING)
        if yes_no:
            yield from self._filled(self._material.yes_no)
        if not alone:
            # Among thousands of openings, what may be said at any moment must not become unlikely: red flags are part of it.
            yield from list(self._filled(self._material.always)) * (1 if slot or yes_no else ALWAYS_AMONG_OPENINGS)
            yield UNKNOWN

    def _filled(self, groups: Iterable[Group]) -> Iterator[str]:
        for group in groups:
            for template in group.say:
                yield from _spelled_out(template, self._material.lists) * group.times
            for kind, count in group.made.items():
                yield from made(kind, count, self._material.lists)

    def _written(self, phrases: Iterable[str]) -> str:
        return json.dumps(_thinned(list(self._known(phrases)), MOST))

    def _known(self, phrases: Iterable[str]) -> Iterator[str]:
        for phrase in phrases:
            words = [self._material.spelling.get(word, word) for word in phrase.split()]
            if all(word == UNKNOWN or self._knows(word) for said in words for word in said.split()):
                yield " ".join(words)


def _thinned(phrases: list[str], most: int) -> list[str]:
    """At most so many of them, evenly taken, the same every time."""
    chance = random.Random(len(phrases))  # noqa: S311  # no secret
    return chance.sample(phrases, most) if len(phrases) > most else phrases


def plain(text: str) -> str:
    """Text as it is spoken, as far as letters go: lower case, titles in full, no punctuation."""
    low = text.lower().replace("dr.", "doctor").replace("&", " and ").replace("-", " ").replace("/", " ")
    return " ".join(_WORD.findall(low))


def _person(provider: str) -> str:
    """A provider's name without titles and degrees: "Dr. Ann Roe, NP" is "ann roe"."""
    return " ".join(word for word in plain(provider.partition(",")[0]).split() if word != "doctor" and word not in _TITLES)


def _spelled_out(template: str, lists: Mapping[str, Sequence[str]]) -> list[str]:
    """A template with its blanks filled: with one blank by every word of its list, with more by a sample of the combinations."""
    blanks = _BLANK.findall(template)
    filled: Iterable[tuple[str, ...]]
    if len(blanks) < 2:
        filled = itertools.product(*(lists[name] for name in blanks))
    else:
        chance = random.Random(template)  # noqa: S311  # the same on every machine
        size = max(MOST_OF_TEMPLATE, *(len(lists[name]) for name in blanks))
        filled = zip(*(_walk(lists[name], size, chance) for name in blanks), strict=True)
    return [_put(template, words) for words in filled]


def _walk(words: Sequence[str], size: int, chance: random.Random) -> list[str]:
    """Every word about equally often, in chance order."""
    walked = [words[at % len(words)] for at in range(size)]
    chance.shuffle(walked)
    return walked


def _put(template: str, words: Iterable[str]) -> str:
    left = iter(words)
    return _BLANK.sub(lambda _: next(left), template)
