"""A loop leaves: targets, and files that keep within what each of them takes."""
