"""Speed: from equations to a Program of loops and array statements."""
