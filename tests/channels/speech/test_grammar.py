from __future__ import annotations

import json

import pytest

from channels.speech.grammar import MOST, UNKNOWN, GrammarBook, elsewhere, material, plain
from dialogs.line import Expect
from nlu.name_words import FIRST, LAST
from nlu.vocabulary import Vocabulary
from tests.channels.speech.conftest import VOCABULARY

NAMES = {"first": tuple(FIRST), "last": tuple(LAST)}
SLOTS = (
    "patient.name",
    "patient.phone",
    "patient.email",
    "patient.date_of_birth",
    "caller.role",
    "referral.provider",
    "referral.practice",
    "referral.specialty",
    "referral.reason",
    "referral.body_part",
    "insurance.carrier",
    "insurance.plan",
    "insurance.member_id",
    "preferred_times",
)


def knows_all(_: str) -> bool:
    return True


@pytest.fixture(scope="module")
def everything() -> GrammarBook:
    return GrammarBook(material(VOCABULARY, ["Do you validate parking?"], NAMES), knows_all)


def heard_with(book: GrammarBook, expect: Expect | None) -> list[str]:
    return [phrase for grammar in book.grammars(expect) for phrase in json.loads(grammar)]


@pytest.mark.parametrize("slot", SLOTS)
def test_every_question_stays_open_to_everything_a_caller_may_do(everything: GrammarBook, slot: str) -> None:
    """A red flag, a wish for a person or a question is heard whatever was asked."""
    phrases = set(heard_with(everything, Expect(slot)))
    for said in ("yes", "no", "i don't know", "i want to talk to a person", "i have chest pain", "i want to die", "do you validate parking", "skip"):
        assert said in phrases


@pytest.mark.parametrize("slot", [*SLOTS, None])
def test_a_grammar_is_bounded(everything: GrammarBook, slot: str | None) -> None:
    """Compiling takes longer than in proportion: 20,000 phrases are a third of a second."""
    for grammar in everything.grammars(Expect(slot) if slot else None):
        assert 0 < len(json.loads(grammar)) <= MOST


def test_the_clinics_own_words_are_listened_for(everything: GrammarBook) -> None:
    assert {"cigna", "i have aetna", "etna"} <= set(heard_with(everything, Expect("insurance.carrier")))
    assert {"doctor ann novak", "doctor novak"} <= set(heard_with(everything, Expect("referral.provider")))
    assert "harbor spine center" in heard_with(everything, Expect("referral.practice"))


def test_a_payer_that_the_clinic_does_not_list_is_heard_too(everything: GrammarBook) -> None:
    assert "i have kaiser permanente" in heard_with(everything, Expect("insurance.carrier"))


def test_a_phrase_with_a_word_the_model_does_not_know_is_left_out() -> None:
    book = GrammarBook(material(VOCABULARY, (), NAMES), lambda word: word != "aetna")
    phrases = heard_with(book, Expect("insurance.carrier"))
    assert "etna" in phrases
    assert not any("aetna" in phrase.split() for phrase in phrases)


def test_an_unknown_word_is_written_in_known_ones_and_put_together_again() -> None:
    book = GrammarBook(material(VOCABULARY, (), NAMES), lambda word: word != "medigap")
    assert "medi gap" in heard_with(book, Expect("insurance.plan"))
    assert book.respell("i have medi gap now".split()) == "i have medigap now".split()


def test_names_and_numbers_are_heard_by_themselves_with_everyday_talk_beside_them(everything: GrammarBook) -> None:
    alone, beside = (json.loads(grammar) for grammar in everything.grammars(Expect("patient.name")))
    assert any("smith" in phrase.split() for phrase in alone)
    assert UNKNOWN not in alone
    assert "yes please" in beside
    assert not {"i'm aarav", "aarav"} & set(beside)


def test_a_name_is_listened_for_as_a_pair(everything: GrammarBook) -> None:
    """Single names would let two short ones pass for a long one."""
    alone = json.loads(everything.grammars(Expect("patient.name"))[0])
    assert not set(alone) & {"smith", "mary", "novak"}
    heard = {word for phrase in alone for word in phrase.split()}
    assert {"smith", "mary", "novak", "okafor"} <= heard


def test_callers_tell_their_story_whatever_the_first_question_was(everything: GrammarBook) -> None:
    """ "What is the patient's name?" - "Hi, I was referred by Doctor Novak, do you take Cigna?" """
    words = {word for phrase in json.loads(everything.grammars(Expect("patient.name"))[1]) for word in phrase.split()}
    assert {"referred", "novak", "cigna", "knee", "appointment"} <= words


def test_letters_are_listened_for_where_a_name_is_spelled(everything: GrammarBook) -> None:
    assert "double t" in json.loads(everything.letters(Expect("patient.name")))
    assert everything.letters(Expect("insurance.carrier")) == ""
    assert everything.letters(None) == ""


def test_a_clinic_that_tells_nothing_still_has_a_grammar() -> None:
    book = GrammarBook(material(Vocabulary(), (), NAMES), knows_all)
    assert "medicare" in heard_with(book, Expect("insurance.carrier"))
    assert "when can i get in" in heard_with(book, None)


def test_grammars_are_made_once_and_come_out_the_same_everywhere(everything: GrammarBook) -> None:
    again = GrammarBook(material(VOCABULARY, ["Do you validate parking?"], NAMES), knows_all)
    assert everything.grammars(Expect("patient.phone")) == again.grammars(Expect("patient.phone"))
    assert everything.grammars(None)[0] is everything.grammars(None)[0]


def test_a_read_back_is_answered_with_yes_or_no(everything: GrammarBook) -> None:
    phrases = heard_with(everything, Expect(None, "yes_no", confirming=True))
    assert phrases.count("yes") > 5
    assert "the phone number is wrong" in phrases


@pytest.mark.parametrize(("written", "said"), [("Dr. O'Neil & Co.", "doctor o'neil and co"), ("Medi-Cal", "medi cal"), ("PPO?", "ppo")])
def test_writing_is_brought_to_how_it_sounds(written: str, said: str) -> None:
    assert plain(written) == said


def test_names_from_elsewhere_are_plain_lower_case_words() -> None:
    assert all(name.isascii() and name.isalpha() and name.islower() for names in elsewhere().values() for name in names)


def test_one_grammar_for_a_name_and_for_everything_else_a_caller_may_say(everything: GrammarBook) -> None:
    asked = Expect("patient.name", "name")
    (together,) = everything.grammars(asked, together=True)
    assert {"maria", "no", UNKNOWN} <= {word for phrase in json.loads(together) for word in phrase.split()}
    assert len(everything.grammars(asked)) == 2


def test_once_prepared_no_question_waits_for_its_grammar() -> None:
    """Made inside calls, they kept twenty callers waiting for each other."""
    book = GrammarBook(material(VOCABULARY, (), NAMES), knows_all)
    book.prepare()
    made = dict(book._books)
    for expect in (None, *(Expect(slot, "text", confirming) for slot in SLOTS for confirming in (False, True))):
        for together in (False, True):
            book.grammars(expect, together=together)
        book.letters(expect)
    assert book._books == made
