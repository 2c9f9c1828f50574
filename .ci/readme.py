"""Runs the commands of README.md as they are written there.

Usage: readme.py PROGRAM

PROGRAM stands for `cargo run --`, so that nothing is built again. A command that is not run here
stands below with the reason; one that is neither fails the run.
"""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

# What begins so is not run here.
ELSEWHERE = {
    "cargo run ": "a step of its own",
    "cargo test --workspace ": "a step of its own",
    "cargo run --profile laws": "a step of its own runs the same program for five minutes",
    "sam build": "needs an account; the workflow tries what can be tried",
    "sam remote invoke": "needs an account",
    "aws cloudformation deploy": "needs an account",
}


def blocks(text):
    """The commands of each block between fences, with continued lines in one."""
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if language:
            continue
        commands = block.replace("\\\n", " ").splitlines()
        # A picture is no command.
        if not any("─" in line or "──►" in line for line in commands):
            yield [line for line in commands if line.strip()]


def serves(program, commands):
    """Starts the simulated AWS as the first line says, and types the others."""
    words = commands[0].replace("cargo run --", program).split()
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        port = words[words.index("--port") + 1]
        clock = f"http://127.0.0.1:{port}/_trellis/clock"
        for _ in range(100):
            try:
                urllib.request.urlopen(clock).read()
                break
            except OSError:
                time.sleep(0.1)
        script = "\n".join(["set -euo pipefail", "shopt -s expand_aliases", *commands[1:], VERIFY])
        subprocess.run(["bash", "-c", script], check=True)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


# The tag took effect: a network is made for it.
VERIFY = """
for _ in $(seq 30); do
    aws vpc-lattice list-service-networks --output text | grep -q databases && exit
done
echo "the tag of the README has come to nothing" >&2
exit 1
"""


def main():
    text = Path("README.md").read_text(encoding="utf-8")
    done = 0
    for commands in blocks(text):
        if "serve" in commands[0]:
            serves(sys.argv[1], commands)
            done += len(commands)
            continue
        for command in commands:
            if not any((command + " ").startswith(start) for start in ELSEWHERE):
                print(f"nobody knows whether this works: {command}", file=sys.stderr)
                return 1
    print(f"{done} commands of README.md do what they say")
    return 0 if done else 1


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    sys.exit(main())
