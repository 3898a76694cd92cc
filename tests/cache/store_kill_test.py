#!/usr/bin/env python3
"""Writers that are killed at random moments: what they committed is there, and the store goes on.

    store_kill_test.py PROGRAM STORE_WRITER [unittest's arguments]

EARSHOT_KILLS is how often; 20 where it is not set.
"""

import os
import random
import signal
import subprocess
import time
import unittest

from store_case import StoreCase, committed

KILLS = int(os.environ.get("EARSHOT_KILLS", "20"))
SEED = 4
RECORDS = 150 * KILLS


class Kill(StoreCase):
    def test_nothing_committed_is_lost_and_every_value_is_right(self):
        draw = random.Random(SEED)
        known = 0
        killed = 0
        for turn in range(KILLS):
            said, ended_early = self.killed(draw.uniform(0.01, 0.2))
            killed += ended_early
            if not (self.store / "committed").exists():
                continue
            if known == 0 and committed(said) == 0 and "holds nothing yet" in self.cache("verify", self.store).stderr:
                continue  # killed before its database was whole
            found = self.json("verify", self.store)
            self.assertEqual([], found["lost"], f"turn {turn}")
            self.assertGreaterEqual(found["records"], max(known, committed(said)), f"turn {turn}")
            known = found["records"]
        self.assertGreater(killed, KILLS // 3)
        self.written(RECORDS, batch=500, size=3000)  # reads and compares what is there
        self.assert_clean(RECORDS)

    def killed(self, delay_s):
        """What a writer said, and whether it was killed before its end."""
        run = subprocess.Popen(self.writing(RECORDS, batch=3, size=3000), stdout=subprocess.PIPE, text=True)
        try:
            time.sleep(delay_s)
            run.send_signal(signal.SIGKILL)
            return run.communicate(timeout=60)[0], run.returncode == -signal.SIGKILL
        finally:
            run.kill()
            run.wait()


if __name__ == "__main__":
    unittest.main()
