"""A reply in the form a call takes: what is said, what is listened for, who is rung. Every document ends in a verb that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response
from twilio.twiml.voice_response import Gather, VoiceResponse

from agent.bootstrap import Agent
from agent.messages import Reply
from channels.hints import Listening, listening
from channels.twilio_door import filled
from channels.twiml import LONGEST_SPEECH, answer, say_chunks
from channels.wording import Words, languages, words
from dialogs.line import Expect

FIRST_STEP = 1
"""The step that answers the greeting."""
WAIT_SECONDS = 6
"""Quiet after a question before we ask whether they are still there; older callers need the time."""
RING_SECONDS = 20
"""Four rings: long enough for a desk, short enough for a caller."""
LONGEST_TALK_SECONDS = 3600
"""A transferred call ends after an hour at the latest: nobody leaves a leg of ours open."""
PAUSE_SECONDS = 1
LONGEST_MESSAGE_SECONDS = 180
STREAM_PATH = "/twilio/media"
TOKEN_PARAMETER = "token"  # noqa: S105  the name of a parameter


class Call:
    """One response to Twilio, being put together. Addresses in it are absolute: a relative one would lose the base's path."""

    def __init__(self, agent: Agent, language: str | None) -> None:
        self._agent = agent
        self.words: Words = words(language)
        self._language = language or "en"
        self._response = VoiceResponse()
        self._left = LONGEST_SPEECH

    def say(self, *texts: str, inside: Any = None) -> Call:
        """Say texts one after the other, within a <Gather> when they may be interrupted."""
        parent = self._response if inside is None else inside
        for text in texts:
            for chunk in say_chunks(text[: self._left]):
                self._left -= len(chunk)
                parent.say(chunk, voice=self.words.voice["name"], language=self.words.voice["language"])
        return self

    def say_own(self, *keys: str) -> Call:
        """Say wordings of our own, by their keys."""
        return self.say(*(filled(self.words.call[key], self.words, self._agent.clinic) for key in keys))

    def listen(self, asked: Listening, texts: Sequence[str], step: int, again: int = 0, offered: Sequence[Words] = ()) -> Response:
        """Say texts, offer other languages in their own voice after the first, and listen. The same address follows in case
        nothing comes back at all, so the call never runs out."""
        turn = self.url("turn", step=step, form=asked.form, again=again)
        keypad = {"num_digits": asked.keypad.most} if asked.keypad.most else {}
        gather = Gather(
            input="speech dtmf",
            action=turn,
            method="POST",
            timeout=WAIT_SECONDS,
            speech_timeout=asked.speech_timeout,
            finish_on_key=asked.keypad.ends,
            language=self.words.voice["language"],
            hints=asked.hints,
            profanity_filter=False,
            barge_in=True,
            action_on_empty_result=True,
            **keypad,
        )
        self.say(*texts[:1], inside=gather)
        for other in offered:
            gather.say(other.call["offer_language"], voice=other.voice["name"], language=other.voice["language"])
        self.say(*texts[1:], inside=gather)
        self._response.append(gather)
        self._response.redirect(turn, method="POST")
        return answer(self._response)

    def stream(self, token: str, **then: str | int) -> Response:
        """Hand the call to the media socket. When the socket is closed, by us or by an accident, Twilio goes on at `resume`."""
        base = self._agent.settings.public_base_url
        # The address takes no query: Twilio drops it, and a token in an address would end up in logs.
        stream = self._response.connect().stream(url="ws" + base.removeprefix("http") + STREAM_PATH)
        stream.parameter(name=TOKEN_PARAMETER, value=token)
        self._response.redirect(self.url("resume", **then), method="POST")
        return answer(self._response)

    def record(self) -> Response:
        """Take a message of the caller's voice, and say goodbye whether or not one was left."""
        self._response.record(
            action=self.url("recorded"), method="POST", max_length=LONGEST_MESSAGE_SECONDS, timeout=WAIT_SECONDS, play_beep=True, finish_on_key="#"
        )
        return self.say_own("no_message").hang_up()

    def ring(self, number: str, then: str, caller_id: str | None, transfer: str = "", **carry: str | int) -> Response:
        """Ring a person. Whoever picks up must press a key, or an answering machine would swallow the caller."""
        shown = {"caller_id": caller_id} if caller_id else {}
        dial = self._response.dial(
            action=self.url(then, **carry), method="POST", timeout=RING_SECONDS, time_limit=LONGEST_TALK_SECONDS, answer_on_bridge=True, **shown
        )
        dial.number(number, url=self.url("offer", transfer=transfer), method="POST")
        return answer(self._response)

    def offer(self, texts: Sequence[str], transfer: str) -> Response:
        """Ask the person who picked up to take the call, twice; without a key the leg ends and the caller stays with us."""
        # Every key counts here, `#` as well: it declines.
        taken = self.url("taken", transfer=transfer)
        gather = Gather(input="dtmf", action=taken, method="POST", num_digits=1, timeout=WAIT_SECONDS, finish_on_key="")
        self.say(*texts, *texts, inside=gather)
        self._response.append(gather)
        return self.hang_up()

    def ask(self, key: str, route: str, **carry: str | int) -> Response:
        """Put a yes-or-no question of our own, and go on at a route whether or not it was answered."""
        asked = listening(Expect(None, "yes_no"), self.words, self._agent.vocabulary)
        then = self.url(route, **carry)
        gather = Gather(
            input="speech dtmf",
            action=then,
            method="POST",
            timeout=WAIT_SECONDS,
            speech_timeout=asked.speech_timeout,
            language=self.words.voice["language"],
            hints=asked.hints,
            profanity_filter=False,
            barge_in=True,
            action_on_empty_result=True,
            num_digits=1,
        )
        self.say(filled(self.words.call[key], self.words, self._agent.clinic), inside=gather)
        self._response.append(gather)
        self._response.redirect(then, method="POST")
        return answer(self._response)

    def go_to(self, route: str, **carry: str | int) -> Response:
        """Wait a moment, then go on at another route."""
        self._response.pause(length=PAUSE_SECONDS)
        self._response.redirect(self.url(route, **carry), method="POST")
        return answer(self._response)

    def connect(self) -> Response:
        """Nothing more to say on this leg: Twilio joins the two."""
        return answer(self._response)

    def hang_up(self) -> Response:
        """End the call after what was said."""
        self._response.hangup()
        return answer(self._response)

    def url(self, route: str, **carry: str | int) -> str:
        """The address of one of our routes. What it carries is signed with it, and none of it is about a person."""
        query = {name: value for name, value in {"language": self._language, **carry}.items() if value not in ("", 0)}
        return f"{self._agent.settings.public_base_url}/twilio/voice/{route}?{urlencode(query)}"


def spoken(agent: Agent, reply: Reply, step: int, preface: Sequence[str] = ()) -> Response:
    """Say a reply and listen for the next step. Safety instructions come before the <Gather>: they cannot be talked over."""
    call = Call(agent, reply.language)
    call.say_own(*preface)
    last = max((number for number, line in enumerate(reply.lines, 1) if line.uninterruptible), default=0)
    call.say(*(line.spoken for line in reply.lines[:last]))
    rest = [line.spoken for line in reply.lines[last:]]
    if reply.end:
        return call.say(*rest).hang_up()
    others = [words(code) for code in languages() if code != reply.language and code in agent.script.locales]
    return call.listen(listening(reply.expect, call.words, agent.vocabulary), rest, step, offered=others if step == FIRST_STEP else ())
