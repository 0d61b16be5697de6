"""Hearing and speaking of one process: the clinic's ears, the synthesiser, and every fixed prompt said once before the first call."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from agent.bootstrap import Agent
from agent.settings import MODELS
from channels.media.switchboard import Speech, Switchboard
from channels.speech import model, resolving
from channels.speech.playing import sentences
from channels.speech.synthesis import VOICES, Synthesiser, voices
from channels.twilio_door import filled
from channels.wording import languages, words
from dialogs.kinds import KINDS
from dialogs.locale import Locale, LocaleError, Wording
from nlu.parse import Language

log = logging.getLogger(__name__)


def begin(board: Switchboard, agent: Agent) -> None:
    """Load speech in the background, when calls are to be streamed and there is a model."""
    if agent.settings.voice_mode != "stream":
        return
    folder = model.find(agent.settings.vosk_model_dir, agent.settings.data_dir / MODELS)
    if folder is None:
        log.warning("no speech model: calls are heard by Twilio")
        return
    board.load(lambda: speech(agent, board, folder))


def speech(agent: Agent, board: Switchboard, folder: Path) -> Speech:
    """The real thing. Raises SpeechModelError or SpeechUnavailable."""
    ears = resolving.build(folder, agent.clinic, agent.understander, board.today)
    agent.on_knowledge(lambda known: ears.learn(agent.vocabulary, (article.question for article in known.articles)))
    mouth = Synthesiser(voices(agent.settings.speech_voices, agent.settings.speech_rate))
    mouth.prepare(fixed(agent))
    log.info("speech is loaded")
    return Speech(ears, mouth, voices=frozenset(VOICES))


def fixed(agent: Agent) -> Iterator[tuple[Language, str]]:
    """Every sentence that is the same in every call."""
    own = words("en")
    for text in own.call.values():
        yield from _cut(filled(text, own, agent.clinic), "en")
    for code in languages():
        if code in VOICES:
            yield from _cut(words(code).call["offer_language"], code)
    locale = agent.script.locales.get("en")
    if locale is None:
        return
    known = {"clinic": agent.clinic.name, "clinic_phone": KINDS["phone"].spoken(agent.clinic.phone, locale)}
    for wording in _wordings(locale):
        try:
            line = locale.fill("fixed", wording, known)
        except LocaleError:
            # It has a blank that only a call fills.
            continue
        yield from _cut(line.spoken, "en")


def _wordings(locale: Locale) -> Iterator[Wording]:
    for ways in locale.lines.values():
        yield from ways
    for slot in locale.slots.values():
        yield from (*slot.ask, slot.help)


def _cut(text: str, language: Language) -> Iterator[tuple[Language, str]]:
    return ((language, sentence.text) for sentence in sentences(text, language))
