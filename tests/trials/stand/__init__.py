"""A portal for the delivery trial: the real one, with one more page that acts and tells in two ways.

The outbox tells as every action of the portal does. The control publishes to the broker after the commit.
"""
