"""Lets the tests of this folder share what stands beside them: `truth`, `elementwise_cases`, `general_cases`, …"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
