"""What everybody on a panel accepts before any content opens: the page asks for it, and packs say it again."""

from django.utils.translation import gettext_lazy as _

PLEDGE_VERSION = 1  # of these sentences
PLEDGE = (
    _("I keep in confidence what I read and hear in this call: applications, reviews, discussion, names and outcome."),
    _("I use no idea, no data and no text from an application for work of my own or of others."),
    _("I upload nothing of it to an outside service, which includes every AI service."),
    _("I delete offline packs and every copy once the results have been released."),
)
