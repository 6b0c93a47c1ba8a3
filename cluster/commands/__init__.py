"""What `make` can do besides starting, filling and stopping: sign in, ask in SQL, measure at several sizes."""
