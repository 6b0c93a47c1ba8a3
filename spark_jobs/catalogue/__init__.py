"""The content catalogue: titles and credits, the tables by which they are found, similar titles."""
