"""What is in order on this machine and in this copy, what is not, and the command that mends it."""
