"""`python -m streaming` is `loopmatte`."""

import sys

from streaming.cli import main

if __name__ == "__main__":
    sys.exit(main())
