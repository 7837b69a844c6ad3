#!/usr/bin/env python3
"""Which test proves which rule of a service's specification.

    tools/rules/rules.py [--root .] [--table] <service>...

services/<service>/rules.txt lists the rules, one a line: "<id> <title>". A rule is proved by a test
that names it: in the comment above the test or in its body. A worked example (W-4, W-5a) is proved
by a test whose own name begins with it (W4..., W5a...). Tests are looked for in services/<service>
and in tests/. Exit code 1, and the list of them, when a rule has no test, or when a test names a
rule of that family that the list does not have.

--table prints the whole table as Markdown.
"""

import argparse
import pathlib
import re
import sys

TEST = re.compile(r"^(?:TEST|TEST_F|TEST_P|TYPED_TEST|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\(\s*"
                  r"(\w+),\s*(\w+)", re.M)
EXAMPLE = re.compile(r"W-(\d+)(\w*)$")


def read_rules(path):
    """[(id, title)], in the order of the file."""
    rules = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, _, title = line.partition(" ")
        if not title.strip():
            sys.exit(f"{path}:{number}: a rule has an id and a title")
        if any(name == known for known, _ in rules):
            sys.exit(f"{path}:{number}: {name} stands twice")
        rules.append((name, title.strip()))
    return rules


def tests_of(path):
    """[(name, text)] of one file: a test's text is the comment right above it and its body."""
    text = path.read_text()
    starts = [(m.start(), f"{m.group(1)}.{m.group(2)}") for m in TEST.finditer(text)]
    found = []
    for i, (start, name) in enumerate(starts):
        above = []
        for line in reversed(text[:start].splitlines()):
            if not line.startswith("//"):
                break
            above.append(line)
        end = starts[i + 1][0] if i + 1 < len(starts) else len(text)
        body = text[start:end]
        # What stands above the next test belongs to it.
        lines = body.splitlines()
        while lines and (lines[-1].startswith("//") or not lines[-1].strip()):
            lines.pop()
        found.append((name, "\n".join(above[::-1] + lines)))
    return found


def proves(rule, name, text):
    example = EXAMPLE.match(rule)
    if example:
        own = name.split(".")[1]
        return re.match(rf"W{example.group(1)}{example.group(2)}(?![0-9a-z])", own) is not None
    return re.search(rf"\b{re.escape(rule)}(?!\d)", text) is not None


def check(root, service, table):
    listed = root / "services" / service / "rules.txt"
    if not listed.exists():
        sys.exit(f"{listed}: no list of rules")
    rules = read_rules(listed)
    tests = []
    for folder in (root / "services" / service, root / "tests"):
        for path in sorted(folder.rglob("*_test.cc")):
            tests += [(path.relative_to(root), name, text) for name, text in tests_of(path)]
    missing = []
    if table:
        print("| rule | what it says | proved by |\n|---|---|---|")
    for rule, title in rules:
        proofs = [f"`{name}`" for _, name, text in tests if proves(rule, name, text)]
        if table:
            print(f"| {rule} | {title} | {', '.join(proofs) if proofs else '**nothing**'} |")
        if not proofs:
            missing.append(f"{service}: no test proves {rule}: {title}")
    known = {rule for rule, _ in rules}
    family = {rule.split("-")[0] for rule in known} - {"W"}
    for path, name, text in tests:
        for prefix in family:
            for named in re.findall(rf"\b{prefix}-\d+", text):
                if named not in known:
                    missing.append(f"{path}: {name} names {named}, which rules.txt does not have")
    return missing, len(rules)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=".", type=pathlib.Path)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("service", nargs="+")
    options = parser.parse_args()
    failed = False
    for service in options.service:
        missing, count = check(options.root, service, options.table)
        for line in missing:
            print(line, file=sys.stderr)
        print(f"{service}: {count} rules, {len(missing)} findings", file=sys.stderr)
        failed = failed or bool(missing)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
