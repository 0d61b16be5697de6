from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.articles import KnowledgeError
from knowledge.payers import Rule, Status, load_payers, vocabulary

HEAD = "payer,aliases,plan_type,status,referral_required,authorization_required,notes\n"


def table(tmp_path: Path, rows: str, head: str = HEAD) -> Path:
    path = tmp_path / "payers.csv"
    path.write_text(head + rows, "utf-8")
    return path


def test_a_row_is_read_with_its_rules(tmp_path: Path) -> None:
    (row,) = load_payers(table(tmp_path, "Acme Care,acme; ACME ppo ,PPO,in_network,yes,,Note\n"))
    assert (row.status, row.referral, row.authorization) == (Status.IN_NETWORK, Rule.YES, Rule.UNKNOWN)
    assert row.aliases == ("acme", "acme ppo")
    assert (row.id, row.source) == ("payer:Acme Care:PPO", "payers.csv, line 2")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("Acme,a,PPO,maybe,no,no,\n", '"status" is "maybe"; write one of in_network'),
        (",a,PPO,verify,no,no,\n", '"payer" is empty'),
        ("Acme,a,PPO,verify,no,no,\nAcme,b,ppo,in_network,no,no,\n", "listed twice"),
    ],
)
def test_a_wrong_row_is_named_with_what_to_fix(tmp_path: Path, rows: str, says: str) -> None:
    with pytest.raises(KnowledgeError, match=says):
        load_payers(table(tmp_path, rows))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="lacks status"):
        load_payers(table(tmp_path, "", "payer,aliases,plan_type,referral_required,authorization_required\n"))


def test_the_readers_get_the_same_names(tmp_path: Path) -> None:
    (payer,) = vocabulary(load_payers(table(tmp_path, "Acme,acme,PPO,verify,no,no,\n")))
    assert (payer.name, payer.aliases, payer.plan_type) == ("Acme", ("acme",), "PPO")
