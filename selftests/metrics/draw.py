#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws the panels of a Grafana dashboard from a Prometheus, as a page of SVG.

Where there is no Grafana: every query of the dashboard is asked as Grafana asks
it, and its answer drawn where the dashboard has its panel.  It knows time series,
single numbers and state timelines, and no more of Grafana than that.

  draw.py DASHBOARD PROMETHEUS START END > page.html      START, END: seconds since 1970
"""
import html
import json
import math
import sys
import time
import urllib.parse
import urllib.request

UNIT, GAP, HEAD, FOOT, LEFT = 58, 8, 26, 34, 46		# pixels
COLOURS = ("#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#8ab8ff", "#ffa6b0",
           "#96d98d", "#ffcb7d", "#c0d8ff", "#deb6f2")
SUFFIX = {"reqps": "/s", "pps": "/s", "cps": "/s", "Bps": "B/s", "bytes": "B", "s": "s"}


def ask(base, query, start, end, step):
    for name, value in (("$__rate_interval", "30s"), ("$instance", ".*"), ("$job", "gmgate")):
        query = query.replace(name, value)
    args = urllib.parse.urlencode({"query": query, "start": start, "end": end, "step": step})
    with urllib.request.urlopen(f"{base}/api/v1/query_range?{args}") as reply:
        answer = json.load(reply)
    assert answer["status"] == "success", answer
    return answer["data"]["result"]


def name_of(legend, labels):
    for key, value in labels.items():
        legend = legend.replace("{{%s}}" % key, value)
    return legend


def series_of(panel, base, start, end, step):
    found = []
    for target in panel["targets"]:
        for result in ask(base, target["expr"], start, end, step):
            values = [(float(t), float(v)) for t, v in result["values"] if math.isfinite(float(v))]
            if values:
                found.append((name_of(target["legendFormat"], result["metric"]), values))
    return found


def number(value, unit):
    if unit == "percentunit":
        return f"{value * 100:.3g}%"
    if unit == "s" and 0 < value < 1:
        return f"{value * 1e3:.3g} ms" if value >= 1e-3 else f"{value * 1e6:.3g} us"
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g} {letter}{SUFFIX.get(unit, '')}"
    return f"{value:.3g} {SUFFIX.get(unit, '')}".strip()


def text(x, y, words, size=11, colour="#ccccdc", more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" {more}>'
            f"{html.escape(words)}</text>")


def draw_stat(series, unit, w, h):
    value = number(series[-1][1][-1][1], unit) if series else "no data"
    return [text(w / 2, h / 2 + 24, value, 34, COLOURS[0], 'text-anchor="middle"')]


def legend(series, h, w):
    out, x, y = [], LEFT, h - 20
    for i, (name, _) in enumerate(series):
        words = 22 + 6 * len(name)
        if x + words > w and x > LEFT:
            x, y = LEFT, y + 12
        out.append(f'<rect x="{x}" y="{y - 4}" width="10" height="3" fill="{COLOURS[i % 12]}"/>')
        out.append(text(x + 14, y, name, 10))
        x += words
    return out


def stacked(series):
    below, out = {}, []
    for name, values in series:
        sums = [(t, v + below.get(t, 0)) for t, v in values]
        below.update(sums)
        out.append((name, sums))
    return out


def draw_series(series, panel, w, h, start, end):
    unit = panel["fieldConfig"]["defaults"]["unit"]
    if not series:
        return [text(w / 2, h / 2, "no data", 12, "#8e8e9a", 'text-anchor="middle"')]
    stack = panel["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal"
    shown = stacked(series) if stack else series
    top = max(v for _, values in shown for _, v in values) or 1
    high = h - HEAD - FOOT - 12

    def at(t, v):
        return (LEFT + (t - start) / (end - start) * (w - LEFT - 10), HEAD + high - v / top * high)

    out = []
    for part in (0, 0.5, 1):
        y = HEAD + high - part * high
        out.append(f'<path d="M{LEFT} {y:.1f}H{w - 10}" stroke="#2c2e35"/>')
        out.append(text(LEFT - 4, y + 3, number(top * part, unit), 9, "#8e8e9a",
                        'text-anchor="end"'))
    for part in (0.1, 0.5, 0.9):
        t = start + part * (end - start)
        out.append(text(at(t, 0)[0], HEAD + high + 12, time.strftime("%H:%M:%S", time.gmtime(t)), 9,
                        "#8e8e9a", 'text-anchor="middle"'))
    for i, (_, values) in reversed(list(enumerate(shown))):
        points = [at(t, v) for t, v in values]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        bottom = HEAD + high
        out.append(f'<polygon points="{points[0][0]:.1f},{bottom} {line} {points[-1][0]:.1f},'
                   f'{bottom}" fill="{COLOURS[i % 12]}" opacity="{0.5 if stack else 0.1}"/>')
        out.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[i % 12]}" '
                   'stroke-width="1.5"/>')
    return out + legend(series, h, w)


def draw_states(series, w, h, start, end, step):
    out = []
    for i, (name, values) in enumerate(series):
        y = HEAD + 8 + i * 34
        for t, v in values:
            x = LEFT + (t - start) / (end - start) * (w - LEFT - 10)
            out.append(f'<rect x="{x:.1f}" y="{y}" height="16" fill="{COLOURS[0 if v else 4]}" '
                       f'width="{step / (end - start) * (w - LEFT - 10) + 0.5:.1f}"/>')
        out.append(text(LEFT, y + 28, f"{name} (green: up, red: avoided)", 10))
    return out


def draw(panel, base, start, end):
    grid = panel["gridPos"]
    x, y = grid["x"] * UNIT, grid["y"] * 34
    w, h = grid["w"] * UNIT - GAP, grid["h"] * 34 - GAP
    if panel["type"] == "row":
        return f'<g transform="translate({x} {y})">{text(4, 20, panel["title"], 15)}</g>'
    step = max(1, (end - start) // 120)
    series = series_of(panel, base, start, end, step)
    if panel["type"] == "stat":
        body = draw_stat(series, panel["fieldConfig"]["defaults"]["unit"], w, h)
    elif panel["type"] == "state-timeline":
        body = draw_states(series, w, h, start, end, step)
    else:
        body = draw_series(series, panel, w, h, start, end)
    return (f'<g transform="translate({x} {y})"><rect width="{w}" height="{h}" rx="3" '
            f'fill="#181b1f" stroke="#2c2e35"/>{text(8, 17, panel["title"], 12, "#ffffff")}'
            f'{"".join(body)}</g>')


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        panels = json.load(f)["panels"]
    base, start, end = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    high = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in panels) * 34
    body = "".join(draw(p, base, start, end) for p in panels)
    print('<!DOCTYPE html><meta charset="utf-8"><style>body{margin:8px;background:#111217;'
          'font-family:"DejaVu Sans",sans-serif}</style>'
          f'<svg xmlns="http://www.w3.org/2000/svg" width="{24 * UNIT}" height="{high}">{body}</svg>')


if __name__ == "__main__":
    main()
