"""The jobs that a runtime can be given."""

from __future__ import annotations

import pytest

from cluster.errors import ClusterError
from cluster.runtime import job_script
from cluster.settings import Settings
from cql.kinds import Kind


def test_an_unknown_job_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(ClusterError, match=r"no job 'train'\. The jobs are: .*train_als"):
        job_script(Settings.from_env({"HOME": "/"}), "train")


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_published_by_a_job(kind: Kind) -> None:
    assert job_script(Settings.from_env({"HOME": "/"}), kind.job)
