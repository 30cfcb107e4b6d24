"""The servers of `make run` and `make test`, and everything that must live and die with them.

`bootstrap.py` installs and hands over to `__main__.py`. `running.py` and `testing.py` say what is started,
`supervisor.py` and `processes.py` keep it alive and end it, `postgres.py` and `valkey.py` know the two servers,
`place.py` where files lie, `commands.py` the words that production shares. `endpoints.py` is what the settings read.
"""
