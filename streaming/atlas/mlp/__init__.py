"""The published engine: maps, mattes and atlases as small networks, for comparison on a GPU."""
