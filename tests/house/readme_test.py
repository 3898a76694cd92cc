#!/usr/bin/env python3
"""README.md says what the program does: readme_test.py PROGRAM"""

import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = sys.argv.pop() if len(sys.argv) > 1 else str(ROOT / "build/release/bin/earshot")


def said_by(*arguments):
    return subprocess.run([PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)


class Readme(unittest.TestCase):
    text = (ROOT / "README.md").read_text()

    def test_the_picture_is_what_draw_prints(self):
        section = self.text.split("## The graph")[1]
        picture = section.split("```\n")[1]
        drawn = said_by("draw", "graphs/quickstart.toml")
        self.assertEqual(0, drawn.returncode, drawn.stderr)
        self.assertIn(picture, drawn.stdout)

    def test_the_commands_are_known(self):
        known = set(re.findall(r"^  ([a-z][a-z-]*) ", said_by("--help").stdout, re.MULTILINE))
        pages = self.text + (ROOT / "tools/quickstart").read_text()
        used = set(re.findall(r"(?:bin/|\$)earshot ([a-z][a-z-]*) ", pages))
        self.assertLessEqual({"run", "search"}, used)
        self.assertLessEqual(used, known)

    def test_the_one_word_swap_passes_the_check(self):
        swap = re.search(r"run graphs/quickstart\.toml (--set \S+)", self.text).group(1)
        checked = said_by("check", "graphs/quickstart.toml", *swap.split())
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)


if __name__ == "__main__":
    unittest.main()
