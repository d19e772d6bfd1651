"""The admin: what moderators and operators look up, each page defined in its room."""

from django.contrib import admin

import pictograph.albums.admin
import pictograph.archives.admin
import pictograph.audit.admin
import pictograph.catalogue.admin
import pictograph.categories.admin
import pictograph.connections.admin
import pictograph.corrections.admin
import pictograph.people.admin
import pictograph.people.newcomers_admin
import pictograph.photos.admin
import pictograph.places.admin
import pictograph.queue.admin
import pictograph.shares.admin
import pictograph.sources.admin  # noqa: F401 - each registers its pages

admin.site.site_header = admin.site.site_title = "Pictograph & Fathom"
