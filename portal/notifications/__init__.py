"""Who is told what: notices written with the act itself (`outbox`), what they say (`kinds`), and how they leave.

Here: `models`, `kinds`, `outbox`, `wake`, `delivery`, `tasks`, `backends`. The pages are in `portal/office/`.
"""
