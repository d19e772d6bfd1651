"""Where every page lives."""

from django.contrib import admin
from django.urls import include, path, register_converter
from django.views.generic import RedirectView

from pictograph.albums import views as albums
from pictograph.archives import views as archives
from pictograph.catalogue import dial
from pictograph.categories import views as categories
from pictograph.connections import service_views as photo_services
from pictograph.connections import views as connections
from pictograph.corrections import question_views as questions
from pictograph.corrections import views as corrections
from pictograph.explaining import views as explaining
from pictograph.export import views as export
from pictograph.lookback import views as lookback
from pictograph.pages import front, full_disk
from pictograph.pages.addresses import CategoryConverter, TokenConverter, YearConverter
from pictograph.people import security
from pictograph.people import views as people
from pictograph.photos import captions, missing, pictures
from pictograph.photos import views as photos
from pictograph.posters import views as posters
from pictograph.publishing import views as publishing
from pictograph.search import views as search
from pictograph.shares import views as shares
from pictograph.similar import views as similar
from pictograph.sources import folder_views as folders
from pictograph.sources import views as sources
from pictograph.treemap import views as treemap

register_converter(CategoryConverter, "category")
register_converter(TokenConverter, "token")
register_converter(YearConverter, "year")

handler500 = full_disk.server_error

urlpatterns = [
    path("", front.home, name="home"),
    path("favicon.ico", front.favicon, name="favicon"),
    path("import/", sources.import_page, name="import"),
    path("import/start/", sources.start, name="import_start"),
    path("import/upload/", sources.upload, name="upload"),
    path("import/arrived/<int:batch_id>/", sources.arrived, name="import_arrived"),
    path("import/report/", sources.report, name="import_report"),
    path("import/pause/", sources.pause, name="import_pause"),
    path("import/go-on/", sources.go_on, name="import_go_on"),
    path("import/cancel/", sources.cancel, name="import_cancel"),
    path("import/settle/", sources.settle, name="import_settle"),
    path("import/retry/", sources.retry, name="import_retry"),
    path("import/clear/", sources.clear, name="import_clear"),
    path("import/archives/", archives.archives, name="archives"),
    path("import/archives/begin/", archives.begin, name="archive_begin"),
    path("import/archives/send/", archives.send, name="archive_send"),
    path("import/archives/upload/", archives.form, name="archive_form"),
    path("import/archives/server/", archives.on_server, name="archives_on_server"),
    path("import/archives/<int:archive_id>/go-on/", archives.go_on, name="archive_go_on"),
    path("import/archives/<int:archive_id>/remove/", archives.remove, name="archive_remove"),
    path("import/folders/", folders.folders, name="folders"),
    path("import/folders/<int:source_id>/", folders.folder, name="folder"),
    path("import/folders/<int:source_id>/scan/", folders.scan_folder, name="folder_scan"),
    path("import/folders/<int:source_id>/settings/", folders.change_folder, name="folder_settings"),
    path("import/folders/<int:source_id>/remove/", folders.remove_folder, name="folder_remove"),
    path("import/services/", photo_services.services, name="photo_services"),
    path("import/services/<int:service_id>/", photo_services.change, name="photo_service"),
    path("import/services/<int:service_id>/remove/", photo_services.remove, name="photo_service_remove"),
    path("connect/", connections.services, name="services"),
    path("connect/<int:service_id>/", connections.start, name="connect"),
    path("connect/<int:service_id>/back/", connections.back, name="consent_back"),
    path("connections/<int:connection_id>/", connections.connection, name="connection"),
    path("connections/<int:connection_id>/sync/", connections.sync_now, name="connection_sync"),
    path("connections/<int:connection_id>/pick/", connections.pick, name="connection_pick"),
    path("connections/<int:connection_id>/settings/", connections.change, name="connection_settings"),
    path("connections/<int:connection_id>/disconnect/", connections.disconnect, name="disconnect"),
    path("photos/", photos.library, name="library"),
    path("photos/missing/", missing.missing_photos, name="missing"),
    path("photos/delete/", photos.delete_photos, name="delete_photos"),
    path("photos/<int:photo_id>/", photos.photo, name="photo"),
    path("photos/<int:photo_id>/<int:size>.webp", pictures.rendition, name="rendition"),
    path("photos/<int:photo_id>/why/<category:wnid>.webp", explaining.why_map, name="why_map"),
    path("photos/<int:photo_id>/similar/", similar.similar, name="similar"),
    path("search/image/", similar.similar_to_image, name="similar_to_image"),
    path("search/image/<token:token>/", similar.similar_image_answer, name="similar_image_answer"),
    path("photos/<int:photo_id>/caption/", captions.caption, name="caption"),
    path("photos/<int:photo_id>/original/", pictures.original, name="original"),
    path("photos/c/", categories.index, name="categories"),
    path("photos/c/unnamed/", categories.unnamed, name="unnamed"),
    path("photos/c/hidden/", categories.hidden_categories, name="hidden_categories"),
    path("photos/c/<category:wnid>/", categories.category, name="category"),
    path("photos/c/<category:wnid>/hide/", categories.hide_category, name="hide_category"),
    path("photos/c/<category:wnid>/cover/", categories.cover, name="cover"),
    path("corrections/questions/", questions.questions, name="questions"),
    path("corrections/questions/stop/", questions.stop_questions, name="questions_stop"),
    path("corrections/questions/<int:question_id>/", questions.answer_question, name="question_answer"),
    path("corrections/questions/<int:question_id>/undo/", questions.take_back_answer, name="question_undo"),
    path("corrections/", corrections.own, name="corrections"),
    path("corrections/say/", corrections.say, name="correct"),
    path("corrections/choices/", corrections.choices, name="correct_choices"),
    path("corrections/<int:correction_id>/undo/", corrections.take_back, name="undo_correction"),
    path("albums/", albums.albums, name="albums"),
    path("albums/add/", albums.add_to_album, name="add_to_album"),
    path("albums/<int:album_id>/", albums.album, name="album"),
    path("albums/<int:album_id>/edit/", albums.edit_album, name="album_edit"),
    path("albums/<int:album_id>/remove/", albums.remove_from_album, name="album_remove"),
    path("albums/<int:album_id>/delete/", albums.delete_album, name="album_delete"),
    path("pictograph/", treemap.poster, name="pictograph"),
    path("pictograph/else/", treemap.rest, name="pictograph_rest"),
    path("pictograph/<category:wnid>/", treemap.poster, name="pictograph_of"),
    path("pictograph/<category:wnid>/else/", treemap.rest, name="pictograph_rest_of"),
    path("publish/", publishing.publish, name="publish"),
    path("publish/as-a-stranger/", publishing.as_stranger, name="as_stranger"),
    path("publish/waiting/", publishing.held, name="held"),
    path("profile/", publishing.profile, name="profile"),
    path("pictograph/image/<slug:size>.<slug:kind>", posters.image, name="image"),
    path("pictograph/<category:wnid>/image/<slug:size>.<slug:kind>", posters.image, name="image_of"),
    path("pictograph/year/<year:year>/", lookback.look_back, name="look_back"),
    path("shares/", shares.shares, name="shares"),
    path("shares/new/", shares.new, name="share_new"),
    path("shares/<int:share_id>/", shares.change, name="share_change"),
    path("shares/<int:share_id>/open/", shares.open_to_others, name="share_open"),
    path("shares/<int:share_id>/revoke/", shares.revoke, name="share_revoke"),
    path("p/<token:token>/", include("pictograph.shares.urls")),
    path("dial/", dial.turn, name="dial"),
    path("accounts/delete/", people.delete_account, name="delete_account"),
    path("accounts/export/", export.export, name="export"),
    path("accounts/prove/", people.prove, name="prove"),
    path("accounts/waiting/", people.waiting, name="waiting"),
    path("accounts/inactive/", people.shut_out, name="account_inactive"),
    path("accounts/invited/<token:invitation>/", people.invited, name="invited"),
    path("accounts/password/set/", security.set_password, name="account_set_password"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/security/", include("pictograph.people.security_urls")),
    # The administration has no sign-in of its own, where guesses would not count.
    path("admin/login/", people.sign_in_to_admin),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/labels/audit/", include("fathom.auditing.urls")),
    path("admin/moderation/", include("fathom.moderation.urls")),
    path("admin/", admin.site.urls),
    path("search/", search.search, name="search"),
    path("search/complete/", search.complete, name="search_complete"),
    path("explore/", include("fathom.urls")),
    path("map/", include("fathom.map.urls")),
    path("notifications/", include("fathom.moderation.own_urls")),
    path("healthz", front.healthz, name="healthz"),
]
