"""Spanish questions put into the words the English lexicons and articles know, phrase by phrase and from a data file alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from knowledge.reading import Piece, is_english, lexicon

_LONGEST = 5
_SHARE = 0.34
"""Part of a message's words that must be known as Spanish."""


def is_spanish(pieces: Sequence[Piece]) -> bool:
    """Whether a message is in Spanish: two words of Spanish at least, most of what it has in common with either language."""
    words = [piece.text for piece in pieces if piece.text.isalpha()]
    spanish = [word for word in words if word in _marks() or (" " not in word and word in _phrases() and not is_english(word))]
    english = sum(word in _ENGLISH for word in words)
    return bool(words) and len(spanish) > english and (words[0] in _OPENERS or (len(set(spanish)) > 1 and len(spanish) >= _SHARE * len(words)))


def in_english(pieces: Sequence[Piece]) -> list[Piece]:
    """The message in lexicon words, each with the place of the Spanish words it stands for."""
    out: list[Piece] = []
    at = 0
    while at < len(pieces):
        for length in range(min(_LONGEST, len(pieces) - at), 0, -1):
            meant = _phrases().get(" ".join(piece.text for piece in pieces[at : at + length]))
            if meant is not None:
                if meant:
                    out.append(Piece(meant, pieces[at].start, pieces[at + length - 1].end))
                at += length
                break
        else:
            out.append(pieces[at])
            at += 1
    return out


@cache
def _marks() -> frozenset[str]:
    return frozenset(lexicon("spanish")["marks"].split())


@cache
def _phrases() -> Mapping[str, str]:
    phrases: Mapping[str, str] = lexicon("spanish")["phrases"]
    return phrases


_ENGLISH = frozenset("the is are you do does i my your can what when how of to and for have it with in on".split())
_OPENERS = frozenset("aceptan toman cuanto cuando donde hablan tienen hola puedo atienden hacen ofrecen necesito cobran".split())
