#!/usr/bin/env python3
"""Seconds from the command to the first embedding with 341 MB of weights in the page cache, and the peak of memory.

    tools/bench/encoders/startup.py RECORDING [--build build/release] [--repeats 7]
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run(command):
    """(seconds, peak of resident memory in bytes) of one command."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {child.returncode}")
    return time.perf_counter() - begun, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    programs = arguments.build.resolve() / "bin"
    with tempfile.TemporaryDirectory() as name:
        weights = Path(name) / "passt.safetensors"
        subprocess.run([programs / "bench_encoders", "--save", weights], check=True)
        embed = [programs / "earshot", "embed", ROOT / "graphs/encoders/passt.toml", "--stage", "audio",
                 "--out", Path(name) / "embedding.npy", arguments.recording]  # fmt: skip
        given = ["--set", f"stage.audio.weights={weights}"]
        drawn_small = ["--set", "stage.audio.weights=random", "--set", "stage.audio.depth=1",
                       "--set", "stage.audio.width=64"]  # fmt: skip
        small = [run([*embed, *drawn_small])[1] for _ in range(3)]
        run([*embed, *given])
        runs = [run([*embed, *given]) for _ in range(arguments.repeats)]
        seconds = [one[0] for one in runs]
        size = weights.stat().st_size
    print(json.dumps({"work": "start-up to the first embedding", "peer": "earshot", "unit": "s",
                      "value": statistics.median(seconds), "best": min(seconds), "worst": max(seconds),
                      "repeats": len(seconds), "weights_mb": round(size / 1e6),
                      "peak_mb": round(max(one[1] for one in runs) / 1e6),
                      "peak_mb_of_a_tiny_network": round(min(small) / 1e6)}))  # fmt: skip


if __name__ == "__main__":
    main()
