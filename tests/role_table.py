"""Whom each address lets in, and who may do what with the rows of each table; held to by `tests/test_roles.py`.

A letter for each role: i let in, s asked to sign in, p asked to prove who one is first, w told that the account waits,
r refused, n nothing there, m not asked by this method. Nothing is sent along: what is let in may answer that something
is missing.
"""

ROLES = ("visitor", "owner", "other", "waiting", "suspended", "moderator", "operator", "administrator", "superuser")
STAFF = ROLES[5:]

# To be read, to be sent a form, and the addresses for which that holds.
PAGES = """
iiiwiiiii mmmwmmmmm
    / connect/ connect/<int:service_id>/back/ p/<token:token>/photos/ p/<token:token>/c/<category:wnid>/
    p/<token:token>/pictograph/else/ p/<token:token>/pictograph/<category:wnid>/
    p/<token:token>/pictograph/<category:wnid>/else/ p/<token:token>/image/<slug:size>.<slug:kind>
    p/<token:token>/pictograph/<category:wnid>/image/<slug:size>.<slug:kind> p/<token:token>/card.<slug:kind>
    accounts/invited/<token:invitation>/ search/ search/complete/ explore/ explore/people/
    explore/people/<handle:handle>/ explore/photos/ explore/c/<category:wnid>/ explore/pictograph/
    explore/pictograph/else/ explore/pictograph/<category:wnid>/
    explore/pictograph/image/<slug:size>.<slug:kind>
    explore/pictograph/<category:wnid>/image/<slug:size>.<slug:kind> explore/pictograph/<category:wnid>/else/
    explore/map/ explore/map/<category:wnid>/ explore/people/<handle:handle>/photos/
    explore/people/<handle:handle>/c/<category:wnid>/ explore/people/<handle:handle>/pictograph/
    explore/people/<handle:handle>/pictograph/else/
    explore/people/<handle:handle>/pictograph/image/<slug:size>.<slug:kind>
    explore/people/<handle:handle>/pictograph/<category:wnid>/image/<slug:size>.<slug:kind>
    explore/people/<handle:handle>/pictograph/<category:wnid>/
    explore/people/<handle:handle>/pictograph/<category:wnid>/else/ explore/report/sent/
    explore/compare/handles/ explore/compare/<handle:first>/<handle:second>/

iiiiiiiii mmmmmmmmm
    favicon.ico accounts/inactive/ accounts/confirm-email/ accounts/password/reset/key/done/
    accounts/password/reset/done/ healthz

siiwsiiii smmwsmmmm
    import/ import/archives/ photos/ photos/missing/ photos/c/ photos/c/unnamed/ photos/c/hidden/
    photos/c/<category:wnid>/ corrections/questions/ corrections/ corrections/choices/ albums/ pictograph/else/
    pictograph/<category:wnid>/else/ publish/as-a-stranger/ publish/waiting/ shares/ accounts/security/
    explore/compare/you/ map/ notifications/

siiwsiiii siiwsiiii
    import/start/ pictograph/ pictograph/<category:wnid>/ publish/ profile/ shares/new/
    accounts/login/code/confirm/ accounts/security/webauthn/add/

mmmwmmmmm siiwsiiii
    import/upload/ import/archives/begin/

snnwsnnnn mmmwmmmmm
    import/arrived/<int:batch_id>/

mmmwmmmmm snnwsnnnn
    import/report/ import/archives/send/

smmwsmmmm siiwsiiii
    import/pause/ import/go-on/ import/cancel/ import/settle/ import/retry/ import/clear/
    import/archives/upload/ photos/delete/ photos/c/<category:wnid>/hide/ photos/c/<category:wnid>/cover/
    corrections/questions/stop/ corrections/questions/<int:question_id>/ corrections/say/ albums/add/ dial/

srrwsrrri srrwsrrri
    import/archives/server/ import/folders/

smmwsmmmm sinwsnnnn
    import/archives/<int:archive_id>/go-on/ import/archives/<int:archive_id>/remove/
    connections/<int:connection_id>/sync/ photos/<int:photo_id>/caption/
    corrections/questions/<int:question_id>/undo/ corrections/<int:correction_id>/undo/
    albums/<int:album_id>/remove/ albums/<int:album_id>/delete/ shares/<int:share_id>/open/
    shares/<int:share_id>/revoke/

srrwsrrrn smmwsmmmm
    import/folders/<int:source_id>/

smmwsmmmm srrwsrrrn
    import/folders/<int:source_id>/scan/

srrwsrrrn srrwsrrrn
    import/folders/<int:source_id>/settings/ import/folders/<int:source_id>/remove/

srrwsriii srrwsriii
    import/services/ import/services/<int:service_id>/ admin/labels/audit/groups/new/
    admin/labels/audit/groups/<int:group_id>/ admin/labels/audit/groups/<int:group_id>/delete/

smmwsmmmm srrwsriii
    import/services/<int:service_id>/remove/

iiiwiiiii iiiwiiiii
    connect/<int:service_id>/ search/image/ p/<token:token>/ p/<token:token>/pictograph/ accounts/signup/
    accounts/security/webauthn/ admin/password_change/

sinwsnnnn smmwsmmmm
    connections/<int:connection_id>/ albums/<int:album_id>/ pictograph/image/<slug:size>.<slug:kind>
    pictograph/<category:wnid>/image/<slug:size>.<slug:kind> pictograph/year/<year:year>/ map/about/<str:about>/
    map/town/<int:town>/

smmwsmmmm snnwsnnnn
    connections/<int:connection_id>/pick/

sinwsnnnn sinwsnnnn
    connections/<int:connection_id>/settings/ connections/<int:connection_id>/disconnect/
    albums/<int:album_id>/edit/ shares/<int:share_id>/

sinwsnnnn mmmwmmmmm
    photos/<int:photo_id>/ photos/<int:photo_id>/similar/

ninwnnnnn mmmwmmmmm
    photos/<int:photo_id>/<int:size>.webp

nnnwnnnnn mmmwmmmmm
    photos/<int:photo_id>/why/<category:wnid>.webp search/image/<token:token>/
    p/<token:token>/photos/<int:photo_id>/ p/<token:token>/photos/<int:photo_id>/<int:size>.webp

snnwsnnnn smmwsmmmm
    photos/<int:photo_id>/original/ accounts/security/recovery-codes/

siiisiiii spppspppp
    accounts/delete/ accounts/export/

siiisiiii smmmsmmmm
    accounts/prove/ accounts/waiting/

spppspppp spppspppp
    accounts/password/set/ accounts/security/webauthn/reauthenticate/ accounts/security/reauthenticate/

iiiiiiiii iiiiiiiii
    accounts/login/ accounts/logout/ accounts/password/reset/ accounts/password/reset/key/1-abc/
    notifications/appeal/<str:signed>/

siiisiiii siiisiiii
    accounts/reauthenticate/ accounts/email/ accounts/password/change/ accounts/security/authenticate/

iiiiiiiii nnnnnnnnn
    accounts/confirm-email/abc:def/

pppwppppp pppwppppp
    accounts/security/totp/activate/ accounts/security/recovery-codes/generate/
    accounts/security/webauthn/keys/<int:pk>/remove/ accounts/security/webauthn/keys/<int:pk>/edit/

snnwsnnnn snnwsnnnn
    accounts/security/recovery-codes/download/ accounts/security/totp/deactivate/

sssssssss siiisiiii
    accounts/security/webauthn/login/

srrwsiiii mmmwmmmmm
    admin/login/

srrwsriii srrwsrmmm
    admin/labels/audit/ admin/labels/audit/groups/

srrwsrnnn srrwsrmmm
    admin/labels/audit/labels.csv

srrwsrmmm srrwsriii
    admin/labels/audit/anew/

srrwsirii srrwsmrmm
    admin/moderation/ admin/moderation/<int:case_id>/

srrwsirii srrwsnrnn
    admin/moderation/cases/

srrwsmrmm srrwsnrnn
    admin/moderation/<int:case_id>/decide/

srrwsmrmm srrwsirii
    admin/moderation/<int:case_id>/keep/ admin/moderation/undo/<int:decision_id>/
    admin/moderation/undo/together/

srrwsnrnn srrwsmrmm
    admin/moderation/photos/<int:photo_id>/<int:size>.webp

rrrwriiii rrrwriiii
    admin/ admin/pictograph/

iiiwimmmm iiiwiiiii
    admin/logout/

rrrwriiii rrrwrmmmm
    admin/password_change/done/ admin/jsi18n/

rrrwrrrrr rrrwrmmmm
    admin/autocomplete/

rrrwrnnnn rrrwrnnnn
    admin/r/<path:content_type_id>/<path:object_id>/

rrrwrrrii rrrwrrrii
    admin/pictograph/override/ admin/pictograph/override/c/<category:wnid>/

rrrwrrrnn rrrwrrrnn
    admin/pictograph/override/back/<category:wnid>/

rrrwrniii rrrwrniii
    admin/predictions/

nnnwnnnnn nnnwnnnnn
    explore/report/photo/<int:photo_id>/ explore/report/photo/<int:photo_id>/<category:wnid>/

iniwiiiii iniwiiiii
    explore/report/person/<handle:handle>/
"""

# What staff may do with rows, role by role (view, add, change, delete), and of which tables.
TABLES = (
    (
        "- v v v",
        """
        pictograph.Album pictograph.AlbumPhoto pictograph.Archive pictograph.Part pictograph.Network
        pictograph.HiddenCategory pictograph.Cover pictograph.Service pictograph.Connection pictograph.Remote
        pictograph.Correction pictograph.Judgement pictograph.Likeness pictograph.Question pictograph.Learning
        pictograph.Leftover pictograph.CellCount pictograph.PersonCell pictograph.PersonOnMap pictograph.Sighting
        pictograph.Lease pictograph.Share pictograph.Source pictograph.Item pictograph.Import pictograph.Rejection
        fathom.LabelAudit fathom.AuditedLabel fathom.AuditGroup fathom.AuditedGroup fathom.AuditedFigure
        predictions.ClassifiedPhoto predictions.Prediction predictions.PhotoCategory predictions.CategoryCount
        predictions.Growth predictions.LeafSum
    """,
    ),
    (
        "v v v v",
        """
        pictograph.AuditEntry
    """,
    ),
    (
        "- - vc vc",
        """
        pictograph.Override
    """,
    ),
    (
        "- - vacd vacd",
        """
        pictograph.User auth.Group
    """,
    ),
    (
        "v - v v",
        """
        pictograph.WaitingPerson pictograph.Hold pictograph.TakenDown pictograph.Flag fathom.Case fathom.Report
        fathom.Decision fathom.Notification fathom.Appeal
    """,
    ),
    (
        "- - vac vac",
        """
        pictograph.Invitation
    """,
    ),
    (
        "- v v vcd",
        """
        pictograph.Photo
    """,
    ),
    (
        "- - - vcd",
        """
        pictograph.Tombstone
    """,
    ),
    (
        "- - - vacd",
        """
        account.EmailAddress
    """,
    ),
)
