"""Tests of streaming/benchmarks."""
