"""The admin of the network, each page defined in its room."""

import fathom.auditing.admin
import fathom.moderation.admin  # noqa: F401 - it registers its pages
