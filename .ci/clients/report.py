"""One line per check, and a closing line."""

import contextlib
import threading
import time
import traceback

from botocore.exceptions import ClientError


class Report:
    """What has been found so far."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.begun = time.monotonic()
        self.lock = threading.Lock()

    @contextlib.contextmanager
    def check(self, name):
        """A check: what is in the `with` block must not raise. The next one begins all the
        same."""
        try:
            yield
        except Exception as error:  # whatever it is, it is what this check found
            lines = [f"FAIL  {name}", f"      {type(error).__name__}: {error}"]
            for frame in traceback.extract_tb(error.__traceback__)[1:3]:
                file = frame.filename.rsplit("/", 1)[-1]
                lines.append(f"      at {file}:{frame.lineno} {frame.line}")
            self.say("\n".join(lines), failed=1)
        else:
            self.say(f"ok    {name}", passed=1)

    def say(self, text, passed=0, failed=0):
        """Prints and counts: checks may run beside one another."""
        with self.lock:
            self.passed += passed
            self.failed += failed
            print(text, flush=True)

    def close(self):
        """The closing line, and the exit status."""
        print(f"in {time.monotonic() - self.begun:.0f} seconds")
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


@contextlib.contextmanager
def refused(client, code, modelled=None, holds=lambda error: True):
    """The call is refused with this code.

    `modelled` is the error's name in AWS's model, where it has one: then boto3 must raise its own
    class for it, and the model must list it for the operation. `holds` looks at the error itself.
    """
    kind = getattr(client.exceptions, modelled) if modelled else ClientError
    try:
        yield
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"refused with {found}, not {code}: {error}"
        assert isinstance(error, kind), f"{code} is no {modelled}: {type(error).__name__}"
        assert error.response["Error"]["Message"], f"{code} says nothing"
        if modelled:
            model = client.meta.service_model.operation_model(error.operation_name)
            listed = [shape.name for shape in model.error_shapes]
            assert modelled in listed, f"{error.operation_name} has no {modelled} in AWS's model"
        assert holds(error), f"refused with {code}, but: {error.response}"
    else:
        raise AssertionError(f"not refused: {code} was expected")


def names(things, key):
    """One member of each, sorted."""
    return sorted(thing[key] for thing in things)


def pages(client, operation, key, size, **members):
    """All of a listing, `size` a page. Returns the things, and how many pages there were."""
    found, count = [], 0
    pager = client.get_paginator(operation)
    for page in pager.paginate(PaginationConfig={"PageSize": size}, **members):
        count += 1
        assert len(page[key]) <= size, f"a page of {size} has {len(page[key])}"
        found.extend(page[key])
    return found, count
