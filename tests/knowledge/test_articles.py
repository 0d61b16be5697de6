from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.articles import Article, KnowledgeError, load_articles


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "articles.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_an_article_is_read_with_its_dates_and_source(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '{"id": "towels", "question": "Do you have towels?", "answer": "Bring one.", "tags": ["towel"], "effective": "2026-01-02", "source": "web"}',
        "",
    )
    (article,) = load_articles(path)
    assert article == Article("towels", "Do you have towels?", "Bring one.", tags=("towel",), source="web", effective=date(2026, 1, 2))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{oops", "not valid JSON"),
        ("[]", "expected an object"),
        ('{"id": "a", "question": "q"}', '"answer" is missing'),
        ('{"id": "a", "question": "q", "answer": "b", "tags": "x"}', '"tags" must be a list'),
        ('{"id": "a", "question": "q", "answer": "b", "effective": "1/2/2026"}', "YYYY-MM-DD"),
        ('{"id": "a", "question": "q", "answer": "b", "effective": "2026-02-01", "expires": "2026-01-01"}', '"expires" is before'),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_what_to_fix(tmp_path: Path, line: str, says: str) -> None:
    path = written(tmp_path, '{"id": "first", "question": "q", "answer": "a"}', line)
    with pytest.raises(KnowledgeError) as error:
        load_articles(path)
    assert says in str(error.value)
    assert f"{path}, line 2" in str(error.value)


def test_an_id_may_be_used_once(tmp_path: Path) -> None:
    path = written(tmp_path, *['{"id": "a", "question": "q", "answer": "b"}'] * 2)
    with pytest.raises(KnowledgeError, match="used in line 1"):
        load_articles(path)


def test_an_article_holds_from_its_first_to_its_last_day() -> None:
    article = Article("a", "q", "b", effective=date(2026, 3, 1), expires=date(2026, 3, 31))
    assert [article.current(date(2026, month, day)) for month, day in ((2, 28), (3, 1), (3, 31), (4, 1))] == [False, True, True, False]
