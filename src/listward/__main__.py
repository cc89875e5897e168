"""`python -m listward`."""

from listward.cli.main import main

main()
