"""Near-loops made seamless: what is done to the frames around a seam, and how well it closes."""
