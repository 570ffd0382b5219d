"""Checks: hand derivations against the derived ones, and generated code against numbers."""
