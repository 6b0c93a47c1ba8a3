"""What comes from elsewhere: jars, MovieLens, and folders of the user's own."""
