"""The portal's settings for the suite: quick passwords, a clock that may be set, a place per test process."""

import os

from portal import settings as portal
from portal.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CLOCK_MAY_BE_SET = True
# Processes of one run share the two servers: each has a database, a broker database and directories of its own.
NUMBER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS_URL = CELERY_BROKER_URL = portal.REDIS_URL.rpartition("/")[0] + f"/{NUMBER + 1}"
DATA_DIR = portal.DATA_DIR / f"process-{NUMBER}"
MAIL_DIR, FILES_DIR = DATA_DIR / "mail", DATA_DIR / "files"
if "location" in portal.STORAGES["default"].get("OPTIONS", {}):
    portal.STORAGES["default"]["OPTIONS"]["location"] = FILES_DIR
