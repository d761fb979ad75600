"""Runs a program as the unit confines it: its environment, its system calls, its families of addresses, no capability.

under-unit.py UNIT PROGRAM [ARGUMENT ...]

A variable that is set already stays as it is. What systemd does itself with namespaces and mounts is not repeated here; the exit code is 78 where the unit cannot be read.
"""

import errno
import os
import shlex
import socket
import subprocess
import sys

import seccomp


def settings(path, name):
    """All values of a directive in the unit's order, one string each."""
    with open(path, encoding="utf8") as unit:
        lines = [line.strip() for line in unit]
    return [line[len(name) + 1 :] for line in lines if line.startswith(name + "=")]


def calls_of(name):
    """Names of a set of systemd's, or the name itself."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True)
    words = [line.strip() for line in listed.stdout.splitlines()[1:]]
    names = [word for word in words if word and not word.startswith("#")]
    return set().union(*(calls_of(word) for word in names)) if names else set()


def allowed_calls(path):
    """A first line without `~` makes a list of what is allowed; later lines take from it, or add to it."""
    allowed = calls_of("@default")
    for line in settings(path, "SystemCallFilter"):
        named = set().union(*(calls_of(word) for word in line.lstrip("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named
    return allowed


def confine(path):
    families = " ".join(settings(path, "RestrictAddressFamilies")).split()
    calls = allowed_calls(path)
    if not families or "socket" not in calls:
        sys.exit(78)
    seccomp_filter = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for call in calls - {"socket"}:
        try:
            seccomp_filter.add_rule(seccomp.ALLOW, call)
        except RuntimeError:
            pass  # A call of another processor.
    wanted = [int(getattr(socket, family)) for family in families]
    for family in range(64):
        verdict = seccomp.ALLOW if family in wanted else seccomp.ERRNO(errno.EAFNOSUPPORT)
        seccomp_filter.add_rule(verdict, "socket", seccomp.Arg(0, seccomp.EQ, family))
    seccomp_filter.load()


unit, program = sys.argv[1], sys.argv[2:]
for assignment in (word for line in settings(unit, "Environment") for word in shlex.split(line)):
    name, value = assignment.split("=", 1)
    if name != "HOME":
        os.environ.setdefault(name, value)
confine(unit)
os.execvp(program[0], program)
