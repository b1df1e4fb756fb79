"""The made-up university: its facts, how its channels behave, the files that they are kept in.

The headers of the platforms' layouts, and how each writes days and numbers, are those of the
samples that the importers are tested with.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests"))
