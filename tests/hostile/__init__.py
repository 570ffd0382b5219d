"""Hostile and broken files, by the hundred thousand: what `derive` is given by an adversary, a fool and a bad disk.

`python -m tests.hostile --files 100000` makes texts by their kinds (`kinds.py`), and does with each what a person would
(`trial.py`): a model is read and generated, a derivation is checked against its model. Processes with little memory do
that under guard (`guard.py`), watched from outside (`workers.py`).
"""
