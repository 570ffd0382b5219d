"""Derivations that are right, mistakes in them, and what is true: the material of the study of `derive check`."""
