"""Benchmarks: how long an analysis takes beside only decoding the same file, and how much memory it uses.

`make bench` prints the table; `python -m bench --write` also puts it into bench/RESULTS.md.
"""
