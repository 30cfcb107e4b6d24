"""Every setting of the portal; the environment is read here and nowhere else (`.env.example`)."""

import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from portal import logs
from portal.stack import endpoints

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- The place and the address ---------------------------------------------------------------
DATA_DIR = (BASE_DIR / (env.str("DATA_DIR", default="") or "var")).resolve()
PORT = int(env.str("PORT", default="") or 8000)
# Servers: the environment, else the running `make run`, else none.
_servers = endpoints.find(
    DATA_DIR, database_url=env.str("DATABASE_URL", default=""), redis_url=env.str("REDIS_URL", default="")
)
SITE_URL = (env.str("SITE_URL", default="") or _servers.site_url or f"http://127.0.0.1:{PORT}").rstrip("/")
SECURE_SITE = SITE_URL.startswith("https://")
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=True) and not SECURE_SITE
# `make run` keeps one in the data directory. Without any, a command works but nothing it signs outlives it.
SECRET_KEY = env.str("SECRET_KEY", default="") or endpoints.kept_secret_key(DATA_DIR) or secrets.token_urlsafe(50)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or ["127.0.0.1", "localhost", urlsplit(SITE_URL).hostname]
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SECURE_SITE else []

# --- Servers -----------------------------------------------------------------------------------
REDIS_URL = _servers.redis_url
DATABASES = {"default": env.db_url_config(_servers.database_url or "postgres://none/none")}
if _servers.database_url:
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **DATABASES["default"].get("OPTIONS", {}),
            # A stuck lock is an answer 503 after seconds, never a hang.
            "options": "-c lock_timeout=5000 -c statement_timeout=15000 -c idle_in_transaction_session_timeout=20000",
        },
    }
else:
    DATABASES["default"] = {"ENGINE": "django.db.backends.dummy"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database, so that every page works while the broker is down.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}}

# --- Rooms -------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "portal",
    "portal.accounts",
    "portal.audit",
    "portal.notifications",
    "portal.office",
    "samples",
    "applications",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portal.web.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.tokens.TokenMiddleware",
    # Who asks is settled before, and what a read leaves behind is written after, the read-only transaction.
    "portal.web.AfterwardsMiddleware",
    "portal.web.TransactionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.web.ZoneMiddleware",
    "portal.web.AccessMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

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
                "portal.web.page",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "portal.templatetags.fields",
                "portal.templatetags.frame",
                "portal.templatetags.instruments",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- People ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.backend.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/my/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# Guessing of passwords is stopped by portal/accounts/fence.py, which counts failures; successes have no limit.
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "", "confirm_email": "5/m/key", "orcid": "60/m/ip"}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.LoginForm",
    "signup": "portal.accounts.forms.SignUpForm",
    "add_email": "portal.accounts.forms.AddEmailForm",
    "change_password": "portal.accounts.forms.ChangePasswordForm",
    "reset_password": "portal.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "portal.accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "portal.accounts.forms.ReauthenticateForm",
    "confirm_email_verification_code": "portal.accounts.forms.ConfirmEmailCodeForm",
    "confirm_password_reset_code": "portal.accounts.forms.ConfirmResetCodeForm",
    "set_password": "portal.accounts.forms.SetPasswordForm",
    "request_login_code": "portal.accounts.forms.RequestCodeForm",
    "confirm_login_code": "portal.accounts.forms.ConfirmSignInCodeForm",
}
# A passkey opens the account by itself; it is no second factor to a password (ADR 0008).
MFA_ADAPTER = "portal.accounts.adapter.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = MFA_PASSKEY_SIGNUP_ENABLED = True
# Without an id ORCID is not offered. The address is that of ORCID, of its sandbox, or of a server speaking like it.
ORCID_CLIENT_ID = env.str("ORCID_CLIENT_ID", default="")
ORCID_BASE_URL = (env.str("ORCID_BASE_URL", default="") or "https://orcid.org").rstrip("/")
SOCIALACCOUNT_PROVIDERS = (
    {"orcid": {"APP": {"client_id": ORCID_CLIENT_ID, "secret": env.str("ORCID_CLIENT_SECRET", default="")}}}
    if ORCID_CLIENT_ID
    else {}
)
SOCIALACCOUNT_ADAPTER = "portal.accounts.adapter.OrcidAdapter"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "__Host-session" if SECURE_SITE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_SITE else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SITE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"

# --- Words and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
FORMAT_MODULE_PATH = ["portal.formats"]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# --- Files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
FILES_DIR = DATA_DIR / "files"
_collected = (STATIC_ROOT / "staticfiles.json").exists() or "collectstatic" in sys.argv
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": FILES_DIR, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    # Hashed and compressed only where the image collected them: that takes longer than a start may.
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
if _bucket := env.str("STORAGE_BUCKET", default=""):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _bucket,
            "endpoint_url": env.str("STORAGE_ENDPOINT_URL", default="") or None,
            "access_key": env.str("STORAGE_ACCESS_KEY", default=""),
            "secret_key": env.str("STORAGE_SECRET_KEY", default=""),
            "file_overwrite": True,  # a file that is kept once more is young again (portal/shelf.py)
        },
    }
WHITENOISE_USE_FINDERS = not _collected
FILE_UPLOAD_HANDLERS = [
    "portal.files.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
UPLOAD_MAX_BYTES = 20 * 1024 * 1024

# --- Mail and jobs -------------------------------------------------------------------------------
MAIL_DIR = DATA_DIR / "mail"
if _email_url := env.str("EMAIL_URL", default=""):
    vars().update(env.email_url_config(_email_url))
else:
    EMAIL_BACKEND = "portal.notifications.backends.FilePerMessageBackend"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="") or "Lunar Sample Access <no-reply@localhost>"
OFFICE_EMAIL = env.str("OFFICE_EMAIL", default="") or "programme.office@example.org"  # to whom applicants write

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
# A silent broker must not hold a request: the wake-up is lost, the sweep delivers.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 180}
CELERY_BEAT_SCHEDULE = {
    "deliver-notices": {"task": "portal.notifications.deliver", "schedule": 10.0, "options": {"expires": 9}},
    "forget-kept-answers": {"task": "portal.forget_kept_answers", "schedule": 3600.0, "options": {"expires": 3599}},
    "release-due": {"task": "applications.release_due", "schedule": 30.0, "options": {"expires": 29}},
    "forget-uploads": {"task": "applications.forget_uploads", "schedule": 3600.0, "options": {"expires": 3599}},
    "scan-names": {"task": "applications.scan_names", "schedule": 30.0, "options": {"expires": 29}},
    "work-out-rounds": {"task": "applications.work_out_rounds", "schedule": 30.0, "options": {"expires": 29}},
    "remind": {"task": "applications.remind", "schedule": 600.0, "options": {"expires": 599}},
    "make-packs": {"task": "applications.make_packs", "schedule": 30.0, "options": {"expires": 29}},
    "forget-packs": {"task": "applications.forget_packs", "schedule": 600.0, "options": {"expires": 599}},
    "delete-practice": {"task": "applications.delete_practice", "schedule": 3600.0, "options": {"expires": 3599}},
    "sweep-files": {"task": "portal.sweep_files", "schedule": 3600.0, "options": {"expires": 3599}},
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Browser -------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **{name: [NONE] for name in ("default-src", "base-uri", "object-src", "frame-ancestors")},
        **{name: [SELF] for name in ("script-src", "style-src", "img-src", "font-src", "connect-src", "form-action")},
        "require-trusted-types-for": ["'script'"],
    }
}
PERMISSIONS_POLICY = {name: [] for name in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")}
# Beside these hold Django's own defaults: X-Frame-Options DENY, nosniff, a same-origin opener.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SECURE_SITE
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31536000 if SECURE_SITE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SITE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None

# --- API -----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.credentials.TokenAuthentication",
        "portal.credentials.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portal.credentials.Declared"],
    "DEFAULT_RENDERER_CLASSES": ["portal.credentials.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.credentials.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "portal.credentials.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "portal.schema.Described",
    "EXCEPTION_HANDLER": "portal.rest.problem_details",
    "UNAUTHENTICATED_USER": "portal.accounts.models.Visitor",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lunar Sample Access",
    "DESCRIPTION": "Missions, samples, calls and published selections; an applicant's own applications.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "portal.schema.with_problems"],
    "ENUM_NAME_OVERRIDES": {
        "Hemisphere": "samples.enums.Hemisphere",
        "CallOrigin": "applications.enums.CallOrigin",
        "CallStatus": "applications.enums.CallStatus",
        "PublicStatus": "applications.enums.PublicStatus",
        "Preparation": "samples.enums.Preparation",
        "SampleStatus": "samples.enums.SampleStatus",
        "TreatmentKind": "samples.enums.TreatmentKind",
    },
}

# --- Logs and the clock ----------------------------------------------------------------------------
LOGGING = logs.CONFIGURATION
CLOCK_MAY_BE_SET = False  # only tests may, and the load of the demonstration for itself (portal/clock.py)
