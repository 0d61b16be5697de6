"""The loop closes: one answer of a coordinator reaches everybody who asked and may be texted, once."""

from __future__ import annotations

import pytest

from agent import knowledge_base, questions
from agent.bootstrap import Agent
from agent.questions import NoSuchQuestion, Open, Told, UnfitAnswer
from dialogs.step import Kind
from tests.agent.record import outgoing, tasks
from tests.builders import a_text, in_call

ANSWER = "Yes: show your ticket at the desk and two hours are free"


def _waiting(agent: Agent) -> list[list[Open]]:
    with agent.store.reading() as session:
        return questions.waiting(session)


def _answer(agent: Agent, text: str = ANSWER) -> Told:
    return questions.answer(agent.store, agent.clinic, agent.doorbell, _waiting(agent)[0][0].id, text, now=agent.clock())


def _texts(agent: Agent) -> list[tuple[str | None, str]]:
    return [(to, payload["text"]) for kind, _, to, payload in outgoing(agent.store) if kind == "answer_text"]


def test_questions_that_ask_the_same_wait_together(agent: Agent) -> None:
    for sender in ("+16145550151", "+16145550152"):
        agent.turns.hear(a_text("#question", sender=sender))
    assert [len(group) for group in _waiting(agent)] == [2]


def test_everyone_who_asked_gets_the_answer_once(agent: Agent) -> None:
    agent.turns.hear(a_text("#question", sender="+16145550151"))
    agent.turns.hear(a_text("#question", sender="+16145550152"))
    agent.turns.hear(a_text("patient.name=Ann Lee; #question", sender="+16145550152"))
    told = _answer(agent)
    assert (told.questions, told.texts) == (2, 2)
    said = f"Elm Street PT: about the question you asked us. {ANSWER}. Reply STOP to opt out."
    assert sorted(_texts(agent)) == [("+16145550151", said), ("+16145550152", said)]
    assert _waiting(agent) == []


def test_the_answer_is_an_article_from_then_on(agent: Agent) -> None:
    agent.turns.hear(a_text("#question"))
    told = _answer(agent)
    with agent.store.reading() as session:
        (article,) = knowledge_base.known(session, agent.clinic).articles
    assert (article.id, article.question, article.answer) == (told.article, "do you validate parking", ANSWER)
    assert article.effective == agent.clinic.calendar.today(agent.clock())


def test_who_opted_out_or_withheld_their_number_is_not_texted(agent: Agent) -> None:
    agent.turns.hear(a_text("#question", sender="+16145550151"))
    agent.turns.hear(a_text("STOP", sender="+16145550151"))
    agent.turns.hear(in_call(Kind.WORDS, "#question", call="CA7", sender=None))
    told = _answer(agent)
    assert (told.texts, told.by_hand, told.silent) == (0, 0, 2)
    assert _texts(agent) == []


def test_who_only_left_an_address_is_a_coordinators_task(agent: Agent) -> None:
    """A number or address that was only said may be anybody's: a person decides."""
    agent.turns.hear(in_call(Kind.WORDS, "patient.email=ann@home.example; #question", call="CA7", sender=None))
    told = _answer(agent)
    assert (told.texts, told.by_hand) == (0, 1)
    assert "answer_by_hand" in [kind for kind, _ in tasks(agent.store)]


def test_a_number_abroad_is_not_texted(agent: Agent) -> None:
    """D4.7: sending elsewhere is what toll fraud lives on."""
    agent.turns.hear(a_text("#question", sender="+442079460000"))
    assert _answer(agent).texts == 0


def test_spanish_is_answered_in_spanish_words_around_it(agent: Agent) -> None:
    agent.turns.hear(a_text("#question #spanish"))
    _answer(agent)
    assert "sobre la pregunta" in _texts(agent)[0][1]


def test_an_english_answer_to_a_spanish_question_is_said_to_be_english(agent: Agent) -> None:
    agent.turns.hear(a_text("#question #spanish", sender="+16145550151"))
    _answer(agent)
    assert "la respuesta en inglés: Yes" in _texts(agent)[0][1]
    agent.turns.hear(a_text("#question #spanish", sender="+16145550152"))
    _answer(agent, "Sí, muestre su boleto en la recepción y dos horas son gratis.")
    assert "en inglés" not in _texts(agent)[-1][1]


def test_which_question_is_meant_is_never_guessed(agent: Agent) -> None:
    """Ids begin alike: an answer sent to the wrong people cannot be taken back."""
    for sender in ("+16145550151", "+16145550152"):
        agent.turns.hear(a_text("#question", sender=sender))
    for given in (_waiting(agent)[0][0].id[:6], ""):
        with pytest.raises(NoSuchQuestion):
            questions.answer(agent.store, agent.clinic, agent.doorbell, given, ANSWER, now=agent.clock())
    assert _texts(agent) == []


def test_it_is_answered_once(agent: Agent) -> None:
    agent.turns.hear(a_text("#question"))
    (group,) = _waiting(agent)
    _answer(agent)
    with pytest.raises(NoSuchQuestion):
        questions.answer(agent.store, agent.clinic, agent.doorbell, group[0].id, ANSWER, now=agent.clock())
    assert len(_texts(agent)) == 1


def test_an_answer_too_long_for_a_text_is_refused(agent: Agent) -> None:
    agent.turns.hear(a_text("#question"))
    with pytest.raises(UnfitAnswer, match="600"):
        _answer(agent, "word " * 200)
    with pytest.raises(UnfitAnswer, match="empty"):
        _answer(agent, "  ")
