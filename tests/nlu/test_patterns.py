from __future__ import annotations

import pytest

from nlu.patterns import flatten, number_kinds, read_rule


def test_a_rule_keeps_its_tags_and_reads_its_patterns() -> None:
    rule = read_rule({"id": "leg.swollen", "level": "urgent", "any": ["leg ~2 swollen & !both"]})
    assert rule.tags == {"level": "urgent"}
    present, absent = rule.patterns[0].parts
    assert [element.gap for element in present.elements] == [0, 2]
    assert absent.absent


def test_the_most_telling_step_is_the_anchor() -> None:
    assert read_rule({"id": "r", "any": ["my ~1 calf"]}).patterns[0].anchor == {"calf"}


def test_a_class_that_names_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="names itself"):
        flatten("a", {"a": ["<b>"], "b": ["<a>"]}, ())


def test_choices_in_a_class_multiply() -> None:
    assert flatten("a", {"a": ["lost|no feeling"]}, ()) == [("lost", "feeling"), ("no", "feeling")]


@pytest.mark.parametrize(("word", "kind"), [("2019", "#year"), ("101.2", "#fever"), ("39", "#celsius"), ("07", "#0y")])
def test_numbers_have_kinds(word: str, kind: str) -> None:
    assert kind in number_kinds(word)
