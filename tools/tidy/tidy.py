#!/usr/bin/env python3
"""The rules of the house that no compiler checks. A ctest; prints each finding as file:line: what.

tidy.py ROOT            checks the tree
tidy.py --self-test     proves that each rule finds what it forbids
"""
import os
import re
import subprocess
import sys
import tempfile

# Each library may include itself and these. Services may include any library; no library a service.
LIBS = {
    "base": set(),
    "criteria": {"base"},
    "decider": {"base"},
    "record": {"base"},
    "log": {"base", "record"},
    "privacy": {"base"},
    "backup": {"base", "log", "privacy"},
    "view": {"base", "record", "privacy"},
    "engine": {"base", "decider", "record", "log", "privacy", "view"},
    "projection": {"base", "decider", "record", "log", "privacy", "view", "engine"},
    "rpc": {"base", "decider", "record", "log", "privacy", "view", "engine"},
    "host": {"base", "decider", "record", "log", "privacy", "view", "engine", "projection", "rpc"},
    # Tests only: nothing but tests/ may use it.
    "sim": {"base", "decider", "record", "log", "privacy", "view", "engine", "projection"},
}
# The pure core of a service sees nothing else.
DOMAIN_LIBS = {"base", "decider", "criteria"}
# The one place for each seam.
SEAMS = [
    (re.compile(r"\babsl::Now\(|\bstd::chrono::\w+_clock::now\(|[^\w:.>]time\(nullptr\)|\bgettimeofday\("),
     "asks the machine for the time (use Clock)",
     {"libs/base/clock.cc", "libs/base/log.cc"}),
    (re.compile(r"\brand\(\)|\bstd::random_device\b|\bRAND_bytes\(|absl::BitGen\b"),
     "asks the machine for randomness (use Random)", {"libs/base/random.cc"}),
]
HEADER_LINES, SOURCE_LINES, COLUMNS, README_LINES = 220, 500, 100, 60
SIZE_REASON = re.compile(r"(//|#) Longer than the house rule because ")
FORBIDDEN_TEXT = [
    (re.compile(r"\b(TODO|FIXME|XXX)\b"), "unfinished work"),
    (re.compile(r"(?<![\w.])/(work|root|home/\w+)/"), "a path of one machine"),
    (re.compile(r"(pypi\.org|pythonhosted\.org|maven\.org|repo1\.maven|registry\.npmjs|crates\.io|"
                r"proxy\.golang|deb\.debian\.org)"), "the host name of a package registry"),
]
INCLUDE = re.compile(r'^\s*#include\s+[<"]([^">]+)[">]')


def tracked(root):
    out = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"],
                         capture_output=True, text=True, check=True).stdout
    return sorted(p for p in out.splitlines() if os.path.isfile(os.path.join(root, p)))


def read(root, path):
    try:
        with open(os.path.join(root, path), encoding="utf-8") as f:
            return f.read().splitlines()
    except UnicodeDecodeError:
        return None


def check_includes(path, lines, find):
    parts = path.split("/")
    for n, line in enumerate(lines, 1):
        m = INCLUDE.match(line)
        if not m:
            continue
        inc = m.group(1)
        if parts[0] == "libs":
            if inc.startswith("services/"):
                find(path, n, f"a library knows a service: {inc}")
            other = re.match(r"libs/(\w+)/", inc)
            is_test = re.search(r"_(test|bench)\.cc$|/testing/|testkit|/main\.cc$", path)
            if other and other.group(1) != parts[1] and not is_test:
                if other.group(1) not in LIBS.get(parts[1], set()):
                    find(path, n, f"libs/{parts[1]} may not depend on {inc}")
        if parts[0] == "services" and len(parts) > 3 and parts[2] == "domain":
            service = parts[1]
            lib = re.match(r"libs/(\w+)/", inc)
            if lib and lib.group(1) not in DOMAIN_LIBS:
                find(path, n, f"the domain is pure: {inc}")
            if re.match(r"(grpcpp|rocksdb|librdkafka)", inc):
                find(path, n, f"the domain is pure: {inc}")
            proto = re.match(r"pdp/(\w+)/v1/", inc)
            if proto and proto.group(1) not in (service, "common"):
                find(path, n, f"the domain knows its own protos only: {inc}")
            own = re.match(r"services/(\w+)/(\w+)/", inc)
            if own and (own.group(1) != service or own.group(2) not in ("domain", "reference")):
                find(path, n, f"the domain knows its own domain and reference only: {inc}")
        elif parts[0] == "services":
            other = re.match(r"services/(\w+)/", inc)
            if other and other.group(1) != parts[1]:
                find(path, n, f"a service includes another service: {inc}")


def check_sizes(path, lines, find):
    if not path.endswith((".h", ".cc")):
        return
    limit = HEADER_LINES if path.endswith(".h") else SOURCE_LINES
    if len(lines) > limit and not any(SIZE_REASON.search(l) for l in lines):
        find(path, len(lines), f"{len(lines)} lines, more than {limit}, and no reason given")
    for n, line in enumerate(lines, 1):
        if len(line) > COLUMNS and "http" not in line and not INCLUDE.match(line):
            find(path, n, f"{len(line)} columns")


def check_guard(path, lines, find):
    if not path.endswith(".h"):
        return
    guard = "PDP_" + re.sub(r"[/.]", "_", path).upper() + "_"
    if not any(line.strip() == f"#ifndef {guard}" for line in lines):
        find(path, 1, f"the header guard is {guard}")


def check_text(path, lines, find):
    if path.startswith("tools/tidy/"):
        return
    for n, line in enumerate(lines, 1):
        for pattern, what in FORBIDDEN_TEXT:
            if pattern.search(line):
                find(path, n, what)
    if path.endswith((".cc", ".h")) and not re.search(r"_(test|bench)\.cc$|^tests/|/testing/", path):
        for pattern, what, where in SEAMS:
            if path in where or path.startswith("tools/"):
                continue
            for n, line in enumerate(lines, 1):
                if pattern.search(line.split("//")[0]):
                    find(path, n, what)


def check_readmes(paths, root, find):
    folders = {"/".join(p.split("/")[:2]) for p in paths
               if re.match(r"(libs|services|tests)/[^/]+/", p)}
    folders |= {"tests", "proto", "deploy", "tools"} & {p.split("/")[0] for p in paths}
    for folder in sorted(folders):
        readme = f"{folder}/README.md"
        if readme not in paths:
            find(folder, 0, "has no README.md")
            continue
        lines = read(root, readme)
        if len(lines) > README_LINES and not folder.startswith("services/") and folder != "tests":
            find(readme, len(lines), f"more than {README_LINES} lines")


def run(root):
    findings = []
    def find(path, line, what):
        findings.append(f"{path}:{line}: {what}")
    paths = tracked(root)
    for path in paths:
        lines = read(root, path)
        if lines is None:
            continue
        if path.endswith((".cc", ".h")):
            check_includes(path, lines, find)
            check_sizes(path, lines, find)
            check_guard(path, lines, find)
        check_text(path, lines, find)
    check_readmes(set(paths), root, find)
    top = {p.split("/")[0] for p in paths}
    allowed = {"CMakeLists.txt", "CMakePresets.json", "proto", "services", "libs", "deploy", "tests",
               "tools", "README.md", "LICENSE"}
    for name in sorted(top - allowed):
        if not name.startswith("."):
            find(name, 0, "does not belong at the top level")
    return findings


def self_test():
    bad = {
        "libs/base/a.h": "#ifndef WRONG\n",
        "libs/base/a.cc": '#include "libs/engine/cell.h"\n',
        "libs/log/b.cc": '#include "services/referral/domain/x.h"\n',
        "services/referral/domain/c.cc": '#include "libs/engine/cell.h"\n',
        "services/referral/domain/d.cc": '#include "pdp/programmes/v1/events.pb.h"\n',
        "services/referral/e.cc": '#include "services/programmes/domain/x.h"\n',
        "libs/base/f.cc": "auto t = absl::Now();\n",
        "libs/base/g.cc": "int i;\n" * 501,
        "libs/base/h.cc": "// " + "x" * 100 + "\n",
        "libs/base/i.cc": "// TO" + "DO: later\n",
        "stray/j.txt": "x\n",
    }
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["git", "init", "-q", root], check=True)
        for path, text in bad.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as f:
                f.write(text)
        found = run(root)
    missed = [p for p in bad if not any(x.startswith((p, p.split("/")[0] + ":")) for x in found)]
    for path in missed:
        print(f"self-test: nothing found in {path}")
    print(f"self-test: {len(bad) - len(missed)} of {len(bad)} planted faults found")
    return 1 if missed else 0


def main():
    if len(sys.argv) == 2 and sys.argv[1] == "--self-test":
        return self_test()
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    findings = run(sys.argv[1])
    print("\n".join(findings) if findings else "tidy")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
