"""A network to look at, and whoever may look."""

import pytest

from tests.fathom.explore.publishing import Network, make_network


@pytest.fixture
def network(db: None) -> Network:
    """Two people who have published, and one who has not."""
    return make_network()
