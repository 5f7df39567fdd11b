"""Tests of streaming/loops."""
