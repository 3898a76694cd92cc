#!/usr/bin/env python3
"""Caching runs as their operator has them: what was promised and what was taken, and what many items cost.

    runs.py forecast RECORDINGS   2,000 real files (trims of those below RECORDINGS; needs the package soundfile)
    runs.py esc RECORDINGS        ten epochs of esc.toml: spectrograms kept, and not (ESC-10 below RECORDINGS)
    runs.py second                20,000 items of 1 s: the second run beside the first
    runs.py many                  400,000 tiny items: memory, and the time to the first item

One JSON line a figure. Everything lies below --scratch and is removed.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "build" / "release" / "bin" / "earshot"
sys.path.insert(0, str(ROOT / "tests" / "support"))
from sounds import wav


def say(**figures):
    print(json.dumps(figures), flush=True)


class Bench:
    def __init__(self, scratch, graph):
        self.scratch = scratch
        self.graph = graph
        self.sounds = scratch / "sounds"
        self.runs = 0

    def call(self, verb, *words):
        """What a command says, how long it took, and its largest resident memory."""
        fixed = ("--json", "--set", f"stage.corpus.path={self.sounds}", "--set", f"cache.path={self.scratch / 'store'}")
        command = [PROGRAM, verb, self.graph, *fixed, *words]
        begun = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, cwd=ROOT)
        said = process.stdout.read()
        trouble = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(trouble)
        return json.loads(said), time.monotonic() - begun, usage.ru_maxrss / 1024

    def run(self, *words):
        self.runs += 1
        return self.call("run", "--out", self.scratch / f"run{self.runs}", *words)


def trims(recordings, sounds, count):
    """`count` files, each a real recording from another start."""
    import soundfile

    files = sorted(file for file in recordings.rglob("*") if file.suffix in (".ogg", ".wav", ".flac"))
    for i in range(count):
        samples, rate_hz = soundfile.read(files[i % len(files)])
        first = i // len(files) * rate_hz // 10
        soundfile.write(sounds / f"clip{i:05}.flac", samples[first:], rate_hz)


def forecast(bench, recordings):
    trims(recordings, bench.sounds, 2000)
    bench.run()
    changes = {"again": (), "an option": ("--set", "stage.logmel.length_s=8 s"),
               "another rate": ("--set", "stage.resample.sample_rate_hz=24 kHz")}
    for change, words in changes.items():
        promised = bench.call("plan", *words)[0]["seconds"]
        taken = bench.run(*words)[0]["seconds"]
        say(run=change, promised_s=round(promised, 2), taken_s=round(taken, 2), ratio=round(promised / taken, 3))


def esc(bench, recordings):
    bench.graph = ROOT / "tools" / "bench" / "cache" / "esc.toml"
    bench.sounds.rmdir()
    bench.sounds = recordings
    kept = ("--set", "stage.logmel.cache=fp16")
    for run, words in {"no cache": (), "cold cache": kept, "warm cache": kept}.items():
        said, _, _ = bench.run(*words)
        say(run=run, seconds=round(said["seconds"], 1), hits=said.get("cache", {}).get("hits"))


def tiny(sounds, count, frames, rate_hz):
    draw = random.Random(1)
    for i in range(count):
        folder = sounds / f"{i // 1000:03}"
        folder.mkdir(exist_ok=True)
        (folder / f"{i:06}.wav").write_bytes(wav(draw.randbytes(2 * frames), rate_hz=rate_hz))


def second(bench):
    tiny(bench.sounds, 20_000, 80_000, 16_000)  # 5 s, as those of ESC-50
    first, first_s, _ = bench.run()
    again, again_s, _ = bench.run()
    say(items=again["items"]["done"], decoded_first=first["computed_by_stage"]["decode"],
        decoded_again=again["computed_by_stage"]["decode"], first_s=round(first_s, 2), again_s=round(again_s, 2),
        share=round(again_s / first_s, 4))


def many(bench):
    tiny(bench.sounds, 400_000, 1_024, 32_000)
    for run in ("first", "second"):
        said, whole_s, peak_mib = bench.run()
        say(run=run, items=said["items"]["done"], seconds=round(whole_s, 1), peak_mib=round(peak_mib))
    _, start_s, _ = bench.run("--limit", "1")
    say(run="one item of them", seconds=round(start_s, 2))
    _, plan_s, plan_mib = bench.call("plan")
    say(run="plan", seconds=round(plan_s, 1), peak_mib=round(plan_mib))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", choices=("forecast", "esc", "second", "many"))
    parser.add_argument("recordings", nargs="?", type=Path)
    parser.add_argument("--scratch", type=Path, default=Path("bench-runs"))
    parser.add_argument("--graph", type=Path, default=ROOT / "tools" / "bench" / "cache" / "runs.toml")
    asked = parser.parse_args()
    bench = Bench(asked.scratch.resolve(), asked.graph.resolve())
    bench.sounds.mkdir(parents=True)
    try:
        if asked.figure in ("forecast", "esc"):
            {"forecast": forecast, "esc": esc}[asked.figure](bench, asked.recordings.resolve())
        else:
            {"second": second, "many": many}[asked.figure](bench)
    finally:
        shutil.rmtree(bench.scratch)


if __name__ == "__main__":
    main()
