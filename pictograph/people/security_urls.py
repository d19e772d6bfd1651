"""Where the pages of the second step live: allauth's addresses, some of them answered by views of our own."""

from django.urls import include, path
from django.views.generic import RedirectView

from pictograph.people import security

urlpatterns = [
    path("", security.security, name="mfa_index"),
    path("totp/activate/", security.SetUpApp.as_view(), name="mfa_activate_totp"),
    path("recovery-codes/", security.recovery_codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/generate/", security.MakeCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("recovery-codes/download/", security.recovery_codes_file, name="mfa_download_recovery_codes"),
    path("webauthn/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),  # all are on one page
    path("webauthn/add/", security.add_passkey, name="mfa_add_webauthn"),
    path("webauthn/login/", security.sign_in_by_passkey, name="mfa_login_webauthn"),
    path("webauthn/keys/<int:pk>/remove/", security.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("webauthn/reauthenticate/", security.ProveByPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("", include("allauth.mfa.urls")),
]
