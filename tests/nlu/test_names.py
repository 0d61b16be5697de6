from __future__ import annotations

import pytest

from nlu import name_repairs, names
from nlu.message import Message
from tests.nlu.heard import context, value

ASKED = context("patient.name")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("um yeah it's delia fontaine", "Delia Fontaine"),
        ("Fontaine, Delia", "Delia Fontaine"),
        ("patrick mcbride", "Patrick McBride"),
        ("siobhan o brien", "Siobhan O'Brien"),
        ("rosa de la cruz", "Rosa de la Cruz"),
        ("walter t grant junior", "Walter T. Grant Jr."),
        ("henry ford the third", "Henry Ford III"),
        ("first name is n g o z i last name okafor", "Ngozi Okafor"),
        ("brandt b r a n t heidi brandt", "Heidi Brant"),
        ("kim park k i m p a r k", "Kim Park"),
        ("h e i d i b r a n d t", "Heidi Brandt"),
        ("BRANDT, ANNE-MARIE", "Anne-Marie Brandt"),
        ("grant walter grant", "Walter Grant"),
        ("luis. luis alberto mora", "Luis Alberto Mora"),
        ("rose young", "Rose Young"),
        ("just Theo", "Theo"),
        ("heidi brant no wait heidi brandt", "Heidi Brandt"),
        ("me llamo ximena ortega", "Ximena Ortega"),
        ("for my nephew omar haddad", "Omar Haddad"),
        ("thuy le", "Thuy Le"),
    ],
)
def test_a_name_asked_for(said: str, name: str) -> None:
    assert value(names.read, said, ASKED) == name


@pytest.mark.parametrize(
    "said",
    ["ok", "mm hmm", "yes", "why do you need that", "hold on a sec", "i already told you", "what", "the patient or me", "idk", "is this the clinic"],
)
def test_talk_is_no_name(said: str) -> None:
    assert value(names.read, said, ASKED) is None


def test_a_bare_name_counts_only_where_a_name_may_come() -> None:
    assert value(names.read, "heidi brandt", context("patient.name")) == "Heidi Brandt"
    assert value(names.read, "heidi brandt", context("referral.provider")) is None


@pytest.mark.parametrize("said", ["my wife heidi is a teacher", "doctor heidi brandt sent me", "i saw nurse heidi on monday"])
def test_people_merely_mentioned_are_not_taken(said: str) -> None:
    assert value(names.read, said, context()) is None


def test_the_patient_and_the_caller_are_told_apart() -> None:
    readings = {r.slot: r.value for r in names.read(Message.of("this is carla, i'm calling for my mother ruth adams"), context())}
    assert readings == {"caller.name": "Carla", "patient.name": "Ruth Adams"}


@pytest.mark.parametrize(
    ("known", "said", "name"),
    [
        ("Maria Hernandez", "with an s", "Maria Hernandes"),
        ("Ana Bret", "no, double t", "Ana Brett"),
        ("Joan Reid", "two e's", "Joan Reed"),
        ("Sara Lund", "sara with an h", "Sarah Lund"),
        ("Jon Marsh", "marsh", "Jon Marsh"),
        ("Eric Moss", "a k not a c", "Erik Moss"),
        ("Phillip Moss", "one l", "Philip Moss"),
    ],
)
def test_the_spelling_on_record_is_repaired(known: str, said: str, name: str) -> None:
    assert name_repairs.of_known(known, said)[0] == name


def test_a_family_name_said_again_replaces_the_one_it_resembles() -> None:
    assert value(names.read, "no it's wojcik", context("patient.name", confirming=True, patient__name="Adam Wosik")) == "Adam Wojcik"


@pytest.mark.parametrize(
    "said",
    [
        "Maria Lopez has a bad knee",
        "maria lopez with a sore hip",
        "maria lopez tuesdays at 2 p m",
        "maria lopez and my id is one e g four",
        "maria lopez with aetna",
    ],
)
def test_other_talk_behind_a_name_does_not_respell_it(said: str) -> None:
    assert value(names.read, said, ASKED) == "Maria Lopez"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('Leonard "Len" Osgood', "Leonard Osgood"),
        ("marybeth one word marybeth quill", "Marybeth Quill"),
        ("bell like a bell donna bell", "Donna Bell"),
        ("it's mark not marc mark ellery", "Mark Ellery"),
        ("lynn baxter with a y", "Lynn Baxter"),
        ("LE, MINH", "Minh Le"),
        ("its Alex, Alexandra Pell", "Alexandra Pell"),
        ("Jørgen Bæk", "Jørgen Bæk"),
        ("kaylee (not kayleigh) horne", "Kaylee Horne"),
        ("hunter as in a hunter hunter boyd", "Hunter Boyd"),
        ("vincent but everyone calls me vinny vincent poe", "Vincent Poe"),
        ("sally with a y at the end sally zhao", "Sally Zhao"),
    ],
)
def test_how_a_name_is_written_and_who_bears_it_is_no_part_of_it(said: str, name: str) -> None:
    """Nicknames, "one word", "like a bell" and the relation stand beside the name."""
    assert value(names.read, said, ASKED) == name


def test_a_relation_by_marriage_is_a_relation() -> None:
    readings = names.read(Message.of("i'm ruth and the patient is my mother in law opal dietz"), ASKED)
    assert {reading.slot: reading.value for reading in readings} == {"caller.name": "Ruth", "patient.name": "Opal Dietz"}


def test_behind_a_title_stands_a_name() -> None:
    assert value(names.read, "this is mister oduya, i was told to call", context()) == "Oduya"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("lakshmi 4471", "Lakshmi"),
        ("im priyanka", "Priyanka"),
        ("mark jones", "Mark Jones"),
        ("it's oluwaseun", "Oluwaseun"),
        ("cooper", "Cooper"),
        ("im exhausted", None),
        ("okay sam", None),
        ("toyota avalon", None),
    ],
)
def test_who_writes_when_nothing_was_asked(said: str, name: str | None) -> None:
    """A name and nothing else but figures is the writer's; a car, a state of mind and a person hailed are not."""
    assert value(names.read, said, context()) == name
