"""`python -m promptls`."""

import sys

from promptls.cli.main import main

sys.exit(main())
