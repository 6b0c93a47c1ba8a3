"""Names, forms and keys of what one half of the project writes and another reads; it imports no other room."""
