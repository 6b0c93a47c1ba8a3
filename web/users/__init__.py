"""What concerns one user, or a visitor: their ratings, what they hide, and the lists made of it."""
