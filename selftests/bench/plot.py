#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of the benchmarks' figures, as SVG.

storm: how many UEs were registered in each second, beside what there is room for without one.
packets: what a packet costs against the number of UEs that are installed.
agent: what a registration and so on costs the daemon, and its memory, against the UEs registered.
"""

import math

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 300, 60, 40, 50


def text(x, y, words, anchor="middle"):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>'


def page(height):
    return [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif" font-size="12" fill="#222">',
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>']


def write(parts, path):
    with open(path, "w", encoding="ascii") as out:
        out.write("\n".join([*parts, "</svg>", ""]))


def storm(result, path):
    """Bars of a second each; a line at what a calm agent registers."""
    seconds = [sum(result["slots"][i:i + 10]) for i in range(0, len(result["slots"]), 10)]
    calm, n = result["calm_per_second"], max(len(seconds), 1)
    top = max([calm, *seconds]) * 1.1
    wide, high = WIDTH - LEFT - 20, HEIGHT - TOP - BOTTOM

    def y(value):
        return TOP + high * (1 - value / top)
    parts = [*page(HEIGHT), text(WIDTH / 2, 20, f'{result["asked"]} UEs register at once: registered in each second')]
    for i, value in enumerate(seconds):
        x = LEFT + wide * i / n
        parts.append(f'<rect x="{x + 1:.1f}" y="{y(value):.1f}" width="{max(wide / n - 2, 1):.1f}" '
                     f'height="{TOP + high - y(value):.1f}" fill="#4477aa"/>')
    parts.append(f'<line x1="{LEFT}" x2="{LEFT + wide}" y1="{y(calm):.1f}" y2="{y(calm):.1f}" '
                 'stroke="#cc3311" stroke-dasharray="6 3"/>')
    parts.append(text(LEFT + wide, y(calm) - 5, f"without a storm {calm:.0f} a second", "end"))
    for value in (0, top / 1.1 / 2, top / 1.1):
        parts.append(text(LEFT - 6, y(value) + 4, f"{value:.0f}", "end"))
    parts.append(f'<path d="M{LEFT} {TOP}V{TOP + high}H{LEFT + wide}" fill="none" stroke="#222"/>')
    for i in range(0, n + 1, max(1, n // 10)):
        parts.append(text(LEFT + wide * i / n, TOP + high + 18, i))
    parts.append(text(LEFT + wide / 2, HEIGHT - 10, "seconds"))
    write(parts, path)


class Panel:
    """One pair of axes, both of them logarithmic."""

    def __init__(self, place, title, xs, ys):
        self.left, self.top = place
        self.wide, self.high = 260, 200
        self.xs, self.ys = xs, ys
        self.parts = [text(self.left + self.wide / 2, self.top - 8, title)]

    @staticmethod
    def _part(value, ends):
        return math.log(value / ends[0]) / math.log(ends[1] / ends[0])

    def at(self, x, y):
        return (self.left + self.wide * self._part(x, self.xs),
                self.top + self.high * (1 - self._part(y, self.ys)))

    def grid(self, xs, ys):
        for y in ys:
            _, height = self.at(self.xs[0], y)
            self.parts.append(f'<path d="M{self.left} {height:.1f}h{self.wide}" stroke="#ddd"/>')
            self.parts.append(text(self.left - 6, height + 4, f"{y:,}", "end"))
        for x in xs:
            short = f"{x // 10 ** 6}M" if x >= 10 ** 6 else f"{x // 1000}k" if x >= 1000 else x
            self.parts.append(text(self.at(x, self.ys[0])[0], self.top + self.high + 18, short))
        self.parts.append(f'<path d="M{self.left} {self.top}v{self.high}h{self.wide}" '
                          'fill="none" stroke="#222"/>')

    def line(self, name, colour, points, below=False):
        """POINTS: (UEs, cost), growing; the name stands above the first one, or below it."""
        places = [self.at(*p) for p in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        self.parts.append(f'<g stroke="{colour}" fill="{colour}">'
                          f'<polyline points="{path}" fill="none" stroke-width="2"/>')
        self.parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in places]
        x, y = places[0]
        self.parts.append(f'<g stroke="none">{text(x + 6, y + (14 if below else -5), name, "start")}'
                          '</g></g>')


def packets(runs, path, size=100):
    """RUNS: data of bench.json, one for each kernel; NULL encryption, SIZE octets."""
    lines = (("none", "no IPsec", "#666666"), ("gmgate", "gmgate", "#4477aa"),
             ("stock", "stock", "#cc3311"))
    rows = [[p for p in run["packets"] if p["suite"] == "null" and p["size"] == size and p["ues"]]
            for run in runs]
    everything = [p for row in rows for p in row]
    xs = (1, max(10, *(p["ues"] for p in everything)))
    ys = (4000, max(50000, *(p["cost"] * 1.3 for p in everything)))
    parts = [*page(40 + 270 * len(rows)),
             text(WIDTH / 2, 20, f"A packet of {size} octets, NULL encryption: {runs[0]['unit']} "
                                 "against UEs installed")]
    for i, (run, row) in enumerate(zip(runs, rows)):
        for j, way in enumerate(("out", "in")):
            panel = Panel((70 + 345 * j, 60 + 270 * i), f"{way}, Linux {run['kernel']}", xs, ys)
            panel.grid([10 ** n for n in range(7) if 10 ** n <= xs[1]],
                       [y for y in (5000, 10000, 20000, 50000, 100000, 200000) if y < ys[1]])
            for who, name, colour in lines:
                points = sorted((p["ues"], p["cost"]) for p in row
                                if (p["contender"], p["way"]) == (who, way))
                if points:
                    panel.line(name, colour, points)
            parts += panel.parts
    write(parts, path)


def agent(runs, unit, path):
    """RUNS: those of agentbench.json, one for each number of UEs."""
    jobs = (("reregister", "re-registration", "#ee7733", False),
            ("register", "registration", "#cc3311", True),
            ("subscribe", "SUBSCRIBE", "#009988", False), ("message", "MESSAGE", "#666666", False),
            ("refresh", "refresh", "#4477aa", True))
    costs = [r[job[0]]["cost"] for r in runs for job in jobs]
    xs = (min(100, *(r["ues"] / 2 for r in runs)), max(r["ues"] for r in runs) * 2)
    ys = (min(costs) * 0.7, max(costs) * 1.5)
    ticks = [10 ** n for n in range(7) if xs[0] <= 10 ** n <= xs[1]]
    panel = Panel((70, 60), f"{unit} of gmgated", xs, ys)
    panel.grid(ticks, [m * 10 ** n for n in range(2, 9) for m in (1, 2, 3, 5)
                       if ys[0] < m * 10 ** n < ys[1]])
    for job, name, colour, below in jobs:
        panel.line(name, colour, sorted((r["ues"], r[job]["cost"]) for r in runs), below)
    memory = Panel((415, 60), "octets of gmgated for a UE", xs, (500, 20000))
    memory.grid(ticks, (1000, 2000, 4000, 10000))
    memory.line("octets", "#4477aa", sorted((r["ues"], max(r["register"]["octets"], 501))
                                            for r in runs))
    write([*page(310), text(WIDTH / 2, 20, "What the daemon needs against UEs registered"),
           *panel.parts, *memory.parts], path)
