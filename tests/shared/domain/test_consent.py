"""Consent: the latest word counts, in whatever order the words come."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.consent import Decision, Policy, Purpose, latest

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
decisions = st.builds(
    Decision,
    purpose=st.sampled_from(Purpose),
    granted=st.booleans(),
    version=st.sampled_from(["1", "2"]),
    time=st.integers(0, 3).map(lambda n: NOON + timedelta(hours=n)),
    source=st.just("banner"),
)


def decided(purpose: Purpose, granted: bool, hours: int = 0) -> Decision:
    return Decision(purpose=purpose, granted=granted, version="1", time=NOON + timedelta(hours=hours), source="banner")


@given(st.lists(decisions, max_size=4))
def test_the_order_of_arrival_does_not_matter(said: list[Decision]) -> None:
    outcomes = [{purpose: each.granted for purpose, each in latest(order).items()} for order in permutations(said)]
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_no_goes_before_yes_at_one_time() -> None:
    yes, no = decided(Purpose.ANALYTICS, True), decided(Purpose.ANALYTICS, False)
    assert latest([no, yes]) == {Purpose.ANALYTICS: no}
    assert latest([no, decided(Purpose.ANALYTICS, True, 1)])[Purpose.ANALYTICS].granted


@pytest.mark.parametrize(("unasked", "allowed"), [("granted", True), ("denied", False)])
def test_who_was_not_asked_is_the_shops_decision_except_for_marketing(unasked: str, allowed: bool) -> None:
    policy = Policy.model_validate({"unasked": unasked})
    assert policy.allows({}, Purpose.ANALYTICS) == policy.allows({}, Purpose.PERSONALISATION) == allowed
    assert not policy.allows({}, Purpose.MARKETING)
    assert policy.allows(latest([decided(Purpose.MARKETING, True)]), Purpose.MARKETING)
    assert not policy.allows(latest([decided(Purpose.ANALYTICS, False)]), Purpose.ANALYTICS)


def test_a_policy_that_is_misspelt_is_refused() -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate({"unasked": "yes"})
