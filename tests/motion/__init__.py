"""Tests of streaming/motion."""
