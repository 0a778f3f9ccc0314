import sys

from lateness.command import main

sys.exit(main())
