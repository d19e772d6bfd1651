"""Every kind of photo service, by its key, in the order they are offered in."""

from collections.abc import Mapping

from pictograph.providers.flickr import Flickr
from pictograph.providers.google_photos import GooglePhotos
from pictograph.providers.immich import Immich
from pictograph.providers.instagram import Instagram
from pictograph.providers.interface import Provider
from pictograph.providers.mastodon import Mastodon
from pictograph.providers.nextcloud import Nextcloud
from pictograph.providers.pixelfed import Pixelfed

KINDS: Mapping[str, type[Provider]] = {
    "mastodon": Mastodon,
    "pixelfed": Pixelfed,
    "immich": Immich,
    "nextcloud": Nextcloud,
    "flickr": Flickr,
    "instagram": Instagram,
    "google_photos": GooglePhotos,
}
