"""Every kind's bench, by the key of the kind."""

from collections.abc import Mapping

from tests.pictograph.providers.peers import flickr, google_photos, immich, instagram, mastodon, nextcloud, pixelfed
from tests.pictograph.providers.peers.bench import MakeBench

BENCHES: Mapping[str, MakeBench] = {
    "mastodon": mastodon.bench,
    "pixelfed": pixelfed.bench,
    "immich": immich.bench,
    "nextcloud": nextcloud.bench,
    "flickr": flickr.bench,
    "instagram": instagram.bench,
    "google_photos": google_photos.bench,
}
