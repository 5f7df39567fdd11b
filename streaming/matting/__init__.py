"""Recurrent video matting: a frame goes in, the subject's colours and opacity come out."""
