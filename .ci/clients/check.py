"""Checks the simulated AWS of Trellis with clients that know AWS and not Trellis.

    python .ci/clients/check.py <the program trellis>

boto3 calls every operation that the simulator offers, rightly and wrongly; the AWS CLI does the main job as a user
would; meanwhile Terraform builds the same by hand, where it is installed.
"""

import os
import sys
import threading

import account
import ec2
import lattice
import main_job
import models
import rds
import terraform
from lab import Lab, offered
from report import Report

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, "..", "..", "shared", "sim", "src")


def main(program):
    """All of it. Returns the exit status."""
    report = Report()
    beside = threading.Thread(target=terraform.run, args=(report, program))
    beside.start()
    with Lab(program, "--empty", "--speed", "10") as lab:
        for part in (account, ec2, rds, lattice):
            part.run(report, lab)
        models.run(report, lab, offered(SOURCES))
        with report.check("every operation that the simulator offers has been called"):
            missing = offered(SOURCES) - lab.called
            assert not missing, sorted(missing)
    with Lab(program, "--speed", "60") as lab:
        main_job.run(report, lab)
    beside.join()
    return report.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.exit(main(os.path.abspath(sys.argv[1])))
