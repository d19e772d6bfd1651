"""An account's photos by way of its pages, one after the other."""

from pictograph.providers.interface import Credentials, Page, Provider, RemotePhoto, Wanted

MOST_PAGES = 200


def pages_of(
    provider: Provider, credentials: Credentials, wanted: Wanted = Wanted(), cursor: str = "", since: str = ""
) -> list[Page]:
    """All pages, from a cursor on."""
    pages: list[Page] = []
    for _ in range(MOST_PAGES):
        pages.append(provider.list_photos(credentials, wanted, cursor, since))
        cursor = pages[-1].next_cursor
        if not cursor:
            return pages
    raise AssertionError("The pages do not end")


def photos_of(
    provider: Provider, credentials: Credentials, wanted: Wanted = Wanted(), cursor: str = "", since: str = ""
) -> list[RemotePhoto]:
    """All photos of these pages."""
    return [photo for page in pages_of(provider, credentials, wanted, cursor, since) for photo in page.items]


def refs_of(
    provider: Provider, credentials: Credentials, wanted: Wanted = Wanted(), cursor: str = "", since: str = ""
) -> list[str]:
    """Their refs."""
    return [photo.ref for photo in photos_of(provider, credentials, wanted, cursor, since)]
