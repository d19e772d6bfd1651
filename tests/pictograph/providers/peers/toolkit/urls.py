"""Its addresses: the consent and the tokens are the toolkit's; an account is told to whoever's token allows it."""

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from oauth2_provider.decorators import protected_resource
from oauth2_provider.urls import metadata_urlpatterns
from oauth2_provider.views import AuthorizationView, RevokeTokenView, TokenView


def instance(request: HttpRequest) -> JsonResponse:
    """What the server is."""
    return JsonResponse({"domain": request.get_host(), "version": "4.3.0"})


@protected_resource(scopes=["read:accounts"], advertise_metadata=True)  # else it answers 403 to everything
def account(request: HttpRequest) -> JsonResponse:
    """Whose token it is."""
    return JsonResponse({"id": str(request.resource_owner.pk), "username": request.resource_owner.username})  # type: ignore[attr-defined]


toolkit = [
    path("oauth/authorize", AuthorizationView.as_view(), name="authorize"),
    path("oauth/token", TokenView.as_view(), name="token"),
    path("oauth/revoke", RevokeTokenView.as_view(), name="revoke-token"),
    *metadata_urlpatterns,
]
urlpatterns = [
    path("", include((toolkit, "oauth2_provider"))),
    path("login", LoginView.as_view()),
    path("api/v2/instance", instance),
    path("api/v1/accounts/verify_credentials", account),
]
