"""Set it up in a folder, and serve."""

import os
import sys

from cheroot import wsgi

from tests.pictograph.providers.peers.toolkit.clients import CALLBACK, CONFIDENTIAL, OTHER, PASSWORD, PERSON, PUBLIC

os.environ["TOOLKIT_FOLDER"] = sys.argv[1]
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.pictograph.providers.peers.toolkit.settings"
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback


def main() -> None:
    """Make its tables, its clients and a person; then serve on a free port, which is said."""
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    call_command("migrate", run_syncdb=True, verbosity=0)
    from django.contrib.auth import get_user_model
    from oauth2_provider.models import get_application_model

    get_user_model().objects.create_user(PERSON, password=PASSWORD)
    for client in (CONFIDENTIAL, OTHER, PUBLIC):
        get_application_model().objects.create(
            name=client.id,
            client_id=client.id,
            client_secret=client.secret,
            client_type="confidential" if client.secret else "public",
            authorization_grant_type="authorization-code",
            redirect_uris=CALLBACK,
        )
    server = wsgi.Server(("127.0.0.1", 0), application, numthreads=4)
    server.prepare()
    print(server.bind_addr[1], flush=True)
    server.serve()


main()
