"""The page where people take everything with them."""

from contextlib import ExitStack

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from pictograph.export.contents import archive
from pictograph.export.names import plain_name
from pictograph.export.readme import readme
from pictograph.export.streaming import Streamed
from pictograph.people.accounts import signed_in
from pictograph.people.models import User
from pictograph.people.proving import has_way, is_proved, proof_address
from pictograph.queue.long_work import Lease


@login_required
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """Say what there is, have the person prove that it is them, then send it all; one archive of theirs at a time."""
    user = signed_in(request)
    proof = "" if is_proved(request) else proof_address(user, reverse("export"))
    if request.method == "POST":
        if proof:
            return redirect(proof)
        if streamed := _begun(user):
            return _download(user, streamed)
    counted = user.photos.aggregate(photos=Count("pk"), size=Sum("size_bytes"))
    context = {"proof": proof, "has_way": has_way(user), "is_under_way": request.method == "POST", **counted}
    return render(request, "export/export.html", context, status=409 if request.method == "POST" else 200)


def _begun(user: User) -> Streamed | None:
    """The archive of a person, not a byte of it made yet; None while another one is being sent."""
    at_end = ExitStack()
    lease = at_end.enter_context(Lease.of(f"export {user.pk}"))
    if lease is None:
        at_end.close()
        return None
    return Streamed(archive(user, readme(user), get_language() or "en"), lease, at_end)


def _download(user: User, streamed: Streamed) -> HttpResponse | StreamingHttpResponse:
    response = StreamingHttpResponse(streamed, content_type="application/zip")
    name = plain_name(f"pictograph-{user.username}-{timezone.localdate():%Y-%m-%d}.zip")
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Content-Encoding"] = "identity"  # packing it again would gain nothing
    return response
