"""What was checked, and what did not hold."""

SEEN_LINES_MAX = 12


class Report:
    def __init__(self):
        self.held = 0
        self.failures = []
        self.part = ""

    def begin(self, part, title):
        self.part = part
        print(f"\n{part}: {title}", flush=True)

    def check(self, title, holds, seen=""):
        """One line; of a failure also what was seen."""
        print(f"{'ok  ' if holds else 'FAIL'} {title}", flush=True)
        if holds:
            self.held += 1
            return
        self.failures.append(f"{self.part}: {title}")
        lines = [str(line) for line in seen] if isinstance(seen, (list, tuple)) else str(seen).splitlines()
        for line in lines[:SEEN_LINES_MAX]:
            print(f"     {line}", flush=True)
        if len(lines) > SEEN_LINES_MAX:
            print(f"     and {len(lines) - SEEN_LINES_MAX} more", flush=True)

    def note(self, text):
        print(f"     {text}", flush=True)

    def summary(self, seconds):
        print()
        for failure in self.failures:
            print(f"failed: {failure}")
        print(f"took {seconds:.0f} s")
        print(f"{self.held} passed, {len(self.failures)} failed", flush=True)
