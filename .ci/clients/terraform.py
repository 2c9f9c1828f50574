"""Terraform, with AWS's provider, builds by hand what Trellis builds: where both are installed.

Nothing is downloaded for it. The provider waits a minute whenever it makes or removes a database,
so this takes some four minutes.
"""

import os
import shutil
import subprocess
import tempfile

from lab import Lab
from mirror import mirror as mirror_of_providers

HERE = os.path.dirname(os.path.abspath(__file__))


def run(report, program):
    """Applies the configuration beside this file, plans it again and destroys it."""
    terraform, mirror = shutil.which("terraform"), mirror_of_providers()
    if not (terraform and mirror):
        what = "its AWS provider" if terraform else "terraform"
        print(f"skip  terraform: {what} is not installed", flush=True)
        return
    with tempfile.TemporaryDirectory() as folder, \
            Lab(program, "--empty", "--speed", "100") as lab:
        here = Folder(terraform, mirror, folder, lab.endpoint)
        built = False
        with report.check("terraform: builds VPCs, database, gateway, network and endpoint"):
            here.do("init")
            here.do("apply", "-auto-approve")
            built = True
        if not built:
            return
        with report.check("terraform: what it built is reachable"):
            group = here.do("output", "-raw", "client_group").strip()
            reach = lambda: lab.get(f"reachable?from={group}&to=orders")
            lab.soon("the database is reachable", lambda: reach()["reachable"])
        with report.check("terraform: has nothing left to change"):
            here.do("plan", "-detailed-exitcode")
        with report.check("terraform: removes all of it"):
            here.do("destroy", "-auto-approve")
            assert lab.ec2.describe_vpcs()["Vpcs"] == []
            assert lab.lattice.list_service_networks()["items"] == []
            assert lab.rds.describe_db_instances()["DBInstances"] == []


class Folder:
    """A working folder of Terraform, with the configuration in it."""

    def __init__(self, program, mirror, path, endpoint):
        self.command = [program, f"-chdir={path}"]
        shutil.copy(os.path.join(HERE, "terraform", "main.tf"), path)
        settings = os.path.join(path, "settings.tfrc")
        with open(settings, "w", encoding="utf-8") as file:
            mirrors = f'filesystem_mirror {{\n    path = "{mirror}"\n  }}'
            file.write(f"provider_installation {{\n  {mirrors}\n}}\n")
        self.environment = {
            **{name: value for name, value in os.environ.items()
               if not name.startswith(("AWS_", "TF_"))},
            "TF_CLI_CONFIG_FILE": settings,
            "TF_IN_AUTOMATION": "1",
            "TF_VAR_endpoint": endpoint,
            "CHECKPOINT_DISABLE": "1",
        }

    def do(self, *words):
        """Runs one command of it. Returns what it prints."""
        options = [] if words[0] == "output" else ["-input=false", "-no-color"]
        done = subprocess.run(
            [*self.command, words[0], *options, *words[1:]], env=self.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False,
        )
        said = (done.stdout + done.stderr).strip().splitlines()
        assert done.returncode == 0, f"terraform {words[0]}:\n" + "\n".join(said[-40:])
        return done.stdout
