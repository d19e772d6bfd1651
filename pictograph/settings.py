"""All settings. Each one that varies is an environment variable, typed here and listed in .env.example."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError, validate

from classifier.network.runtime import PRECISIONS, RUNTIMES
from pictograph.keys import secret_key
from pictograph.variables import network, private_server, sealing_keys, unsafe_hold

LOOPBACK = ["127.0.0.1", "localhost", "[::1]", "::1"]
BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

try:
    # Where everything lives that is not code: database, photos, queue, converted networks.
    DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # photos are private on a shared machine too

    DEBUG = env.bool("DEBUG", default=False)
    SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key(DATA_DIR)
    TOKEN_KEYS = sealing_keys(env.list("TOKEN_KEYS", default=[]), DATA_DIR)
    HOST = env.str("HOST", default="127.0.0.1")
    PORT = env.int("PORT", default=8000)
    # Served to this machine alone, the site has no other names; served to others, only its operator knows them.
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK if HOST in LOOPBACK else ["*"])
    CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
    HTTPS = env.bool("HTTPS", default=False)
    HSTS_S = env.int("HSTS_S", default=30 * 24 * 3600, validate=validate.Range(min=0))
    TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", subcast=network, default=["127.0.0.1", "::1"])
    # What may be asked for photos though it is in a private network, or without TLS.
    PRIVATE_SERVERS: list[str] = env.list("PRIVATE_SERVERS", subcast=private_server, default=[])
    TIME_ZONE = env.str("TIME_ZONE", default="UTC")
    SITE_LANGUAGE = env.str("SITE_LANGUAGE", default="", validate=validate.OneOf(("", "en-gb", "de")))
    LOG_LEVEL = env.log_level("LOG_LEVEL", default=logging.WARNING)

    DATABASES = {"default": env.dj_db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
    DATABASE_CONNECTIONS = env.int("DATABASE_CONNECTIONS", default=30, validate=validate.Range(min=0))
    CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost")
    CACHES = {"default": env.dj_cache_url("CACHE_URL", default="locmem://")}

    # How coarsely others learn where published photos were taken, and of how many people a place on the map tells.
    PLACE_KM = env.int("PLACE_KM", default=10, validate=validate.Range(min=1, max=100))
    MAP_PEOPLE = env.int("MAP_PEOPLE", default=3, validate=validate.Range(min=2))

    # What a moderator looks at before it is public.
    REVIEW_CATEGORIES = env.bool("REVIEW_CATEGORIES", default=True)
    UNSAFE_HOLD = unsafe_hold(env.str("UNSAFE_HOLD", default="0.8"))
    UNSAFE_WAIT = env.bool("UNSAFE_WAIT", default=True)

    # For how long nobody else gets a handle that somebody has given up, or who left.
    HANDLE_DAYS = env.int("HANDLE_DAYS", default=365, validate=validate.Range(min=0, max=36_500))
    # Who may make an account; SIGNUP_OPEN is what older settings say it by.
    _signup = "open" if env.bool("SIGNUP_OPEN", default=True) else "closed"
    SIGNUP = env.str("SIGNUP", default="") or _signup
    if SIGNUP not in ("open", "approval", "invitation", "closed"):
        raise EnvError(f"SIGNUP: {SIGNUP!r} is none of open, approval, invitation and closed")
    # How many reports somebody may send in a day, whether whoever is not signed in may too, and for how many days what
    # was removed can be put back.
    REPORTS_PER_DAY = env.int("REPORTS_PER_DAY", default=30, validate=validate.Range(min=0))
    REPORTS_BY_VISITORS = env.bool("REPORTS_BY_VISITORS", default=True)
    REMOVED_DAYS = env.int("REMOVED_DAYS", default=14, validate=validate.Range(min=0, max=3650))
    UPLOAD_MAX_MB = env.int("UPLOAD_MAX_MB", default=500, validate=validate.Range(min=1))
    UPLOAD_QUOTA_MB = env.int("UPLOAD_QUOTA_MB", default=10_000, validate=validate.Range(min=0))
    DISK_RESERVE_MB = env.int("DISK_RESERVE_MB", default=1000, validate=validate.Range(min=0))
    ARCHIVE_MAX_GB = env.int("ARCHIVE_MAX_GB", default=60, validate=validate.Range(min=0))

    EMAIL: dict[str, Any] = env.dj_email_url("EMAIL_URL", default="console:")
    # EMAIL_BACKEND, EMAIL_HOST and the like, as Django names them; a mute mail server holds a request 10 s at most.
    globals().update({"EMAIL_TIMEOUT": 10, **{name: value for name, value in EMAIL.items() if value is not None}})
    DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="pictograph@localhost")

    PREDICTION_STORE = env.str("PREDICTION_STORE", default="pictograph.store.relational.store.RelationalStore")

    CLASSIFIER_MODEL = env.str("CLASSIFIER_MODEL", default="tf_efficientnet_lite1")
    CLASSIFIER_LABELS = env.str("CLASSIFIER_LABELS", default="imagenet_1k")
    CLASSIFIER_WEIGHTS = env.str("CLASSIFIER_WEIGHTS", default="")
    CLASSIFIER_RUNTIME = env.str("CLASSIFIER_RUNTIME", default="auto", validate=validate.OneOf(RUNTIMES))
    CLASSIFIER_PRECISION = env.str("CLASSIFIER_PRECISION", default="auto", validate=validate.OneOf(PRECISIONS))
    CLASSIFIER_VIEWS = env.int("CLASSIFIER_VIEWS", default=2, validate=validate.OneOf((1, 2)))
    CLASSIFIER_CLAIM = env.int("CLASSIFIER_CLAIM", default=32, validate=validate.Range(min=1))
    # A worker that dies holds its photos this long. A living one renews its hold every two seconds; this must outlast a
    # renewal that comes late.
    LEASE_S = env.int("LEASE_S", default=60, validate=validate.Range(min=1))
    SWEEP_S = env.int("SWEEP_S", default=10, validate=validate.Range(min=1))
    # What a worker claims photos under; `serve` gives it, to free them at once should the worker die.
    WORKER_LEASE = env.uuid("WORKER_LEASE", default=None)
except EnvError as error:
    raise ImproperlyConfigured(f"A setting is not usable. {error}") from error

if "EMAIL_BACKEND" not in EMAIL:
    raise ImproperlyConfigured("EMAIL_URL has an unknown scheme: use submission://user:password@host, smtp or console")
if "smtp" in EMAIL["EMAIL_BACKEND"] and "*" in ALLOWED_HOSTS:
    # Links in mails begin with the host of the request, which anyone may invent where all are allowed.
    raise ImproperlyConfigured("EMAIL_URL sends mail, so ALLOWED_HOSTS must name this site's hosts")

# --- application

INSTALLED_APPS = [
    "pictograph",
    "fathom",
    "pictograph.store.relational",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pictograph.people.middleware.PrivateMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pictograph.gate.refusals.RefusalAnswer",
    "pictograph.pages.methods.MethodAnswer",
    "allauth.account.middleware.AccountMiddleware",
    "pictograph.people.middleware.FirstAccountMiddleware",
    "pictograph.people.middleware.SignInMiddleware",
    "pictograph.people.waiting.WaitingMiddleware",
    "pictograph.catalogue.middleware.OneEditionMiddleware",
]

ROOT_URLCONF = "pictograph.urls"
ASGI_APPLICATION = "pictograph.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pictograph.pages.context.every_page",
            ],
            "libraries": {
                **{room: f"pictograph.{room}.tags" for room in ("archives", "explaining", "lookback", "photos")},
                "posters": "pictograph.posters.tags",
                "accounts": "pictograph.connections.tags",
                "corrections": "pictograph.corrections.tags",
                "dial": "pictograph.catalogue.tags",
                "people": "pictograph.people.tags",
                "times": "pictograph.sources.tags",
            },
        },
    }
]

# --- data

for _database in DATABASES.values():
    # The threads that compute pages last, and so do their connections, unless a pool has them.
    _database.update({"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True})
    if _database["ENGINE"] == "django.db.backends.sqlite3":
        _database["OPTIONS"] = {
            # Writers queue up at BEGIN instead of failing when they upgrade from a read lock.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
                "PRAGMA mmap_size=268435456; PRAGMA cache_size=-65536; "
                # What a long look at everything let grow beside the database is given back to the disk.
                "PRAGMA journal_size_limit=67108864;"
            ),
        }
    elif _database["ENGINE"] == "django.db.backends.postgresql" and DATABASE_CONNECTIONS:
        # Many processes share the server; a crowd at one of them is not to take all that it has.
        _pool = {"min_size": 0, "max_size": DATABASE_CONNECTIONS, "timeout": 30, "max_idle": 60}
        _database |= {"OPTIONS": {**_database.get("OPTIONS", {}), "pool": _pool}, "CONN_MAX_AGE": 0}

if CACHES["default"]["BACKEND"].endswith("LocMemCache"):
    # Counts of guesses are all that is kept. What was not asked for the longest goes first, so that none that is being
    # guessed at is pushed out by others; each takes 3 kB at most.
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 50_000}

MEDIA_ROOT = DATA_DIR / "photos"
ARCHIVES_DIR = DATA_DIR / "archives"  # parts that were sent, until all in them has been brought in
STORAGES = {
    # Every file has a name of its own, so writing one again mends what a killed process left half-written.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"allow_overwrite": True},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

DATA_UPLOAD_MAX_NUMBER_FILES = 1_000  # the plain form sends all that was chosen in one request, and holds a thread
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploading"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
FILE_UPLOAD_HANDLERS = ["pictograph.sources.receiving.ReceivingHandler"]

# --- accounts

AUTH_USER_MODEL = "pictograph.User"
AUTHENTICATION_BACKENDS = ["pictograph.people.signing_in.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "pictograph.people.signing_in.AccountAdapter"
ACCOUNT_FORMS = {
    "change_password": "pictograph.people.signing_in.PasswordChangeForm",
    "reset_password": "pictograph.people.signing_in.PasswordResetForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
DEMO_ACCOUNT = "demo"
ACCOUNT_USERNAME_BLACKLIST = [DEMO_ACCOUNT]  # `make demo` gives its password to whoever runs it
ACCOUNT_EMAIL_VERIFICATION = "none"
# An address is optional and nobody has to prove it, so that several may give the same one: to refuse it would tell
# strangers who is here.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # the subjects name the product themselves
ACCOUNT_MAX_EMAIL_ADDRESSES = 5  # each is sent a mail
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # to change them: by an address the password can be reset
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # whoever is kept out by others' guesses gets in by a mail
ACCOUNT_RATE_LIMITS = {
    "login_failed": None,  # counted in pictograph/people/guesses.py
    "signup": "20/10m/ip,100/d/ip",
    "reset_password": "10/h/ip,5/h/key",  # each sends a mail
    "manage_email": "10/10m/user",  # so may each of these
}
MFA_ADAPTER = "pictograph.people.second_step.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "pictograph.people.second_step.CodeForm",
    "reauthenticate": "pictograph.people.second_step.CodeAgainForm",
    "activate_totp": "pictograph.people.second_step.AppForm",
    "authenticate_webauthn": "pictograph.people.passkeys.SecondStepForm",
    "reauthenticate_webauthn": "pictograph.people.passkeys.AgainForm",
    "login_webauthn": "pictograph.people.passkeys.SignInForm",
    "add_webauthn": "pictograph.people.passkeys.AddForm",
    "edit_webauthn": "pictograph.people.passkeys.RenameForm",
}
MFA_TOTP_TOLERANCE = 1  # steps of half a minute: clocks differ, and typing takes time
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey alone signs in, so it asks for a finger, a face or a PIN
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody has to prove an address here
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

# --- security

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, past the proxy
SECURE_HSTS_SECONDS = HSTS_S if HTTPS else 0
# This site does not speak for others under the same domain.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DEFAULT_EXCEPTION_REPORTER_FILTER = "pictograph.connections.reports.ReticentFilter"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the tiny pictures that hold a photo's place
        "style-src": [SELF, UNSAFE_INLINE],  # places and sizes are computed for each photo and tile
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- language and time

LANGUAGE_CODE = SITE_LANGUAGE or "en-gb"
# What browsers choose from; one that is set is the only one.
LANGUAGES = [(code, name) for code, name in (("en-gb", "English"), ("de", "Deutsch")) if SITE_LANGUAGE in ("", code)]
LOCALE_PATHS = [BASE_DIR / "pictograph" / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "pictograph.formats"
USE_TZ = True

# --- work

# Whoever announces work does not wait for a broker that is away; workers keep trying by a rule of their own.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"max_retries": 0}
if CELERY_BROKER_URL.startswith("filesystem:"):
    _queue = DATA_DIR / "queue"
    _queue.mkdir(exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.2,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # a task says "there is work"; losing one costs a sweep, repeating one costs nothing
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Classifying has a queue of its own: a sweep or a scan never waits behind a large import.
CELERY_TASK_DEFAULT_QUEUE = "site"
CELERY_TASK_ROUTES = {"classifier.tasks.*": {"queue": "classify"}}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
MODERATION_SWEEP_S = 30
CELERY_BEAT_SCHEDULER = "pictograph.queue.clock:SteadyScheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "pictograph.queue.tasks.sweep",
        "schedule": timedelta(seconds=SWEEP_S),
        # Late enough for machines whose clocks differ by some seconds: each goes by its own.
        "options": {"expires": max(SWEEP_S, 60)},
    },
    "moderation": {
        "task": "fathom.moderation.tasks.sweep",
        "schedule": timedelta(seconds=MODERATION_SWEEP_S),
        "options": {"expires": 60},
    },
    "label audit": {
        "task": "fathom.auditing.tasks.audit_labels",
        "schedule": timedelta(seconds=MODERATION_SWEEP_S),
        "options": {"expires": 60},
    },
}

# What layers above have of a person, for whoever takes everything along.
EXPORTED = ["fathom.moderation.exporting.exported"]
# What they know of photos that were taken down: where its owner says that they disagree, and what came of it.
APPEALS = "fathom.moderation.telling.disagreements"
# What they tell somebody whose account is shut, who has proved to be them.
SUSPENSIONS = "fathom.moderation.telling.told_of_suspension"

CLASSIFIER_WORK = "pictograph.queue.claims.PhotoWork"
CLASSIFIER_ASIDE = "pictograph.similar.answering.answer_waiting"
CLASSIFIER_EXPLAINING = "pictograph.explaining.answering.explain"
CLASSIFIER_SCORING = "pictograph.photos.scoring.score"
CLASSIFIER_NETWORK = "pictograph.catalogue.networks.take_on"
CLASSIFIER_CACHE = DATA_DIR / "networks"
PLACES_CACHE = DATA_DIR / "places"

# --- logs

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # What strangers ask for that is not there, or by a name that is not this site's, would fill the log.
    "loggers": {
        "django.request": {"level": "ERROR", "filters": ["mistakes"]},
        "django.security": {"level": "CRITICAL"},
        # It warns of requests that are none, a line each. A filter, since uvicorn sets the level itself as it starts.
        "uvicorn.error": {"filters": ["no_warnings"]},
        "oauthlib": {"level": "WARNING"},  # at DEBUG it tells of tokens
        "urllib3": {"level": "CRITICAL"},  # its warnings repeat whole addresses
    },
    "filters": {
        "no_warnings": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: record.levelno != logging.WARNING,
        },
        "mistakes": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", 500) not in (503, 507),
        },
    },
}
