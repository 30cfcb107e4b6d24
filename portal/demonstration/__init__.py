"""What `load_demo` does: people, calls and applications, all of them made by the real actions on their days.

`loading.py` decides whether it may and begins; `people.py`, `calls.py` and `rounds.py` act, each round a call;
`science.py` reads the words in `data/`. The record of earlier rounds is none of ours: `applications/record.py`.
"""
