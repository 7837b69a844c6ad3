#!/usr/bin/env python3
"""rules.py on a repository of its own: it finds proofs, and fails when one is missing."""

import pathlib
import subprocess
import sys
import tempfile

TOOL = pathlib.Path(__file__).with_name("rules.py")
TESTS = """// REF-1 of the file as a whole proves nothing.

// REF-2.
TEST(Some, TwoIsProvedByItsComment) { EXPECT_TRUE(true); }
TEST_F(Other, ThreeByItsBody) {
  EXPECT_TRUE(true);  // REF-30 is another rule than this: REF-3.
}
TEST(Some, W4aAnExample) {}
"""


def run(rules):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "tests").mkdir()
        service = root / "services" / "referral"
        service.mkdir(parents=True)
        (service / "rules.txt").write_text(rules)
        (service / "a_test.cc").write_text("\n" + TESTS)
        return subprocess.run([sys.executable, TOOL, "--root", folder, "--table", "referral"],
                              capture_output=True, text=True, check=False)


good = run("REF-2 Two\nREF-3 Three\nREF-30 Thirty\nW-4a An example\n")
assert good.returncode == 0, good.stderr
assert "| REF-2 | Two | `Some.TwoIsProvedByItsComment` |" in good.stdout, good.stdout
assert "| REF-3 | Three | `Other.ThreeByItsBody` |" in good.stdout, good.stdout
assert "| W-4a | An example | `Some.W4aAnExample` |" in good.stdout, good.stdout
missing = run("REF-2 Two\nREF-3 Three\nREF-30 Thirty\nREF-1 One\nW-4 Another\n")
assert missing.returncode == 1
assert "no test proves REF-1: One" in missing.stderr, missing.stderr
assert "no test proves W-4: Another" in missing.stderr, missing.stderr
unknown = run("REF-2 Two\nREF-3 Three\nW-4a An example\n")
assert unknown.returncode == 1 and "names REF-30" in unknown.stderr, unknown.stderr
twice = run("REF-2 Two\nREF-2 Again\n")
assert twice.returncode != 0 and "twice" in twice.stderr, twice.stderr
