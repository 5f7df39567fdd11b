"""Tests of real behaviour: real codecs, the real network, real files."""
