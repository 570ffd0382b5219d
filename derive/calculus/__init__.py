"""Mathematics: from a model's system to that of its gradient, by named passes."""
