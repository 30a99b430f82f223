"""Where things are. Imported first: it makes the modules of bench/ and deploy/wagtail/ known, which are used here."""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
CONFIG = TOP / "config"
SITE_CODE = TOP / "deploy/wagtail/demo"
OUTPUT = TOP / "build/replay"

sys.path += [str(TOP / "bench"), str(TOP / "deploy/wagtail")]
