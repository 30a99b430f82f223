"""Starts the site and Larder, sends visitors through it, and says of each check whether it held. See tests/e2e/run."""

import argparse
import signal
import sys
import time
import traceback

import journeys
from browsing import Browser
from house import House
from markers import Watch
from reports import Report
from stand import Stand, StandError


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--larder", required=True)
    parser.add_argument("--config", default=str(Stand.CONFIG))
    parser.add_argument("--state", required=True, help="where logs are kept")
    parser.add_argument("--site-venv", required=True)
    parser.add_argument("--pristine", required=True)
    parser.add_argument("--only", action="append", choices=[*journeys.PARTS, "help"])
    arguments = parser.parse_args()
    if "help" in (arguments.only or []):
        for name, part in journeys.PARTS.items():
            print(f"{name:12} {part.__doc__.splitlines()[0]}")
        sys.exit(0)
    return arguments


def run_part(house, name, part):
    """One part; whatever ends it before its end is a failed check, and so is every foreign byte."""
    house.report.begin(name, part.__doc__.splitlines()[0])
    house.watch.begin_part()
    began = time.monotonic()
    try:
        part(house)
    except Exception as error:  # what is broken in one part must not hide the others
        lines = traceback.format_exception_only(error) + traceback.format_tb(error.__traceback__)[::-1]
        house.check("goes on to its end", False, "".join(lines))
    house.check(
        f"nothing foreign in {house.watch.looked_at} responses and pages",
        not house.watch.found and house.watch.looked_at > 0,
        house.watch.found or "nothing was looked at",
    )
    dead = house.stand.dead()
    house.check("all servers still run", not dead, dead)
    house.report.note(f"{time.monotonic() - began:.1f} s")


def main():
    arguments = parse_arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))  # so that the stand is stopped
    report = Report()
    began = time.monotonic()
    parts = {name: part for name, part in journeys.PARTS.items() if not arguments.only or name in arguments.only}
    stand = Stand(arguments.larder, arguments.config, arguments.site_venv, arguments.pristine, arguments.state)
    try:
        with stand, Browser() as browser:
            house = House(stand, browser, Watch(), report)
            for name, part in parts.items():
                run_part(house, name, part)
            if report.failures:
                print(f"\nthe logs are in {stand.keep_logs()}")
    except StandError as error:
        report.begin("stand", "the site and Larder")
        report.check("everything started", False, f"{error}; the logs are in {stand.state / 'logs'}")
    report.summary(time.monotonic() - began)
    return 1 if report.failures or not report.held else 0


if __name__ == "__main__":
    sys.exit(main())
