"""Tests of streaming/matting."""
