"""One call on the media socket: the caller's audio in, turns taken, speech out. It lives on one thread and waits for nothing but turns.

Time is the call's own: milliseconds of audio received. The dialog moves by what was said, keyed, or not said for a while; what the other side
tells us about our own audio (marks) only says when it was heard.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from agent.messages import Inbound, Reply
from agent.stream_tokens import Ticket
from agent.turns import TurnFailed
from channels import afterwards
from channels.afterwards import Wish
from channels.hints import listening
from channels.media.barge import Barge
from channels.media.ear import Ear
from channels.media.keys import Keys
from channels.media.patience import Patience, Rung
from channels.media.switchboard import Switchboard
from channels.speech import audio
from channels.speech.endpoint import Endpoint, VoiceMeter
from channels.speech.playing import Outgoing, Playing, Sentence, sentences
from channels.twilio_door import filled
from channels.wording import languages, words
from dialogs.line import Expect, Line
from dialogs.step import Kind
from nlu.parse import Act, Context, Parse

MOST_STEPS = 150
"""Things heard in one call."""
MOST_FAILURES = 2
"""Times a turn that failed is tried again before Twilio takes the call over."""
RETRY_MS = 1_500
KEYPAD_FORMS = frozenset({"phone", "date", "id", "yes_no"})
"""Questions that can be answered by keys."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Leaving:
    """The stream will be closed once everything was said."""

    wish: str
    said_step: int | None


@dataclass(slots=True)
class StreamedCall:
    """The caller at one end, the turns at the other."""

    board: Switchboard
    ticket: Ticket
    line: Outgoing
    now: float = 0.0
    """Milliseconds of audio received."""
    left: Leaving | None = None
    """Set when the socket should be closed now."""
    _leaving: Leaving | None = None
    _step: int = 0
    """The step whose reply was said last."""
    _reply: Reply = field(default_factory=lambda: Reply(()))
    _failed: int = 0
    _again: tuple[float, Inbound] | None = None
    _turn_over: float = 0.0
    """Wall-clock moment at which the caller's turn was over, until our first audio has left."""
    _ear: Ear = field(init=False)
    _endpoint: Endpoint = field(init=False)
    _meter: VoiceMeter = field(default_factory=VoiceMeter)
    _playing: Playing = field(init=False)
    _barge: Barge = field(default_factory=Barge)
    _keys: Keys = field(default_factory=Keys)
    _patience: Patience = field(default_factory=Patience)
    _message: bool = False
    """A message was offered after nobody took the call, and the offer not yet answered; the open question waits behind it."""
    _rest: bytes = b""

    def __post_init__(self) -> None:
        self._ear = Ear(self.board.speech.ears)
        self._endpoint = Endpoint(None, self._read)
        self._playing = Playing(self.board.speech.mouth, self.line)

    def begin(self) -> None:
        """The stream is up: greet, or say again what was not heard before the last one broke off."""
        self._step = self.ticket.step
        self._patience.textable = self.board.may_text(self.ticket)
        kind = Kind.OPENING if self._step == 0 else Kind.SILENCE
        self._message = afterwards.OFFER in self.ticket.preface
        self._say(self._own(*(key for key in self.ticket.preface if key != afterwards.OFFER)))
        self._hear(self._inbound(kind, str(self._step)), self._step)

    def media(self, mulaw: bytes) -> None:
        """Some of the caller's audio."""
        heard = self._rest + mulaw
        whole = len(heard) - len(heard) % audio.FRAME_BYTES
        self._rest = heard[whole:]
        for at in range(0, whole, audio.FRAME_BYTES):
            if self.left is None:
                self._frame(heard[at : at + audio.FRAME_BYTES])

    def key(self, key: str) -> None:
        """A key of the telephone. It takes the floor, except from what must be heard to the end."""
        if self._leaving:
            return
        self._patience.reset()
        self._hush()
        self._ear.rest()
        self._endpoint = Endpoint(self._expected, self._read)
        if self._keys.press(key, self.now) or self._patience.offered or self._message:
            self._keyed()

    def mark(self, name: str) -> None:
        """The other side played what came before this mark, or has thrown it away."""
        self._playing.came_back(name)

    def gone(self) -> None:
        """The caller hung up."""
        self._ear.rest()
        try:
            self.board.turns.hear(self._inbound(Kind.HANGUP, "hangup"))
        except TurnFailed:
            log.warning("a hang-up could not be kept", extra={"call": self.ticket.call})

    def too_long(self) -> None:
        """The call has lasted as long as any may."""
        if self._leaving is None:
            self._playing.cut()
            self._leave("end", self._own("too_long"), self._step)

    def _frame(self, frame: bytes) -> None:
        self.now += audio.FRAME_MS
        self._playing.go_on(self.now)
        busy = self._playing.busy
        voiced = self._meter.feed(frame, leaking=busy)
        if self._leaving is not None:
            if not busy:
                self.left = self._leaving
            return
        if self._again is not None:
            self._try_again()
            return
        changed = self._ear.feed(frame, voiced=voiced)
        if changed is not None:
            self._endpoint.hear(changed)
        over = self._endpoint.pass_time(audio.FRAME_MS, voiced=voiced)
        if self._keys.pending:
            if self._keys.over(self.now):
                self._keyed()
        elif busy or self._barge.pausing:
            self._overlapping(voiced=voiced)
        elif over:
            self._turn()
        elif not self._ear.words:
            self._silent()

    def _overlapping(self, *, voiced: bool) -> None:
        """The caller makes a sound while we speak."""
        if self._endpoint.urgent and self._playing.interruptible:
            self._turn()
            return
        verdict = self._barge.judge(
            self._ear.words,
            voiced=voiced,
            interruptible=self._playing.interruptible,
            murmurs_count=self._is_yes_no() and self._playing.last,
        )
        if verdict is Barge.Verdict.STOP:
            self._hush()
        elif verdict is Barge.Verdict.GO_ON:
            self._say(self._barge.unheard)
            self._listen_again()
        elif verdict is Barge.Verdict.FORGET:
            self._listen_again()
        elif verdict is Barge.Verdict.YIELD:
            self._barge.settle()

    def _hush(self) -> None:
        """Stop speaking, unless it must be heard to the end."""
        if self._playing.busy and self._playing.interruptible:
            self._barge.stopped(self._playing.cut())
            self.board.metrics.barge_ins.inc()

    def _turn(self) -> None:
        """The caller has finished: what they said is one turn."""
        self._turn_over = time.perf_counter()
        self._hush()
        heard = self._ear.finish()
        self._endpoint = Endpoint(self._expected, self._read)
        text = heard.text.strip() if heard else ""
        if heard is None or not text:
            self._turn_over = 0.0
            self._say(self._barge.unheard)
            self._listen_again()
            return
        self._patience.reset()
        if self._message and self._chose(afterwards.meant(self._parse(text, self._expected))):
            return
        if self._patience.offered and self._took_offer(text):
            return
        self._next(Kind.WORDS, text, confidence=heard.confidence)

    def _keyed(self) -> None:
        self._turn_over = time.perf_counter()
        pressed, text = self._keys.take(words(self._reply.language))
        if self._patience.offered and pressed == "1":
            self._text_instead()
            return
        self._patience.offered = False
        if self._message and self._chose(Wish.MESSAGE if pressed == afterwards.KEY else Wish.SOMETHING_ELSE):
            return
        self._next(Kind.WORDS, text, dtmf=True)

    def _silent(self) -> None:
        """Nobody speaks: after a while ask, offer another way, and at last let go."""
        rung = self._patience.wait(audio.FRAME_MS)
        if rung and self._message:
            self._chose(Wish.NO)
        elif rung is Rung.AGAIN:
            self._next(Kind.SILENCE, "")
        elif rung is Rung.TEXT:
            self._say(self._own("offer_text"))
            self._listen_again()
        elif rung is Rung.VOICEMAIL:
            self._leave("voicemail", self._own("offer_voicemail"), self._step)

    def _took_offer(self, text: str) -> bool:
        self._patience.offered = False
        acts = self._parse(text, Expect(None, "yes_no")).acts
        if Act.AFFIRM not in acts or Act.DENY in acts:
            return False
        self._text_instead()
        return True

    def _chose(self, wish: Wish) -> bool:
        """What they answered to the offer of a message; False when it was something else, to be heard like anything that is said."""
        self._message = False
        if wish is Wish.MESSAGE:
            self._leave("voicemail", self._own("after_tone"), self._step)
        elif wish is Wish.NO:
            self._patience.reset()
            self._ask((*self._own("still_here"), *self._spoken(afterwards.parted(self._reply)[1])))
        return wish is not Wish.SOMETHING_ELSE

    def _text_instead(self) -> None:
        if self.board.send_text(self.ticket):
            self._leave("end", self._own("text_sent"), self._step)
        else:
            self._patience.textable = False
            self._say(self._own("text_failed"))

    def _next(self, kind: Kind, text: str, *, dtmf: bool = False, confidence: float | None = None) -> None:
        step = self._step + 1
        if step > MOST_STEPS:
            self.gone()
            self._leave("end", self._own("too_long"), self._step)
            return
        self._hear(replace(self._inbound(kind, str(step)), text=text, dtmf=dtmf, confidence=confidence), step)

    def _hear(self, inbound: Inbound, step: int) -> None:
        """Take a turn. One that failed left nothing behind: it is tried again, and after that Twilio's own voice takes over."""
        try:
            reply = self.board.turns.hear(inbound)
        except TurnFailed:
            log.warning("a step of a call failed", extra={"call": self.ticket.call, "step": step})
            self.board.metrics.failed_turns.labels("twilio_media").inc()
            self._failed += 1
            if self._failed > MOST_FAILURES:
                self._leave("gather", (), None)
                return
            self._say(self._own("one_moment"))
            self._again = (self.now + RETRY_MS, inbound)
            return
        self._failed, self._step = 0, step
        self._respond(reply, inbound.kind)

    def _try_again(self) -> None:
        assert self._again is not None
        due, inbound = self._again
        if self.now >= due and not self._playing.busy:
            self._again = None
            self._hear(inbound, int(inbound.message_id.rpartition(":")[2]))

    def _respond(self, reply: Reply, kind: Kind) -> None:
        self._reply = reply
        if reply.language not in self.board.speech.languages:
            # Twilio hears and speaks this language; the reply is on record and is said there.
            self._leave("gather", (), None)
            return
        spoken = self._lines(reply, kind)
        if reply.end or reply.person or reply.message:
            self._leave("person" if reply.person else "voicemail" if reply.message else "end", spoken, self._step)
            return
        if self._message:
            spoken = [*self._spoken(afterwards.parted(reply)[0]), *self._own(afterwards.OFFER)]
        self._ask(spoken)

    def _ask(self, spoken: Sequence[Sentence]) -> None:
        """Say this, and listen for the answer."""
        self._barge = Barge()
        self._say(spoken)
        self._listen_again()
        asked = listening(self._expected, words(self._reply.language), self.board.clinic.vocabulary)
        self._keys.expect(asked.form, asked.keypad)
        self._patience.begin()

    def _spoken(self, lines: Sequence[Line]) -> list[Sentence]:
        return [sentence for line in lines for sentence in sentences(line.spoken, self._reply.language)]

    def _lines(self, reply: Reply, kind: Kind) -> list[Sentence]:
        """A reply as sentences. What comes before a safety instruction is heard to the end with it."""
        last = max((number for number, line in enumerate(reply.lines, 1) if line.uninterruptible), default=0)
        said = [
            [*sentences(line.spoken, reply.language, uninterruptible=number <= last)] for number, line in enumerate(reply.lines, 1)
        ]
        if kind is Kind.OPENING:
            said[1:1] = [self._offers(reply)]
        if kind is Kind.SILENCE and self._patience.asked_again and reply.expect and (reply.expect.confirming or reply.expect.form in KEYPAD_FORMS):
            said[-1:-1] = [list(self._own("keypad_hint"))]
        return [sentence for line in said for sentence in line]

    def _offers(self, reply: Reply) -> list[Sentence]:
        """Other languages, each in its own voice."""
        others = self.board.speech.voices & self.board.locales & set(languages()) - {reply.language}
        return [Sentence(words(code).call["offer_language"], code) for code in sorted(others)]

    def _own(self, *keys: str) -> tuple[Sentence, ...]:
        """Wordings of our own."""
        own = words(self._reply.language)
        return tuple(s for key in keys for s in sentences(filled(own.call[key], own, self.board.clinic), self._reply.language))

    def _leave(self, wish: str, spoken: Iterable[Sentence], said_step: int | None) -> None:
        self._leaving = Leaving(wish, said_step)
        self._ear.rest()
        self._say(spoken)
        if not self._playing.busy:
            self.left = self._leaving

    def _say(self, spoken: Iterable[Sentence]) -> None:
        what: Sequence[Sentence] = tuple(spoken)
        if not what:
            return
        self._playing.say(what, self.now)
        if self._turn_over:
            self.board.metrics.first_audio.observe(time.perf_counter() - self._turn_over)
            self._turn_over = 0.0

    def _listen_again(self) -> None:
        """The floor is open."""
        self._ear.listen(self._expected if self._message else self._reply.expect)
        self._endpoint = Endpoint(self._expected, self._read)
        self._barge.begin()

    @property
    def _expected(self) -> Expect | None:
        """What an answer would be an answer to."""
        return Expect(None, "yes_no") if self._patience.offered or self._message else self._reply.expect

    def _is_yes_no(self) -> bool:
        expect = self._reply.expect
        return expect is not None and (expect.confirming or expect.form == "yes_no")

    def _read(self, text: str) -> Parse:
        return self._parse(text, self._expected)

    def _parse(self, text: str, expect: Expect | None) -> Parse:
        asked = (expect.slot, expect.confirming) if expect else (None, False)
        return self.board.understander.read(text, Context(self.board.today(), *asked, channel="voice", language=self._reply.language))

    def _inbound(self, kind: Kind, step: str) -> Inbound:
        call = self.ticket.call
        return Inbound("voice", f"{call}:{step}", kind, self.ticket.sender, session=call, textable=self._patience.textable)

