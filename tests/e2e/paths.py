"""Where things are; importing this lets the demo's own modules be imported."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
WAGTAIL = TOP / "deploy/wagtail"
SITE_CODE = WAGTAIL / "demo"
HEADLESS = WAGTAIL / "headless"

sys.path.append(str(WAGTAIL))
