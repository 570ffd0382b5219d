"""Programs as NumPy modules: the statements, and the interface and checks around them."""
