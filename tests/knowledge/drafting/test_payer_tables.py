"""Payer lists as clinics write them: other column names, ticks, plans as columns, lists under a heading."""

from __future__ import annotations

from knowledge.drafting.payer_tables import from_list, from_table
from knowledge.payers import Rule, Status


def test_columns_by_other_names_and_cells_in_other_words() -> None:
    found = from_table(
        (
            ("Insurance company", "Product", "Participating?", "PCP referral", "Prior auth?", "Comments"),
            ("Northwind Health (NWH)", "PPO", "Yes", "No", "Not required", "Ask for the blue card"),
            ("", "HMO", "Non-par", "Required", "After 12 visits", ""),
            ("Bluefin", "Medicaid", "Call to verify", "?", "", ""),
        ),
        "list.pdf",
        2,
    )
    assert found is not None
    assert [(row.payer, row.plan_type, row.status, row.referral, row.authorization, row.notes) for row in found.payers] == [
        ("Northwind Health", "PPO", Status.IN_NETWORK, Rule.NO, Rule.NO, "Ask for the blue card"),
        ("Northwind Health", "HMO", Status.OUT_OF_NETWORK, Rule.YES, Rule.YES, "Authorization: After 12 visits"),
        ("Bluefin", "Medicaid", Status.VERIFY, Rule.UNKNOWN, Rule.UNKNOWN, ""),
    ]
    assert found.payers[0].aliases == ("nwh",)
    assert found.payers[0].source == "list.pdf, page 2"


def test_plans_as_columns() -> None:
    found = from_table((("Carrier", "PPO", "HMO"), ("Northwind", "✓", "No"), ("Bluefin", "In network", "")), "list.html", 0)
    assert found is not None
    assert [(row.payer, row.plan_type, row.status) for row in found.payers] == [
        ("Northwind", "PPO", Status.IN_NETWORK),
        ("Northwind", "HMO", Status.NOT_ACCEPTED),
        ("Bluefin", "PPO", Status.IN_NETWORK),
    ]


def test_a_status_nobody_knows_becomes_verify_and_is_told() -> None:
    found = from_table((("Payer", "Type", "Status"), ("Bluefin", "PPO", "see Bob")), "list.csv", 0)
    assert found is not None
    assert found.payers[0].status is Status.VERIFY
    assert "see Bob" in found.unread[0].text


def test_a_price_list_is_no_payer_list() -> None:
    assert from_table((("Service", "Price"), ("Dry needling", "$44")), "list.csv", 0) is None


def test_lists_under_a_heading_that_says_what_they_are() -> None:
    items = [("Northwind (PPO, HMO)", 0), ("Bluefin Medicare Advantage", 0), ("Harbor Mutual", 0)]
    rows = from_list("Insurance plans we accept", items, "page.html")
    assert [(row.payer, row.plan_type, row.status) for row in rows] == [
        ("Northwind", "PPO", Status.IN_NETWORK),
        ("Northwind", "HMO", Status.IN_NETWORK),
        ("Bluefin", "Medicare Advantage", Status.IN_NETWORK),
        ("Harbor Mutual", "", Status.IN_NETWORK),
    ]
    assert {row.status for row in from_list("Plans we do not accept", items, "page.html")} == {Status.NOT_ACCEPTED}
    assert from_list("Please bring", items, "page.html") == []


def test_columns_nobody_thought_of_are_known_by_a_word_in_them_and_others_are_told() -> None:
    found = from_table(
        (
            ("Carrier Name", "Line of Business", "Par Status", "PCP Order/Referral Req'd", "Pre-Auth Req'd", "Provider Rep"),
            ("Bluefin", "All plans", "Participating", "No", "Yes - after visit 6", "Ann"),
        ),
        "list.csv",
        0,
    )
    assert found is not None
    (row,) = found.payers
    assert (row.payer, row.plan_type, row.status, row.referral, row.authorization) == ("Bluefin", "", Status.IN_NETWORK, Rule.NO, Rule.YES)
    assert row.notes == "Authorization: Yes - after visit 6"
    assert [place.text for place in found.unread] == ["Provider Rep"]


def test_not_in_the_network_is_not_yet_refused() -> None:
    """ "In network? No" says no more than that; "accepted? No" does."""
    for header, status in (("In network?", Status.OUT_OF_NETWORK), ("Do we take it?", Status.NOT_ACCEPTED)):
        found = from_table((("Payer", "Plan", header), ("Bluefin", "HMO", "No")), "list.csv", 0)
        assert found is not None
        assert found.payers[0].status is status


def test_a_very_long_table_is_cut_and_the_rest_told() -> None:
    rows = (("Payer", "Status"), *((f"Payer {number}", "Yes") for number in range(3100)))
    found = from_table(rows, "list.csv", 0)
    assert found is not None
    assert len(found.payers) == 3000
    assert "in parts" in found.unread[0].why


def test_a_column_called_plan_alone_names_the_payer() -> None:
    found = from_table((("Plan", "Referral?", "Auth?", "In network?"), ("Bluefin Medicaid", "yes", "after eval", "Y")), "list.md", 0)
    assert found is not None
    assert [(row.payer, row.status, row.referral) for row in found.payers] == [("Bluefin Medicaid", Status.IN_NETWORK, Rule.YES)]


def test_an_entry_that_is_no_name_is_left_in_the_text_and_the_others_are_rows() -> None:
    items = [(text, 0) for text in ("Northwind", "Harbor Mutual", "Bluefin", "Medicare and most Medicare Advantage plans")]
    assert [row.payer for row in from_list("Insurances we accept", items, "page.html")] == ["Northwind", "Harbor Mutual", "Bluefin"]
