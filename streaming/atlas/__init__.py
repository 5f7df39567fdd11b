"""Layered atlases: a clip as a few still pictures, and maps that lead each frame into them."""
