"""loopmatte's engine: a video goes in, mattes and seamless transparent loops come out."""
