"""How good recommended lists are: measures of ranking and exposure, and the gate before publishing."""
