"""Spelling: Programs as NumPy, Systems as text. Printers decide nothing."""
