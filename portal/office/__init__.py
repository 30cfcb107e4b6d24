"""The portal's own office: a person's notices, the mail that was sent, the audit trail.

What stands behind the pages is in `portal/notifications/` and `portal/audit/`.
"""
