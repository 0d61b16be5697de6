"""Finds payers and plans in a message: by the clinic's own aliases, else by what is known of US payers, which the clinic then does not list.

Aliases are compared with their spaces left out, so that "tri care", "u h c" and "care source" are read as one name. A caller's plan decides
the row; a plan no row has is a near miss and is never answered from another row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from knowledge.payers import PayerRow
from knowledge.reading import is_english, lexicon, telling
from nlu.message import fold
from nlu.wording import LEXICONS, spell_out

_LONGEST = 6
"""Words of the longest alias compared."""
_INITIALS = 4
_NEAR = 88.0
"""rapidfuzz ratio (0 to 100) from which a name with an unknown word in it is a misspelled alias."""
_INCLUDES = re.compile(r"\bincludes?\s+([^.;]+)", re.IGNORECASE)
_CARRIES_OTHER_BLUES = re.compile(r"blue\s?card|out.of.state", re.IGNORECASE)
_ANY_BLUE = frozenset("blue cross shield and bcbs of card bluecard bluecross blueshield anthem empire".split())
_ABOUT_CARS = frozenset("auto car accident crash wreck truck rear collision policy vehicle medpay liability driver".split())
_PLAIN = 0.8
"""How telling a word may be (`reading.telling`) and still be an everyday one."""
_OWN = 0.9
"""How telling the first word of a payer's name is when it stands for the whole (`reading.telling`)."""
_SHORTEST = 4
_SMALL = frozenset(("of", "the", "and", "for"))
_BY_KIND = {"auto": "auto", "share": "share"}
"""National carriers that a clinic lists as one row whatever the company."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A payer named in a message."""

    payer: str | None
    """The clinic's name for it; None: a payer the clinic does not list."""
    row: PayerRow | None
    """The one row the words themselves name, such as "gold plus"."""
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Alias:
    payer: str | None
    row: PayerRow | None
    kind: str = ""


_JOINERS = frozenset(("and", "or", "plus"))
_LEAVING = frozenset("dropping dropped drops leaving left losing lost".split())
"""Verbs whose payer is the one before: "my job is dropping Anthem"."""
_TURNING = ("switch", "chang", "mov", "go", "went", "instead", "away")
"""Beginnings of what stands before "from" and "of" in "switching from Cigna to Aetna"."""
_TAKING = frozenset("take takes taking accept accepts accepting with insurer carrier payer".split())
_HAVING = frozenset(("have", "got", "with", "has", "through", "my", "on"))
_BETWEEN = frozenset(("through", "the", "a", "my", "on"))
"""Words that may stand between "not" and the payer it denies."""
_UNLISTED = _Alias(None, None)


@dataclass(frozen=True, slots=True)
class Plans:
    """The kinds of plan named in a stretch of words."""

    features: frozenset[str]
    taken: frozenset[int]


class PayerBook:
    """The payer table, ready to be looked up."""

    def __init__(self, rows: Sequence[PayerRow]) -> None:
        self._rows: dict[str, list[PayerRow]] = {}
        for row in rows:
            self._rows.setdefault(row.payer, []).append(row)
        self._features = {row.id: _row_features(row) for row in rows}
        self._aliases: dict[str, _Alias] = {}
        for payer, plans in self._rows.items():
            self._learn(payer, plans)
        self._learn_beginnings()
        self._learn_national()
        self._spelled = self.words()
        self._long = tuple(alias for alias in self._aliases if len(alias) >= 6)

    def words(self) -> frozenset[str]:
        """Every word of a name: right as written."""
        own = {word for rows in self._rows.values() for row in rows for alias in (row.payer, *row.aliases) for word in spell_out(alias)}
        return frozenset(own | {fold(word) for word in own} | {word for _, alias, _ in _national() for word in spell_out(alias)})

    def rows(self, payer: str) -> tuple[PayerRow, ...]:
        """Every plan of a payer."""
        return tuple(self._rows.get(payer, ()))

    def mentions(self, low: Sequence[str], message: Sequence[str] = ()) -> tuple[Mention, ...]:
        """Payers named, in order; longer names win, and "not through X" names nothing. `message`: all words around."""
        found: list[tuple[int, int, int, _Alias]] = []
        for first in range(len(low)):
            for last in range(min(len(low), first + _LONGEST), first, -1):
                alias = self._lookup(low[first:last], message or low)
                if alias is not None and not _negated(low, first) and not self._weak(alias, first, last, low):
                    if alias.row is None and "blue" in "".join(low[first:last]) and self._elsewhere(low[last : last + 3], alias.payer):
                        alias = _UNLISTED
                    found.append((first - last, 0 if alias.payer else 1, first, alias))
                    break
        taken: set[int] = set()
        kept = []
        for length, _, first, alias in sorted(found, key=lambda hit: hit[:3]):
            span = range(first, first - length)
            if not taken.intersection(span):
                taken.update(span)
                kept.append(Mention(alias.payer, alias.row, first, first - length))
        return _company_first(_one_name(sorted(kept, key=lambda mention: mention.first)), low)

    def choose(self, mention: Mention, said: frozenset[str]) -> tuple[PayerRow, ...]:
        """The rows the caller may mean: one, several when no plan was said, none when the plan said is in no row."""
        if mention.payer is None:
            return ()
        rows = self.rows(mention.payer)
        if mention.row is not None and self._fits(mention.row, said):
            return (mention.row,)
        if not said:
            return rows
        fitting = [row for row in rows if self._fits(row, said)]
        closest = min((len(self._features[row.id] - said) for row in fitting), default=0)
        best = [row for row in fitting if len(self._features[row.id] - said) == closest]
        return tuple(best[:1] if said & _types() and len(best) > 1 else best)

    def _fits(self, row: PayerRow, said: frozenset[str]) -> bool:
        own = self._features[row.id]
        meant = lexicon("plans")["implies"]
        understood = own | {more for feature in own for more in meant.get(feature, ())}
        lines, types = said - _types(), said & _types()
        if not types or own & _types():
            return said <= understood
        # A kind of network was said and the row names none: it fits unless it is for other people, as an Advantage plan is.
        return lines <= understood and all(feature in lines or lines.intersection(meant.get(feature, ())) for feature in own)

    def _learn(self, payer: str, rows: Sequence[PayerRow]) -> None:
        only = rows[0] if len(rows) == 1 else None
        for name in (payer, *_short_names(payer)):
            self._aliases.setdefault(_compact(name), _Alias(payer, only))
        for row in rows:
            others = [_compact(alias) for other in rows if other is not row for alias in other.aliases]
            for alias in (*row.aliases, *_included(row)):
                bare = only is None and alias in row.aliases and _bare(alias, payer, others)
                for compact in _heard(alias):
                    self._aliases[compact] = _Alias(payer, None if bare else row)

    def _learn_beginnings(self) -> None:
        """ "Kaiser" for Kaiser Permanente, "Blue Cross" for Blue Cross of Idaho: what callers say where the clinic has written no alias.

        Not what two payers begin with, no everyday word alone ("first", "united"), and not another company ("Aetna" is not Aetna Better Health).
        """
        companies = {_compact(company) for company, _, _ in _national()}
        found: dict[str, set[str]] = {}
        for payer in self._rows:
            words = spell_out(payer)
            for last in range(1, len(words)):
                said = words[:last]
                if "".join(said) in companies and words[last] != "of":
                    continue
                if words[last - 1] not in _SMALL and (telling(said[0]) >= _OWN if last == 1 else any(telling(word) > 0.3 for word in said)):
                    found.setdefault("".join(said), set()).add(payer)
        for compact, payers in found.items():
            taken = any(other != next(iter(payers)) and _compact(other).startswith(compact) for other in self._rows)
            if len(payers) == 1 and not taken and len(compact) >= _SHORTEST and compact not in _features_by_name():
                (payer,) = payers
                self._aliases.setdefault(compact, _Alias(payer, self._rows[payer][0] if len(self._rows[payer]) == 1 else None))

    def _learn_national(self) -> None:
        own = dict(self._aliases)
        names = {_compact(payer): payer for payer in self._rows}
        blue = next((row for rows in self._rows.values() for row in rows if _CARRIES_OTHER_BLUES.search(row.notes)), None)
        by_feature = {feature: row for rows in self._rows.values() for row in rows for feature in self._features[row.id]}
        known_as = {
            company: own[_compact(alias)].payer
            for company, alias, _ in _national()
            if _compact(alias) in own and company.lower().startswith(alias.lower())
        }
        for company, alias, kind in _national():
            compact = _compact(alias)
            if compact in own or compact in _features_by_name():
                continue
            payer = names.get(_compact(company)) or known_as.get(company)
            same = own.get(compact.removeprefix("the"))
            if same is not None:
                self._aliases[compact] = same
            elif payer is not None and _features_in(spell_out(alias)) - _features_in(spell_out(payer)):
                continue  # "Tricare for Life": the company is found by its name, the plan by its own words
            elif payer is not None and any(meant.payer == payer and _alike(known, compact) for known, meant in own.items()):
                self._aliases[compact] = own[_compact(payer)]
            elif kind == "blue" and blue is not None:
                words = set(spell_out(alias))
                self._aliases[compact] = _Alias(blue.payer, None) if words <= _ANY_BLUE else _Alias(blue.payer, blue, "other_blue")
            elif kind in _BY_KIND and _BY_KIND[kind] in by_feature:
                row = by_feature[_BY_KIND[kind]]
                self._aliases[compact] = _Alias(row.payer, row, kind)
            else:
                self._aliases[compact] = _Alias(None, None, kind)

    def _lookup(self, words: Sequence[str], low: Sequence[str]) -> _Alias | None:
        compact = fold("".join(words))
        known = self._aliases.get(compact)
        if known is None:
            if len(compact) < 6 or all(word in self._spelled or is_english(word) for word in words):
                return None
            near = process.extractOne(compact, self._long, scorer=fuzz.ratio, score_cutoff=_NEAR)
            return self._aliases[near[0]] if near is not None and near[0][0] == compact[0] else None
        if known.kind == "auto" and not _ABOUT_CARS.intersection(low):
            return _UNLISTED
        if known.kind == "other_blue" and "ppo" not in "".join(low):
            return _UNLISTED
        return known

    @staticmethod
    def _elsewhere(after: Sequence[str], payer: str | None) -> bool:
        """ "Blue Cross | of Michigan" names another state's company."""
        return after[:1] == ("of",) and any(word in _states() and word not in (payer or "").lower() for word in after[1:])

    def _weak(self, alias: _Alias, first: int, last: int, low: Sequence[str]) -> bool:
        """An everyday word that is also an insurer ("mercury", "united"): only beside words of insurance."""
        if last - first > (1 if alias.payer else 2) or any(not is_english(word) or telling(word) > _PLAIN for word in low[first:last]):
            return False
        near = (*low[max(0, first - 2) : first], *low[first + 1 : last + 2])
        if alias.payer is None and last - first == 1:
            beside = {*low[max(0, first - 1) : first], *low[last : last + 1]}
            return not (_TAKING | _types() | set(lexicon("plans")["asks"]["ordinary"])) & beside
        return not (_beside() | _HAVING) & set(near) and (alias.payer is None or not _beside() & set(low))


def plans(low: Sequence[str], mentions: Iterable[Mention] = ()) -> Plans:
    """The kinds of plan named; those that are a payer's own name ("medicare") are not counted again."""
    names = [range(mention.first, mention.last) for mention in mentions]
    features: set[str] = set()
    taken: set[int] = set()
    for first in range(len(low)):
        for last in range(min(len(low), first + _LONGEST), first, -1):
            feature = _feature(low[first]) if last - first == 1 else _features_by_name().get("".join(low[first:last]))
            if feature is None or _negated(low, first) or any(first in name and last <= name.stop for name in names):
                continue
            if first not in taken:
                features.add(feature)
            taken.update(range(first, last))
            break
    return Plans(frozenset(features), frozenset(taken))


def _one_name(mentions: Sequence[Mention]) -> list[Mention]:
    """Without unlisted names that go on from a listed one: "UnitedHealthcare | Community Plan"."""
    return [
        mention
        for before, mention in zip((None, *mentions), mentions, strict=False)
        if mention.payer or not before or not before.payer or before.last < mention.first
    ]


def _company_first(mentions: Sequence[Mention], low: Sequence[str]) -> tuple[Mention, ...]:
    """ "United ... with medicare and medicaid" names one payer; the rest says which plan of it. "United and Medicare" names two."""
    lines = {"medicare", "medicaid"}
    companies = [mention for mention in mentions if mention.payer is None or mention.payer.lower() not in lines]
    if len(companies) == 1 and len(mentions) == 2:
        one, other = mentions
        if other.payer and one.last == other.first - 1 and low[one.last] in _JOINERS:
            return tuple(mentions)
    return tuple(companies or mentions)


def _heard(alias: str) -> tuple[str, ...]:
    """As written, and as a recogniser writes initials that begin with U: "you h c community plan"."""
    compact, begins = _compact(alias), spell_out(alias)[:1]
    initials = begins and begins[0].startswith("u") and len(begins[0]) <= _INITIALS and not is_english(begins[0])
    return (compact, f"yo{compact}") if initials else (compact,)


def _alike(known: str, compact: str) -> bool:
    return len(known) >= 3 and (known in compact or fuzz.ratio(known, compact) >= _NEAR - 8)


def _negated(low: Sequence[str], first: int) -> bool:
    before = tuple(low[max(0, first - 3) : first])
    if before[-1:] in (("from",), ("of",)) and before[-2:-1] and before[-2].startswith(_TURNING):
        return True
    if _LEAVING.intersection(before[-2:]):
        return True
    return before[-1:] == ("without",) or before[-1:] == ("not",) or (before[-2:-1] == ("not",) and before[-1] in _BETWEEN)


def _compact(name: str) -> str:
    return fold("".join(spell_out(name)))


def _short_names(payer: str) -> tuple[str, ...]:
    """ "Humana" for Humana Inc., initials for three words and more."""
    words = payer.split()
    general = {"health", "healthcare", "insurance", "plan", "plans", "company", "inc", "of", "the", "group", "care"}
    trimmed = [word for word in words if word.lower().strip(".,") not in general]
    short = [" ".join(trimmed)] if trimmed and len(trimmed) < len(words) and len(" ".join(trimmed)) >= 4 else []
    return tuple(name for name in short if telling(name.lower()) > 0.4)


def _included(row: PayerRow) -> tuple[str, ...]:
    """Names a note says the row includes: "Includes UMR and Choice Plus"."""
    found = _INCLUDES.search(row.notes)
    names = re.split(r",|\band\b|\bor\b", found.group(1)) if found else []
    return tuple(name.strip().lower() for name in names if 0 < len(name.split()) <= 3 and name.strip()[:1].isupper())


def _bare(alias: str, payer: str, every: Sequence[str]) -> bool:
    """Whether an alias names the company and no plan of it: it begins longer aliases, or is the company's name misheard or shortened."""
    compact, name = _compact(alias), _compact(payer)
    if any(other != compact and other.startswith(compact) for other in every):
        return True
    if _features_in(spell_out(alias)):
        return False
    initials = "".join(word[0] for word in payer.lower().split())
    said = payer.lower().split()
    return (
        compact in initials
        or compact in name
        or all(word in said for word in alias.split())
        or fuzz.ratio(compact, name) >= 70
        or any(
            len(other) <= len(compact) + 1
            and fuzz.ratio(compact, other) >= 75
            and any(longer.startswith(other) for longer in every if longer != other)
            for other in every
        )
    )


def _row_features(row: PayerRow) -> frozenset[str]:
    said = set(_features_in(spell_out(row.plan_type))) | set(_features_in(spell_out(row.payer)))
    for alias in row.aliases:
        said.update(feature for feature in _features_in(spell_out(alias)) if not said & _types() or feature not in _types())
    return frozenset(said)


def _features_in(low: Sequence[str]) -> frozenset[str]:
    return plans(low).features


@lru_cache(maxsize=4096)
def _feature(word: str) -> str | None:
    """The kind of plan a word stands for, misspelled ("medicar") if it is long and not an everyday one."""
    known = _features_by_name().get(word)
    if known is not None or len(word) < 7 or telling(word) < 1.0:
        return known
    near = process.extractOne(word, [name for name in _features_by_name() if len(name) >= 7], scorer=fuzz.ratio, score_cutoff=_NEAR + 2)
    return _features_by_name()[near[0]] if near is not None else None


@cache
def _features_by_name() -> Mapping[str, str]:
    table = lexicon("plans")
    return {_compact(name): feature for group in ("line", "type") for feature, names in table[group].items() for name in names}


@cache
def _beside() -> frozenset[str]:
    asks = lexicon("plans")["asks"]
    return _types() | {word for name in ("status", "ordinary") for word in asks[name] if " " not in word}


@cache
def _states() -> frozenset[str]:
    return frozenset(lexicon("plans")["blue"]["states"].split())


@cache
def _types() -> frozenset[str]:
    return frozenset(lexicon("plans")["type"])


@cache
def _national() -> tuple[tuple[str, str, str], ...]:
    """(company, alias, kind) of every US payer known to the readers, weak aliases left out."""
    with (LEXICONS / "carriers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        (row["name"], alias.strip(), row["kind"])
        for row in rows
        for alias in (row["name"], *_short_names(row["name"]), *row["aliases"].split(";"))
        if alias.strip() and not alias.strip().startswith("~") and len(_compact(alias)) >= 3
    )
