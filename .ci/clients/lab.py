"""`trellis serve`, started and stopped, with clients that know AWS and not Trellis."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

import strict

REGION = "us-east-1"
SERVICES = ("ec2", "rds", "vpc-lattice", "events", "sts")


class Lab:
    """One simulated AWS with its functions, for as long as the `with` block lasts."""

    def __init__(self, program, *arguments):
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.command = [program, "serve", "--port", str(self.port), *arguments]
        self.log = tempfile.TemporaryFile(mode="w+")
        self.called = set()
        self.clients = {}

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.get("clock")
                return self
            except OSError:
                time.sleep(0.05)
        self.__exit__(None, None, None)
        raise SystemExit(f"{' '.join(self.command)} does not answer:\n{self.said()}")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def said(self):
        """What the server has printed."""
        self.log.seek(0)
        return self.log.read()

    def export(self):
        """What the program prints for Terraform to import."""
        environment = {
            **os.environ, "AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "any",
        }
        command = [self.command[0], "export", "terraform"]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout

    def client(self, service, **options):
        """A client of this service, whose answers are held against AWS's model of it."""
        client = boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=options.pop("region_name", REGION),
            aws_access_key_id=options.pop("aws_access_key_id", "me"),
            aws_secret_access_key="any",
            config=Config(retries={"mode": "standard", "max_attempts": 8}, **options),
        )
        strict.hold(client)
        client.meta.events.register("before-call", self.remember)
        return client

    def remember(self, model, **_):
        """Notes which operations have been called."""
        self.called.add((model.service_model.service_name, model.name))

    def __getattr__(self, name):
        service = "vpc-lattice" if name == "lattice" else name
        if service not in SERVICES:
            raise AttributeError(name)
        if service not in self.clients:
            self.clients[service] = self.client(service)
        return self.clients[service]

    def get(self, path):
        """`GET /_trellis/…`, as Python sees the JSON."""
        return self.ask(urllib.request.Request(f"{self.endpoint}/_trellis/{path}"))

    def post(self, path, body):
        """`POST /_trellis/…`."""
        url = f"{self.endpoint}/_trellis/{path}"
        return self.ask(urllib.request.Request(url, data=json.dumps(body).encode()))

    @staticmethod
    def ask(request):
        """The answer, also where it is a refusal."""
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            return {"status": error.code, **json.load(error)}

    def until(self, what, holds, minutes=30, step=20):
        """Simulated time passes, `step` seconds at a time, until it holds. Returns what held."""
        for _ in range(int(minutes * 60 / step)):
            if found := holds():
                return found
            self.post("advance", {"seconds": step})
        raise AssertionError(f"{what}: not within {minutes} simulated minutes")

    def soon(self, what, holds, seconds=120):
        """Real time passes until it holds: the functions have work to do."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := holds():
                return found
            time.sleep(0.25)
        raise AssertionError(f"{what}: not within {seconds} seconds")

    def aws(self, *words):
        """The AWS CLI.

        Its version 1 heeds no `AWS_ENDPOINT_URL` for RDS in us-east-1, only `--endpoint-url`.
        """
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "AWS_DEFAULT_REGION": REGION,  # what every version of the AWS CLI takes
            "AWS_ACCESS_KEY_ID": "me",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_PAGER": "",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        beside = os.path.join(os.path.dirname(sys.executable), "aws")
        program = [sys.executable, beside] if os.path.exists(beside) else ["aws"]
        done = subprocess.run(
            [*program, *words, "--endpoint-url", self.endpoint, "--output", "json"],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"aws {' '.join(words)}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else {}


def free_port():
    """A port of the loopback address that nobody has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def offered(sources):
    """The operations that the simulator offers, as the `match` of each of its services says."""
    files = {
        "ec2": "ec2/mod.rs", "rds": "rds/mod.rs", "vpc-lattice": "lattice/mod.rs",
        "events": "events.rs", "sts": "sts.rs",
    }
    found = set()
    for service, file in files.items():
        with open(os.path.join(sources, file), encoding="utf-8") as source:
            names = re.findall(r'"([A-Z][A-Za-z]+)"\s*(?=\||=>)', source.read())
        assert names, f"{file} names no operation"
        found.update((service, name) for name in names)
    return found
