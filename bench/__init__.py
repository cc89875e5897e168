"""Measurements: what Listward costs beside a floor and a rival, and how well its filters tell mail apart.

`python -m bench` measures the mail path, `python -m bench.accuracy --corpora DIR` the filters. Both write their tables
into `docs/` between markers, so no figure there is typed by hand.
"""
