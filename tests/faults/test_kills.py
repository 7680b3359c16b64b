"""A short slice of ``scripts/kill_campaign.py``, which kills 200 times."""

import pytest

from tests.faults import killing

KILLS = 10


@pytest.mark.lab("sandbox")
def test_whatever_is_killed_nothing_is_lost_stuck_or_blamed():
    result = killing.run(killing.Campaign(KILLS, seed=5, pause_s=1.5, slow=False))

    assert not result.damage, "\n".join(result.lines())
    assert sum(result.kills.values()) == KILLS
    assert result.counts["resources_promised"] > 0
    assert result.counts["events_promised"] > 0
