"""What is wrong with a line that does not hold, and what mistake made it so."""
