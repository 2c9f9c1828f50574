"""Where Terraform finds AWS's provider without downloading it."""

import os
import subprocess
from pathlib import Path


def mirror():
    """A folder of unpacked providers with AWS's among them."""
    if named := os.environ.get("TRELLIS_TERRAFORM_MIRROR"):
        return named
    find = ["find", "/", "-xdev", "-maxdepth", "4", "-type", "d", "-name", "registry.terraform.io"]
    found = subprocess.run(find, capture_output=True, text=True, check=False).stdout.splitlines()
    return next((str(Path(each).parent) for each in found
                 if (Path(each) / "hashicorp" / "aws").is_dir()), None)
