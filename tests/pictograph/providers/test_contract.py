"""What holds of every kind of photo service."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.utils import timezone

from pictograph.fetching.client import Http
from pictograph.fetching.errors import (
    AuthExpired,
    ConsentDenied,
    Gone,
    ProtocolError,
    RateLimited,
    ScopeMissing,
    ServiceError,
    Transient,
)
from pictograph.providers.interface import SignIn
from pictograph.providers.kinds import KINDS
from tests.pictograph.providers.conftest import Trial
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.benches import BENCHES
from tests.pictograph.providers.peers.server import Answered, Fault


def test_every_kind_has_a_bench() -> None:
    assert set(BENCHES) == set(KINDS)
    assert len({kind.capabilities.name for kind in KINDS.values()}) == len(KINDS)


def test_signing_in_gives_credentials_that_are_taken(trial: Trial) -> None:
    credentials = trial.bench.sign_in(trial.provider, CALLBACK)
    if credentials is None:
        assert trial.provider.capabilities.sign_in is SignIn.KEY
        return
    assert credentials.access
    assert credentials.expires_at is None or credentials.expires_at > timezone.now()
    assert trial.provider.identify(credentials) == trial.provider.identify(trial.credentials)


def test_no_two_consents_are_the_same_and_each_has_its_state(trial: Trial) -> None:
    if trial.provider.capabilities.sign_in is not SignIn.OAUTH2:
        return
    first, second = (trial.provider.ask_consent(CALLBACK, state) for state in ("state-1", "state-2"))
    assert "state-1" in unquote(first.url)
    assert "state-2" in unquote(second.url)
    if secret := first.keeps.get("verifier"):
        assert secret != second.keeps["verifier"]
        assert secret not in first.url
        assert secret not in repr(first)


def test_an_answer_to_another_consent_is_refused(trial: Trial) -> None:
    if trial.provider.capabilities.sign_in is not SignIn.OAUTH2:
        return
    first, second = (trial.provider.ask_consent(CALLBACK, state) for state in ("state-1", "state-2"))
    answer = trial.bench.visit(first.url)
    assert answer is not None
    if "verifier" in first.keeps:
        with pytest.raises(ConsentDenied):
            trial.provider.take_answer(CALLBACK, answer, second.keeps)
        with pytest.raises(ConsentDenied):
            trial.provider.take_answer(CALLBACK, answer, {})


def test_a_code_is_good_only_once(trial: Trial) -> None:
    if trial.provider.capabilities.sign_in is not SignIn.OAUTH2:
        return
    consent = trial.provider.ask_consent(CALLBACK, "state")
    answer = trial.bench.visit(consent.url)
    assert answer is not None
    trial.provider.take_answer(CALLBACK, answer, consent.keeps)
    with pytest.raises(ConsentDenied):
        trial.provider.take_answer(CALLBACK, answer, consent.keeps)


def test_a_person_can_refuse(trial: Trial) -> None:
    if trial.provider.capabilities.sign_in is SignIn.KEY:
        return
    consent = trial.provider.ask_consent(CALLBACK, "state")
    answer = trial.bench.visit(consent.url, is_granted=False)
    assert answer is not None
    with pytest.raises(ConsentDenied):
        trial.provider.take_answer(CALLBACK, answer, consent.keeps)


def test_an_empty_answer_is_a_refusal(trial: Trial) -> None:
    if trial.provider.capabilities.sign_in is SignIn.KEY:
        return
    consent = trial.provider.ask_consent(CALLBACK, "state")
    with pytest.raises(ConsentDenied):
        trial.provider.take_answer(CALLBACK, {"state": "state"}, consent.keeps)


def test_less_than_is_needed_is_not_enough(trial: Trial) -> None:
    if trial.bench.narrow():
        with pytest.raises(ScopeMissing):
            trial.bench.sign_in(trial.provider, CALLBACK)


def test_an_account_is_the_same_each_time(trial: Trial) -> None:
    identity = trial.provider.identify(trial.credentials)
    assert identity.remote_id
    assert identity.name
    assert trial.provider.identify(trial.credentials) == identity


def test_all_photos_are_listed_once_and_the_newest_first(trial: Trial) -> None:
    pages = trial.pages()
    assert len(pages) > 1, "an account of more than a page"
    refs = [photo.ref for page in pages for photo in page.items]
    expected = [photo.ref for photo in trial.bench.photos]
    if trial.bench.is_newest_first:
        assert refs == expected
    assert sorted(refs) == sorted(expected)
    assert all(page.retry_at is None or page.retry_at.tzinfo for page in pages)


def test_a_photo_is_told_of_in_full_or_not_at_all(trial: Trial) -> None:
    for photo in trial.photos():
        assert photo.ref
        assert photo.name
        assert len(photo.ref) <= 255
        assert len(photo.name) <= 255
        assert photo.posted_at is None or photo.posted_at.tzinfo
        assert photo.media_url not in repr(photo) or not photo.media_url


def test_a_listing_can_go_on_from_any_page_in_another_process(trial: Trial) -> None:
    pages = trial.pages()
    again = trial.bench.provider(Http(private_servers=[trial.bench.peer.address]))
    assert again.list_photos(trial.credentials, trial.bench.wanted(), pages[0].next_cursor).items == pages[1].items


def test_what_is_new_since_is_listed(trial: Trial) -> None:
    first = trial.pages()[0]
    if not first.since:
        return
    before = {photo.ref for photo in trial.bench.photos}
    trial.bench.add(3)
    refs = [photo.ref for photo in trial.photos(first.since)]
    new = {photo.ref for photo in trial.bench.photos} - before
    assert new <= set(refs)
    assert len(refs) == len(set(refs))
    assert len(refs) < len(before)


def test_where_nothing_is_new_the_next_pull_asks_from_the_same_place(trial: Trial) -> None:
    since = trial.pages()[0].since
    if not since:
        return
    again = trial.pages(since)
    assert len(again) == 1
    assert bool(again[0].since) == bool(since)
    trial.bench.add(1)
    assert trial.bench.photos[0].ref in {photo.ref for photo in trial.photos(again[0].since)}


def test_a_photo_told_of_anew_is_as_it_was_listed(trial: Trial) -> None:
    listed = trial.photos()
    for photo in (listed[0], listed[-1]):
        anew = trial.provider.refresh_media(trial.credentials, photo.ref)
        assert (anew.ref, anew.name, anew.version) == (photo.ref, photo.name, photo.version)
        assert trial.read(anew) == trial.read(photo)


def test_a_picture_arrives_byte_for_byte(trial: Trial) -> None:
    contents = {photo.ref: photo.content for photo in trial.bench.photos}
    for photo in trial.photos()[:5]:
        assert trial.read(photo) == contents[photo.ref]


def test_a_photo_deleted_there_is_gone(trial: Trial) -> None:
    ref = trial.bench.photos[3].ref
    trial.bench.remove(ref)
    assert ref not in {photo.ref for photo in trial.photos()}
    with pytest.raises(Gone):
        trial.provider.refresh_media(trial.credentials, ref)


def test_a_picture_that_was_changed_has_another_version(trial: Trial) -> None:
    if not trial.bench.replaces_pictures:
        return
    before = {photo.ref: photo.version for photo in trial.photos()}
    changed, same = trial.bench.photos[2].ref, trial.bench.photos[-1].ref
    trial.bench.change(changed)
    after = {photo.ref: photo for photo in trial.photos()}
    assert after[changed].version != before[changed]
    assert after[same].version == before[same]
    content = next(photo.content for photo in trial.bench.photos if photo.ref == changed)
    assert trial.read(after[changed]) == content


def test_whatever_says_that_a_token_is_not_taken_means_signing_in_again(trial: Trial) -> None:
    calls = trial.calls()
    for refusal in trial.bench.refusals:
        trial.bench.peer.faults[:] = [Fault(answer=refusal)]
        for call in calls.values():
            with pytest.raises(AuthExpired):
                call()


def test_a_token_that_has_expired_means_signing_in_again(trial: Trial) -> None:
    calls = trial.calls()
    trial.bench.expire()
    for call in calls.values():
        with pytest.raises(AuthExpired):
            call()


def test_whoever_asks_too_often_is_told_when_to_come_back(trial: Trial) -> None:
    calls = trial.calls()
    trial.bench.storm(90)
    for call in calls.values():
        with pytest.raises(RateLimited) as raised:
            call()
        assert raised.value.retry_at.tzinfo
        wait = raised.value.retry_at - timezone.now()
        assert timedelta(seconds=80) < wait < timedelta(seconds=100)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_their_trouble_passes(trial: Trial, status: int) -> None:
    calls = trial.calls()
    trial.bench.peer.faults[:] = [Fault(answer=Answered(status, b"<h1>Trouble</h1>", {"Content-Type": "text/html"}))]
    for call in calls.values():
        with pytest.raises(Transient):
            call()
    with pytest.raises(Transient):
        trial.provider.test(CALLBACK)


def test_a_picture_that_is_not_there_is_gone(trial: Trial) -> None:
    photo = trial.photos()[0]
    trial.bench.peer.faults[:] = [Fault(trial.bench.media_path, answer=Answered(404))]
    with pytest.raises(Gone):
        trial.read(photo)


def test_a_picture_that_is_cut_short_is_an_error_in_the_midst_of_it(trial: Trial) -> None:
    photo = trial.photos()[0]
    for cut_after in (0, 1, 100):
        trial.bench.peer.faults[:] = [Fault(trial.bench.media_path, cut_after=cut_after)]
        with pytest.raises(Transient):
            trial.read(photo)


def test_an_answer_that_is_cut_short_is_an_error(trial: Trial) -> None:
    calls = trial.calls()
    for cut_after in (0, 1, 40):
        trial.bench.peer.faults[:] = [Fault(cut_after=cut_after)]
        for call in calls.values():
            with pytest.raises(Transient):
                call()


def test_another_kind_of_server_is_told_apart(trial: Trial) -> None:
    trial.provider.test(CALLBACK)
    for answer in (Answered(404), Answered(200, b"<!doctype html><h1>Welcome to nginx!</h1>"), Answered.of({})):
        trial.bench.peer.faults[:] = [Fault(answer=answer)]
        with pytest.raises(ServiceError):
            trial.provider.test(CALLBACK)


def test_a_client_is_registered_where_servers_take_that(trial: Trial) -> None:
    if not trial.provider.capabilities.registers_itself:
        with pytest.raises(ProtocolError):
            trial.provider.register_client(CALLBACK)
        return
    trial.bench.client = trial.provider.register_client(CALLBACK)
    assert trial.bench.client.secret not in repr(trial.bench.client)
    provider = trial.bench.provider(Http(private_servers=[trial.bench.peer.address]))
    credentials = trial.bench.sign_in(provider, CALLBACK)
    assert credentials is not None
    assert provider.identify(credentials) == trial.provider.identify(trial.credentials)


def test_refreshing_gives_credentials_that_are_taken(trial: Trial) -> None:
    identity = trial.provider.identify(trial.credentials)  # some take no earlier token once there is a new one
    if not trial.credentials.refresh:
        bare = replace(trial.credentials, refresh="")
        try:
            anew = trial.provider.refresh(bare)
        except AuthExpired:
            return
    else:
        anew = trial.provider.refresh(trial.credentials)
    assert trial.provider.identify(anew) == identity
    assert anew.expires_at is None or anew.expires_at > timezone.now()


def test_revoking_asks_the_service_where_it_can_forget(trial: Trial) -> None:
    asked = len(trial.bench.peer.asked)
    trial.provider.revoke(trial.credentials)
    assert (len(trial.bench.peer.asked) > asked) == trial.provider.capabilities.can_forget


def test_revoking_can_be_done_twice_and_where_it_cannot_be_done(trial: Trial) -> None:
    trial.provider.revoke(trial.credentials)
    trial.provider.revoke(trial.credentials)
    trial.bench.peer.faults[:] = [Fault(answer=Answered(404))]
    trial.provider.revoke(trial.credentials)


def test_no_credential_is_told_by_an_error(trial: Trial) -> None:
    bench, credentials = trial.bench, trial.credentials
    secrets = {credentials.access, credentials.refresh, credentials.secret, bench.client.secret} - {""}
    echo = " ".join(secrets)
    told = [repr(credentials), repr(bench.client)]
    calls = trial.calls() | {"refresh": lambda: trial.provider.refresh(credentials)}
    for status in (200, 302, 400, 401, 403, 404, 418, 422, 429, 500):
        for body in (echo.encode(), Answered.of({"error": echo, "message": echo}).body):
            bench.peer.faults[:] = [Fault(answer=Answered(status, body, {"Content-Type": "application/json"}))]
            for name, call in calls.items():
                if (status, name) == (200, "open_media"):  # whatever comes is the picture
                    continue
                with pytest.raises(ServiceError) as raised:
                    call()
                error: BaseException | None = raised.value
                while error is not None:
                    told += [str(error), repr(error), repr(error.__dict__)]
                    error = error.__cause__ or error.__context__
    assert not [text for text in told if any(secret in text for secret in secrets)]
