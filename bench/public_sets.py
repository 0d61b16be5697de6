"""Public sets nobody here wrote, mapped to what the line reads: acts, dates, times, names, dates of birth, phones.

Each scorer says in its docstring what counts and what is left out.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import phonenumbers

from bench.own_sets import TODAY, Row, Score, read_rows
from nlu import tagger
from nlu.parse import Act, Context, Parse, TimeWindow, Understander

ACTS = {"affirm": Act.AFFIRM, "deny": Act.DENY, "repeat": Act.REPEAT, "talk_to_human": Act.HUMAN, "correct": Act.CORRECT}
_READ_BACK = re.compile(
    r"confirm|correct|right\?|verify|is that|sound|shall i|should i|do you want|would you|like me|okay\?|ok\?|else", re.IGNORECASE
)
BOOKING_DAY = date(2018, 4, 1)
"""The bookings were made in 2018 for dates from April on."""
_NUMBERS = dict(zip("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split(), range(1, 16), strict=True))
_RELATIVE = {"today": 0, "tonight": 0, "this evening": 0, "tomorrow": 1}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"^\D*(\d{1,2})(?:\s?[:.h]?\s?(\d{2}))?\s*(?:o'?clock)?\s*([ap])?\.?\s?m?\b", re.IGNORECASE)
_LEFT_OUT = re.compile(
    r"year|decade|century|season|quarter|spring|summer|fall|winter|autumn|minute|hour|second|\b(?:now|asap|ago|past|last|previous|yesterday|yoy|ytd|mtd|eo[dmy]|bo[dmy]|boy|boq|eoq)\b"
    r"|month|\bsince\b|\b[a-z]{3,4}t\b|\butc\b|gmt|\bweeks? (?:of|in)\b.*\d{4}|\d{4}.*\bweek\b|fortnight|\bdays?\b"
)


def acts(understander: Understander, data: Path) -> list[Score]:
    """affirm, deny, repeat, handoff and correct over NLU++, HWU and SGD (the balanced view).

    A row counts as read back when the turn before it asks.
    """
    rows = [r for r in read_rows(data / "public" / "unified_intents_dev.jsonl") if r["source"] in ("nlupp", "hwu", "sgd")]
    right, extra, missed = Counter[str](), Counter[str](), Counter[str]()
    wrong: Counter[str] = Counter()
    examples: list[str] = []
    for row in rows:
        parse = understander.read(row["text"], Context(TODAY, confirming=bool(row["prev"] and _READ_BACK.search(row["prev"])), channel="voice"))
        for name, act in ACTS.items():
            want, got = row["intent"] == name, act in parse.acts
            right[name] += want and got
            missed[name] += want and not got
            extra[name] += got and not want
            if want != got:
                wrong[f"{row['source']}: {row['intent']} {'not read' if want else f'read as {name}'}"] += 1
                examples.append(f"{row['source']} {row['intent']} {'-' if want else '+'}{name}: {row['prev'] or ''} || {row['text']}")
    f1 = {n: 2 * right[n] / max(1, 2 * right[n] + extra[n] + missed[n]) for n in ACTS}
    note = ", ".join(f"{n} {v:.2f}" for n, v in f1.items())
    return [Score("NLU++, HWU, SGD: acts macro-F1", sum(f1.values()) / len(f1), 0.88, len(rows), note, wrong=wrong, examples=examples)]


def bookings(understander: Understander, data: Path) -> list[Score]:
    """restaurant8k: dates, times and names of real booking chats.

    Read as on `BOOKING_DAY`, before any date they name. Month and day, weekday or relative day must agree; a bare clock time agrees modulo 12 hours.
    Names are counted a second time without spaCy's opinion, which is all that it is asked for anywhere.
    """
    rows = read_rows(data / "public" / "restaurant8k_train.jsonl")
    tallies = {"dates": _Tally(), "times": _Tally(), "names": _Tally()}
    without = _Tally()
    for row in rows:
        asked = row["requested_slots"]
        slot = "patient.name" if {"first_name", "last_name"} & set(asked) else "preferred_times" if {"date", "time"} & set(asked) else None
        parse = understander.read(row["text"], Context(BOOKING_DAY, slot))
        gold: dict[str, list[str]] = {}
        for one in row["slots"]:
            clock = one["slot"] == "date" and re.search(r"hour|minute", one["value"])  # "in an hour" is no date
            gold.setdefault("other" if clock else one["slot"], []).append(one["value"].strip(" .,!?"))
        seen = windows(parse)
        dated = [w for w in seen if w.days or w.first or w.last]
        timed = [w for w in seen if w.after or w.before]
        tallies["dates"].add(row["text"], gold.get("date", []), dated, any(_same_day(g, w) for g in gold.get("date", []) for w in dated))
        tallies["times"].add(row["text"], gold.get("time", []), timed, any(_same_clock(g, w) for g in gold.get("time", []) for w in timed))
        name = " ".join(gold.get("first_name", [])[:1] + gold.get("last_name", [])[:1])
        got = _names(parse)
        tallies["names"].add(row["text"], [name] if name else [], got, fold(name) in got)
        if tagger.may_name(row["text"]):
            with patch.object(tagger, "may_name", return_value=False):
                got = _names(understander.read(row["text"], Context(BOOKING_DAY, slot)))
        without.add(row["text"], [name] if name else [], got, fold(name) in got)
    notes = {"names": f"{without.score('', 0).value:.3f} without spaCy"}
    return [t.score(f"restaurant8k: {name} F1", 0.90, notes.get(name, "")) for name, t in tallies.items()]


def expressions(understander: Understander, data: Path) -> list[Score]:
    """recognizers and duckling: expressions of the kinds a clinic hears.

    Kept: calendar dates and weekdays from the reference day on, clock times and ranges, dates with them, this and next week or weekend, full dates of
    the past (read as dates of birth), ten-digit North American phone numbers, e-mail addresses, yes and no. Left out: durations and counts ("in 20
    minutes", "last 3 days"), years, months, seasons, quarters and decades, feasts, repeating sets, time zones, ages, bare numbers, ordinals without a
    month, numbers of other countries: nobody names an appointment that way, or the line would ask again. Rows with no reading or with several are
    left out too: the set tests there what its own library refuses, or lists what only a question could settle.
    """
    public = data / "public"
    tally = _Tally()
    left: Counter[str] = Counter()
    for row in read_rows(public / "recognizers_en_dev.jsonl"):
        kind = _recognizer(row, understander, tally)
        left[kind] += bool(kind)
    reference = date(2013, 2, 12)
    for row in read_rows(public / "duckling_time_en_dev.jsonl"):
        spans = re.findall(r"\(\d{4}, ?\d+, ?\d+, ?\d+, ?\d+, ?\d+\)", row["value"])
        first = ast.literal_eval(re.sub(r"\b0+(\d)", r"\1", spans[0])) if spans else None
        grain = re.sub(r'[^A-Za-z]*"[^"]*"$', "", row["value"]).split()[-1]
        if (
            first is None
            or "Holiday" in row["kind"]
            or grain not in ("Day", "Hour", "Minute")
            or _LEFT_OUT.search(row["text"].lower())
            or date(*first[:3]) < reference
        ):
            left[f"duckling {row['kind']}"] += 1
            continue
        clock = f"{first[3]:02d}:{first[4]:02d}" if grain in ("Hour", "Minute") else None
        seen = windows(understander.read(row["text"], Context(reference, "preferred_times")))
        tally.add(f"{row['text']} = {first}", [row["text"]], seen, any(_is_moment(w, date(*first[:3]), clock, reference) for w in seen))
    note = "left out: " + ", ".join(f"{k} {n}" for k, n in left.most_common(8))
    return [tally.score("recognizers and duckling: right", 0.80, note, accuracy=True)]


def telephone_speech(understander: Understander, data: Path) -> list[Score]:
    """EVI: real callers' names and dates of birth. Of the rows whose value is in the n-best, how many a reading of some hypothesis gives back.

    Dates are those with the month named: the speakers are British, and 05/06 is another day to them.
    """
    rows = [r for r in read_rows(data / "public" / "evi_en_dev.jsonl") if (r.get("gold_recoverable") or {}).get("in_nbest")]
    names, births = _Tally(), _Tally()
    for row in rows:
        heard = row["asr_nbest"] or [row["asr_1best"]]
        if row["asked"] == "name":
            got = [n for text in heard for n in _names(understander.read(text, Context(TODAY, "patient.name", channel="voice")))]
            names.add(f"{row['gold']}: {heard[:3]}", [row["gold"]], got, fold(row["gold"]) in got)
        elif row["asked"] == "dob" and row.get("month_named"):
            reads = [
                understander.read(text, Context(TODAY, "patient.date_of_birth", channel="voice")).slots.get("patient.date_of_birth") for text in heard
            ]
            values = [str(r.value) for r in reads if r]
            births.add(f"{row['gold']}: {heard[:3]}", [row["gold"]], values, row["gold"] in values)
    return [
        names.score("EVI: names of the recoverable", 0.95, accuracy=True),
        births.score("EVI: dates of birth of the recoverable", 0.95, accuracy=True),
    ]


def insurance_chat(understander: Understander, data: Path) -> list[Score]:
    """MultiDoGO insurance: is there a name, is there a phone number.

    The slot counts as asked for where the row has it: there an agent had asked, but the set does not keep what. That favours recall, so the note
    gives what is found when nothing at all was asked; bare first names ("bala") are beyond that, for they could be anything.
    """
    rows = read_rows(data / "public" / "multidogo_insurance_dev.jsonl")
    names, unasked, phones = _Tally(), _Tally(), _Tally()
    for row in rows:
        gold = {s["slot"]: s["value"] for s in row["slots"]}
        asked = "patient.name" if "name" in gold else "patient.phone" if "phone_number" in gold else None
        parse = understander.read(row["text"], Context(TODAY, asked))
        got = _names(parse)
        wanted, said = [gold["name"]] if "name" in gold else [], set(fold(gold.get("name", "")).split())
        names.add(row["text"], wanted, got, any(said & set(g.split()) for g in got))
        got = _names(understander.read(row["text"], Context(TODAY)))
        unasked.add(row["text"], wanted, got, any(said & set(g.split()) for g in got))
        phone = parse.slots.get("patient.phone")
        digits = re.sub(r"\D", "", gold.get("phone_number", ""))
        found = [re.sub(r"\D", "", str(phone.value))] if phone else []
        if not digits or len(digits) == 10:
            phones.add(row["text"], [digits] if digits else [], found, bool(found))
    note = "phone numbers of ten digits"
    bare = f"asked where the row has one; {unasked.score('', 0).value:.2f} with nothing asked"
    return [names.score("MultiDoGO: name found F1", 0.90, bare), phones.score("MultiDoGO: phone found F1", 0.90, note)]


class _Tally:
    """Right, extra and missed values."""

    def __init__(self) -> None:
        self.right = self.extra = self.missed = self.rows = 0
        self.examples: list[str] = []

    def add(self, text: str, gold: Iterable[object], got: Iterable[object], same: bool) -> None:
        want, have = bool(list(gold)), bool(list(got))
        self.rows += want
        self.right += same and want
        self.missed += want and not same
        self.extra += have and not same
        if (want or have) and not same:
            self.examples.append(f"{'missed' if not have else 'wrong' if want else 'invented'}: {text}")

    def score(self, name: str, goal: float, note: str = "", *, accuracy: bool = False) -> Score:
        value = self.right / max(1, self.rows) if accuracy else 2 * self.right / max(1, 2 * self.right + self.extra + self.missed)
        wrong = Counter(e.split(":", 1)[0] for e in self.examples)
        return Score(name, value, goal, self.rows, note, wrong=wrong, examples=self.examples)


def windows(parse: Parse) -> list[TimeWindow]:
    """The time windows of a parse."""
    reading = parse.slots.get("preferred_times")
    return [w for w in reading.value if isinstance(w, TimeWindow)] if reading and isinstance(reading.value, tuple) else []


def fold(text: str) -> str:
    """Lower-case letters, digits and single spaces."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9]+", " ", plain)).strip()


def _names(parse: Parse) -> list[str]:
    found = [parse.slots[s] for s in ("patient.name", "caller.name") if s in parse.slots]
    values = [v for r in found for v in ([r.value] if isinstance(r.value, str) else list(r.value))]
    return [fold(v) for v in values if isinstance(v, str)] + [fold(c) for r in found for c in r.candidates]


def _same_day(gold: str, window: TimeWindow) -> bool:
    low = fold(gold)
    first = date.fromisoformat(window.first) if window.first else None
    counted = re.search(r"\b(\d+|[a-z]+) days?\b", low)
    ahead = int(counted.group(1)) if counted and counted.group(1).isdigit() else _NUMBERS.get(counted.group(1)) if counted else None
    if ahead is None:
        ahead = next((n for word, n in _RELATIVE.items() if word in low), None)
    if ahead is not None:
        return first == BOOKING_DAY + timedelta(days=ahead)
    if numeric := re.match(r"(\d{4}) (\d\d?) (\d\d?)$", low):
        return first is not None and (first.month, first.day) == (int(numeric.group(2)), int(numeric.group(3)))
    if either := re.match(r"(\d\d?) (\d\d?) (\d{4})$", low):
        return first is not None and {first.month, first.day} == {int(either.group(1)), int(either.group(2))}
    month = next((n for n, name in enumerate(_MONTHS, 1) if re.search(rf"\b{name}", low)), None)
    day = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", low)
    if first and day and int(day.group(1)) <= 31:
        return first.day == int(day.group(1)) and month in (None, first.month)
    weekday = next((d for d in _WEEKDAYS if re.search(rf"\b{d}", low)), None)
    if weekday:
        return weekday in window.days or (first is not None and _WEEKDAYS[first.weekday()] == weekday)
    return not day and month is None


def _same_clock(gold: str, window: TimeWindow) -> bool:
    found = _CLOCK.match(gold)
    times = [t for t in (window.after, window.before) if t]
    if not found:
        return bool(times)
    hour, minute, half = int(found.group(1)), int(found.group(2) or 0), (found.group(3) or "").lower()
    for time in times:
        h, m = (int(x) for x in time.split(":"))
        if m == minute and h % 12 == hour % 12 and (not half or (h >= 12) == (half == "p")):
            return True
    return False


def _recognizer(row: Row, understander: Understander, tally: _Tally) -> str:
    """Score one recognizers row; the kind it was left out as, or "" when it was scored."""
    if len(row["results"]) != 1:
        return f"{row['spec'].split('/')[0]} none or several"
    result = row["results"][0]
    kind, text = str(result["type"]).removeprefix("datetimeV2."), str(row["input"])
    if kind == "phonenumber":
        return _recognizer_phone(text, result["text"], understander, tally)
    if kind == "email":
        reading = understander.read(text, Context(TODAY, "patient.email")).slots.get("patient.email")
        tally.add(text, [text], [reading] if reading else [], reading is not None and fold(str(reading.value)) == fold(result["text"]))
        return ""
    if kind == "boolean":
        act = Act.AFFIRM if result["resolution"]["value"] else Act.DENY
        read = understander.read(text, Context(TODAY, confirming=True)).acts
        tally.add(text, [text], read, act in read)
        return ""
    if kind not in ("date", "time", "datetime", "timerange", "datetimerange") or _LEFT_OUT.search(result["text"]):
        return kind
    return _recognizer_moment(row, result, understander, tally)


def _recognizer_phone(text: str, digits: str, understander: Understander, tally: _Tally) -> str:
    try:
        number = phonenumbers.parse(digits, "US")
    except phonenumbers.NumberParseException:
        return "phonenumber abroad"
    if not phonenumbers.is_valid_number_for_region(number, "US"):
        return "phonenumber abroad"
    reading = understander.read(text, Context(TODAY, "patient.phone")).slots.get("patient.phone")
    want = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    tally.add(text, [want], [reading] if reading else [], reading is not None and reading.value == want)
    return ""


def _recognizer_moment(row: Row, result: Row, understander: Understander, tally: _Tally) -> str:
    reference = date.fromisoformat(row["reference_time"][:10])
    wanted = list(_moments(result["resolution"]["values"]))
    dated = [d for d, _ in wanted if d]
    if not wanted or (dated and max(dated) < reference and not re.search(r"\d{4}", result["text"])):
        return "past"
    if dated and max(dated) < reference - timedelta(days=366):
        reading = understander.read(row["input"], Context(reference, "patient.date_of_birth")).slots.get("patient.date_of_birth")
        tally.add(
            f"{row['input']} = {dated[0]}",
            dated,
            [reading] if reading else [],
            reading is not None and reading.value in {d.isoformat() for d in dated},
        )
        return ""
    if dated and max(dated) < reference:
        return "past"
    seen = windows(understander.read(row["input"], Context(reference, "preferred_times")))
    same = any(_is_moment(w, day, clock, reference) for w in seen for day, clock in wanted)
    tally.add(f"{row['input']} = {wanted}", [row["input"]], seen, same)
    return ""


def _moments(values: list[Row]) -> Iterator[tuple[date | None, str | None]]:
    for value in values:
        moment = str(value.get("value") or value.get("start") or value.get("end") or "")
        day, clock = re.search(r"\d{4}-\d\d-\d\d", moment), re.search(r"\d\d:\d\d", moment)
        if day or clock:
            yield date.fromisoformat(day.group()) if day else None, clock.group() if clock else None


def _is_moment(window: TimeWindow, day: date | None, clock: str | None, reference: date) -> bool:
    if day is not None:
        on_date = window.first == day.isoformat()
        on_weekday = window.first is None and _WEEKDAYS[day.weekday()] in window.days and day - reference < timedelta(days=8)
        if not on_date and not on_weekday and not (clock and not window.first and not window.days and day - reference <= timedelta(days=1)):
            return False
    times = [t for t in (window.after, window.before) if t]
    return clock is None or any(t[2:] == clock[2:] and int(t[:2]) % 12 == int(clock[:2]) % 12 for t in times) or (not times and window.part != "any")
