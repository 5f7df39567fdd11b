"""Tests of the room `streaming/mending`."""
