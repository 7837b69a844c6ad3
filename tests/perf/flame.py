#!/usr/bin/env python3
"""Draws a flame graph (SVG) of what `perf script` prints.

    perf script -i perf.data -F comm,tid,ip,sym | tests/perf/flame.py > flame.svg

A box is a function, as wide as its share of the samples, standing on its caller; functions of one
name under one caller are one box. The lowest row is the thread. What has less than 0.2 % is left out.
"""
import html
import re
import sys
import zlib

WIDTH, ROW, LEAST = 1400, 15, 0.002


def shortened(symbol):
    """The function without its parameters and template arguments."""
    name = symbol.replace("(anonymous namespace)", "anon")
    while re.search(r"<[^<>]*>", name):
        name = re.sub(r"<[^<>]*>", "", name)
    name = re.sub(r"\(.*", "", name).split(" ")[-1]
    return name.replace("pdp::", "") or "?"


def plumbing(name):
    """What carries a call and says nothing."""
    return name == "?" or name.startswith(("std::", "_M_invoke", "__invoke", "clone3", "start_thread",
                                            "[unknown]", "operator",
                                            "absl::debian3::functional_internal"))


class Box:
    def __init__(self):
        self.samples = 0
        self.inner = {}


def read(lines):
    root, stack, thread = Box(), [], None

    def add():
        if thread is None:
            return
        path, box = [thread] + stack[::-1], root
        box.samples += 1
        for i, name in enumerate(path):
            if i > 0 and (plumbing(name) or name == path[i - 1]):
                continue
            box = box.inner.setdefault(name, Box())
            box.samples += 1

    for line in lines:
        if not line.strip():
            add()
            stack, thread = [], None
        elif not line[0].isspace() or thread is None:
            # A thread's name may hold blanks; its number says which it is.
            thread = " ".join(line.split()[:-1]) + " " + line.split()[-1]
        else:
            parts = line.split(None, 1)
            stack.append(shortened(parts[1].strip()) if len(parts) > 1 else "?")
    add()
    return root


def depth(box, total):
    wide = [b for b in box.inner.values() if b.samples >= LEAST * total]
    return 1 + max((depth(b, total) for b in wide), default=0)


def draw(name, box, left, level, height, total, out):
    width = WIDTH * box.samples / total
    top = height - (level + 1) * ROW
    share = 100 * box.samples / total
    hue = 20 + zlib.crc32(name.encode()) % 35
    text = html.escape(name)
    out.append(f'<g><title>{text}, {share:.1f} %</title><rect x="{left:.1f}" y="{top}" '
               f'width="{width:.1f}" height="{ROW - 1}" fill="hsl({hue},80%,65%)"/>')
    if width > 40:
        label = html.escape(name[:int(width / 6.2)])
        out.append(f'<text x="{left + 2:.1f}" y="{top + 11}">{label}</text>')
    out.append("</g>")
    for inner in sorted(box.inner):
        part = box.inner[inner]
        if part.samples >= LEAST * total:
            draw(inner, part, left, level + 1, height, total, out)
        left += WIDTH * part.samples / total


def main():
    root = read(sys.stdin)
    if root.samples == 0:
        sys.exit("flame.py: no samples")
    height = depth(root, root.samples) * ROW
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
           'font-family="monospace" font-size="10">',
           f'<rect width="{WIDTH}" height="{height}" fill="white"/>']
    draw("all", root, 0, 0, height, root.samples, out)
    print("\n".join(out + ["</svg>"]))


main()
