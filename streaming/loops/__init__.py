"""Finding seamless loops while the stream still runs."""
