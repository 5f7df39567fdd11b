"""Tests of streaming/media."""
