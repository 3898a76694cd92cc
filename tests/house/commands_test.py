#!/usr/bin/env python3
"""tools/setup and tests/summary.py, as scripts and people rely on them."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Setup(unittest.TestCase):
    """Runs a copy of tools/setup, so that no link in this checkout changes."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.checkout = Path(folder.name)
        (self.checkout / "tools").mkdir()
        (self.checkout / "tools/setup").write_bytes((ROOT / "tools/setup").read_bytes())
        self.environment = {**os.environ, "EARSHOT_VENV": str(self.checkout / "venv")}
        for name in ("CMAKE_PREFIX_PATH", "Torch_DIR", "EARSHOT_WEIGHTS"):
            self.environment.pop(name, None)
        self.environment["XDG_CACHE_HOME"] = str(self.checkout / "cache")
        self.model = self.checkout / "cache/earshot/weights/all-minilm-l6-v2"
        self.fake_model(self.model)

    def fake_dpkg(self, installed):
        """Makes every package count as installed, or none."""
        folder = self.checkout / "bin"
        folder.mkdir()
        answer = 'for package in "${@:4}"; do echo "installed $package"; done' if installed else "exit 1"
        (folder / "dpkg-query").write_text(f"#!/bin/bash\n{answer}\n")
        (folder / "dpkg-query").chmod(0o755)
        self.environment["PATH"] = f"{folder}:{self.environment['PATH']}"

    def fake_libtorch(self, folder, version):
        cmake = self.checkout / folder / "share/cmake/Torch"
        cmake.mkdir(parents=True)
        (cmake / "TorchConfig.cmake").write_text("")
        (cmake / "TorchConfigVersion.cmake").write_text(f'set(PACKAGE_VERSION "{version}")\n')
        return self.checkout / folder

    def fake_model(self, folder):
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_text("")

    def run_setup(self, *arguments):
        return subprocess.run(
            ["bash", "tools/setup", *arguments],
            cwd=self.checkout, env=self.environment, capture_output=True, text=True, timeout=60,
        )

    def test_no_install_lists_what_is_missing_and_ends_with_2(self):
        self.fake_dpkg(installed=False)
        done = self.run_setup("--no-install")
        self.assertEqual(2, done.returncode, done.stderr)
        for expected in ("libtbb-dev", "tuxpaint-stamps-default", "LibTorch", str(self.checkout / "venv")):
            self.assertIn(expected, done.stdout)
        self.assertFalse((self.checkout / "venv").exists())

    def test_lint_asks_for_its_tools_as_well(self):
        self.fake_dpkg(installed=False)
        self.assertNotIn("clang-tidy", self.run_setup("--no-install").stdout)
        self.assertIn("clang-tidy", self.run_setup("--no-install", "--lint").stdout)

    def test_a_libtorch_that_cmake_finds_is_used(self):
        self.fake_dpkg(installed=True)
        libtorch = self.fake_libtorch("elsewhere", "2.14.0+cu130")
        for name, value in (("CMAKE_PREFIX_PATH", libtorch), ("Torch_DIR", libtorch / "share/cmake/Torch")):
            self.environment[name] = str(value)
            done = self.run_setup()
            del self.environment[name]
            self.assertEqual((0, "setup: ready, with LibTorch 2.14.0+cu130\n"), (done.returncode, done.stdout))
            self.assertEqual(libtorch, (self.checkout / ".libtorch").readlink())

    def test_a_libtorch_of_version_1_is_not_used(self):
        self.fake_dpkg(installed=True)
        self.environment["CMAKE_PREFIX_PATH"] = str(self.fake_libtorch("old", "1.13.1"))
        self.assertEqual(2, self.run_setup("--no-install").returncode)

    def test_an_interrupted_installation_does_not_count(self):
        self.fake_dpkg(installed=True)
        packages = "venv/lib/python3.11/site-packages"
        self.fake_libtorch(f"{packages}/torch", "2.13.0")
        self.assertEqual(2, self.run_setup("--no-install").returncode)
        (self.checkout / packages / "torch-2.13.0.dist-info").mkdir()
        (self.checkout / packages / "torch-2.13.0.dist-info/INSTALLER").write_text("pip\n")
        self.assertEqual(0, self.run_setup("--no-install").returncode)

    def test_the_language_model_is_missed_unless_it_is_among_the_weights(self):
        self.fake_dpkg(installed=True)
        self.environment["CMAKE_PREFIX_PATH"] = str(self.fake_libtorch("elsewhere", "2.13.0"))
        self.assertEqual(0, self.run_setup("--no-install").returncode)
        self.model.rename(self.checkout / "all-minilm-l6-v2")
        missed = self.run_setup("--no-install")
        self.assertEqual(2, missed.returncode)
        self.assertIn(f"missing the language model all-minilm-l6-v2, for pip (84 MB to fetch, 91 MB on disk), into "
                      f"{self.model.parent}", missed.stdout)
        self.environment["EARSHOT_WEIGHTS"] = str(self.checkout)
        self.assertEqual(0, self.run_setup("--no-install").returncode)

    def test_an_unknown_argument_is_refused_with_the_usage(self):
        done = self.run_setup("--instal")
        self.assertEqual(2, done.returncode)
        self.assertIn("usage: tools/setup", done.stderr)


class Summary(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.results = Path(folder.name) / "release/test-results"
        (self.results / "cases").mkdir(parents=True)

    def entries(self, **statuses):
        cases = "".join(f'<testcase name="{name}" status="{status}"/>' for name, status in statuses.items())
        (self.results / "ctest.xml").write_text(f"<testsuite>{cases}</testsuite>")

    def cases(self, program, body):
        (self.results / f"cases/{program}.xml").write_text(f"<testsuites><testsuite>{body}</testsuite></testsuites>")

    def last_line(self, *arguments):
        done = subprocess.run(
            [sys.executable, ROOT / "tests/summary.py", *(arguments or [self.results])], capture_output=True, text=True
        )
        return done.stdout.splitlines()[-1], done.returncode

    def test_cases_of_programs_are_counted_one_by_one(self):
        self.entries(audio_test="run", house="run")
        passed = '<testcase classname="Fft" name="a" status="run" result="completed"/>'
        self.cases("audio_test", passed + '<testcase classname="Fft" name="b" status="run" result="skipped"/>')
        self.assertEqual(("2 passed, 0 failed, 1 skipped", 0), self.last_line())

    def test_a_failed_case_fails_the_whole(self):
        self.entries(audio_test="fail")
        self.cases("audio_test", '<testcase classname="Fft" name="a" status="run"><failure message=""/></testcase>')
        self.assertEqual(("0 passed, 1 failed, 0 skipped", 1), self.last_line())

    def test_a_program_that_died_after_its_cases_passed_is_a_failure(self):
        self.entries(audio_test="fail")
        self.cases("audio_test", '<testcase classname="Fft" name="a" status="run" result="completed"/>')
        self.assertEqual(("1 passed, 1 failed, 0 skipped", 1), self.last_line())

    def test_results_that_are_missing_are_a_failure(self):
        self.assertEqual(("0 passed, 1 failed, 0 skipped", 1), self.last_line())

    def test_lint_and_builds_count_as_one_each(self):
        self.assertEqual(
            ("1 passed, 1 failed, 1 skipped", 1), self.last_line("lint=passed", "build-asan=failed", "x=skipped")
        )


if __name__ == "__main__":
    unittest.main()
