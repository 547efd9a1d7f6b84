"""Looking after a deployment, on a real one: status, a failed call found in the logs, dead letters, a rotated key."""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from rich.console import Console

from infra.cli.findings import State
from infra.cli.keys import make_key, rotate
from infra.cli.letters import waiting
from infra.cli.logs import Wanted, lines
from infra.cli.redrive import redrive
from infra.cli.status import status
from shared.domain.events import KNOWN, CustomerRef
from shared.domain.keys import KeyKind
from shared.stores.jobs import Job, JobStore, Kind, Request
from tests.e2e.conftest import Running
from tests.e2e.test_privacy import done, eventually

pytestmark = pytest.mark.local

OVERLAP = timedelta(seconds=1)


def test_status_reads_everything_there_is(running: Running) -> None:
    found = list(status(running.deployment))
    assert [each for each in found if each.state is State.UNKNOWN] == []
    ok = {each.name for each in found if each.state is State.OK}
    assert {"api", "stream, archive", "stream, project", "privacy jobs", "alarms", "budget"} <= ok
    (alarms,) = (each for each in found if each.name == "alarms")
    assert alarms.says == "none of 13 rings", "all but the one on trainings, whose schedule is off here"


def test_a_call_that_failed_is_found_in_the_logs_by_what_its_reply_says(running: Running) -> None:
    with running.deployment.api() as api:
        replies = [api.post("/v1/track", json={"event": "x"}) for _ in range(2)]
    wanted = Wanted(datetime.now(UTC) - timedelta(minutes=5), (), replies[0].json()["instance"], "WARNING")
    (line,) = lines(running.deployment, wanted)
    assert (line.function, line.message, line.facts["status"]) == ("ingest", "answered", 400)


def test_a_job_that_was_given_up_is_carried_out_once_it_is_redriven(running: Running) -> None:
    """Its only message is a dead letter, as after eight failures."""
    deployment, now = running.deployment, datetime.now(UTC)
    shopper = CustomerRef(kind=KNOWN, id=f"shopper-{uuid4()}")
    job = JobStore(deployment.table).add(Job(job_id=str(uuid4()), kind=Kind.EXPORT, requested_at=now))
    request = Request(job_id=job.job_id, kind=job.kind, customers=(shopper,), at=now)
    url = deployment.access.queues["privacy failures"]
    deployment.queues.send_message(QueueUrl=url, MessageBody=request.model_dump_json())
    assert waiting(deployment)["privacy failures"] == 1
    with deployment.api() as api:
        assert api.get(f"/v1/exports/{job.job_id}").json()["status"] == "queued"
        assert redrive(deployment, Console(quiet=True))["privacy jobs"].redriven == 1
        eventually(lambda: done(api, f"/v1/exports/{job.job_id}"))
    assert waiting(deployment)["privacy failures"] == 0
    assert redrive(deployment, Console(quiet=True))["privacy jobs"].redriven == 0


def test_a_rotated_key_dies_after_its_overlap_and_the_new_one_opens_the_same(running: Running) -> None:
    old = make_key(running.deployment, KeyKind.SECRET, "to be rotated")
    new = rotate(running.deployment, old, OVERLAP).key
    time.sleep(OVERLAP.total_seconds() + 0.5)
    answers = []
    for key in (old, new):
        with running.deployment.api(key) as api:
            answers.append(api.get("/v1/items").status_code)
    assert answers == [401, 200]
