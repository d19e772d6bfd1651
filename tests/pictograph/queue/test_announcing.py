"""Messages to the workers: never waited for, never piled up, never half written."""

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from kombu import Connection
from pytest_django import Settings

from pictograph.queue import announcing
from pictograph.queue.announcing import announce
from pictograph.queue.claims import announce_work
from pictograph.queue.tasks import announce_free_photos, sweep
from tests.factories import PhotoFactory
from tests.services import AMQP_URL, REDIS_URL, require_service


@pytest.fixture(autouse=True)
def _not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "_silent_until", 0.0)


@pytest.fixture(params=["filesystem", "redis", "rabbitmq"])
def broker(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Connection]:
    """A broker of each kind that is there, for messages of this test's alone."""
    if request.param == "redis":
        require_service("Redis", "127.0.0.1", 6379)
    if request.param == "rabbitmq":
        require_service("RabbitMQ", "127.0.0.1", 5672)
    options = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path / "c")}
    url = {"filesystem": "filesystem://localhost", "redis": REDIS_URL, "rabbitmq": AMQP_URL}[request.param]
    connection = Connection(url, transport_options=options if request.param == "filesystem" else {"max_retries": 0})
    monkeypatch.setattr(current_app, "connection_for_write", connection.clone)
    monkeypatch.setattr(current_app, "send_task", partial(current_app.send_task, connection=connection, queue=QUEUE))
    with connection:
        yield connection
        channel: Any = connection.default_channel
        channel.queue_delete(QUEUE)


QUEUE = "test_announcing"


def comes_to_wait(broker: Connection, messages: int) -> bool:
    """Whether so many messages wait, by now or soon: RabbitMQ takes its time to count them."""
    deadline = time.monotonic() + 10
    channel: Any = broker.default_channel
    while (count := channel.queue_declare(QUEUE, passive=True).message_count) != messages:
        if time.monotonic() > deadline:
            pytest.fail(f"{count} messages wait")
        time.sleep(0.02)
    return True


def test_a_sweep_leaves_one_message_where_many_waited(broker: Connection) -> None:
    for _ in range(5):
        announce("classifier.tasks.classify_pending")
    assert comes_to_wait(broker, 5)
    announce("classifier.tasks.classify_pending", in_place_of=QUEUE)
    assert comes_to_wait(broker, 1)


def test_the_sweep_announces_in_the_place_of_what_waits(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr("pictograph.queue.tasks.announce", lambda task, in_place_of: said.append(in_place_of))
    announce_free_photos()
    PhotoFactory()
    announce_free_photos()
    assert said == ["classify"]


@pytest.mark.parametrize("url", ["amqp://guest:guest@127.0.0.1:9//", "redis://127.0.0.1:9/0"])
def test_nobody_waits_for_a_broker_that_is_away(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[Connection] = []

    def connect(*_: object, **__: object) -> Connection:
        tries.append(Connection(url, transport_options=current_app.conf.broker_transport_options, connect_timeout=4))
        return tries[-1]

    send_task = current_app.send_task
    monkeypatch.setattr(
        current_app, "send_task", lambda task, **options: send_task(task, **{**options, "connection": connect()})
    )
    began = time.monotonic()
    for _ in range(100):
        announce_work()
    assert len(tries) == 1
    assert time.monotonic() - began < 3, "each of these tries took six seconds when it was made again and again"
    assert "the next sweep finds the work" in caplog.text


def test_a_broker_that_refuses_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(Exception):
        """What a broker's own library raises for a wrong password."""

    def refuse(*_: object, **__: object) -> None:
        raise Refused

    monkeypatch.setattr(current_app, "send_task", refuse)
    announce_work()


def be_killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_message_in_a_folder_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pictograph.celery  # noqa: F401  # which makes it the transport for filesystem:

    options = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path / "c")}
    with Connection("filesystem://localhost", transport_options=options) as connection:
        queue = connection.SimpleQueue(QUEUE)
        (tmp_path / f"0_cut-short.{QUEUE}.msg").touch()
        queue.put("whole")
        with monkeypatch.context() as patch:
            patch.setattr("os.replace", be_killed)
            with pytest.raises(KeyboardInterrupt):
                queue.put("killed while it was written")
        assert queue.get(timeout=5).payload == "whole"
        with pytest.raises(queue.Empty):
            queue.get_nowait()


def test_what_a_process_was_killed_over_is_swept_once_it_is_old(
    db: None, tmp_path: Path, settings: Settings, celery_messages: list[str]
) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    half, whole = (tmp_path / f"0_message.{QUEUE}.msg{ending}" for ending in (".part", ""))
    for file in (half, whole):
        file.touch()
    sweep()
    assert half.exists()
    for file in (half, whole):
        os.utime(file, (0, 0))
    sweep()
    assert not half.exists()
    assert whole.exists()
