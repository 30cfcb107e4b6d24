"""The suite. It mirrors the code; `make test` starts the servers it needs."""
