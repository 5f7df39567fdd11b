"""Tests of streaming/exports."""
