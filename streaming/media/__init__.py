"""Whatever opens, reads or writes a picture, a clip or a stream."""
