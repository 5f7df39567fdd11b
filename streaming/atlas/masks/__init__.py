"""Masks by networks that look at one picture at a time."""
