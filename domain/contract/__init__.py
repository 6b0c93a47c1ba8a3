"""What one half of the project writes and another reads: names, forms and keys; it imports no other room."""
