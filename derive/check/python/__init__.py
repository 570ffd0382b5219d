"""A person's own NumPy code: its gradients against the true ones, and a wrong one traced to its line."""

from derive.check.python.verdict import check_python as check_python
