"""What happened, to what, and by whom: `portal.audit.trail.record` writes it, `portal.audit.trail.trail` reads it."""
