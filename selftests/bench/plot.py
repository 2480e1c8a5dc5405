#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A picture of a registration storm, as SVG: how many UEs were registered in each second,
beside what there is room for without one."""

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 300, 60, 40, 50


def text(x, y, words, anchor="middle"):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>'


def storm(result, path):
    """Bars of a second each; a line at what a calm agent registers."""
    seconds = [sum(result["slots"][i:i + 10]) for i in range(0, len(result["slots"]), 10)]
    calm, n = result["calm_per_second"], max(len(seconds), 1)
    top = max([calm, *seconds]) * 1.1
    wide, high = WIDTH - LEFT - 20, HEIGHT - TOP - BOTTOM

    def y(value):
        return TOP + high * (1 - value / top)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             'font-family="sans-serif" font-size="12" fill="#222">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             text(WIDTH / 2, 20, f'{result["asked"]} UEs register at once: registered in each second')]
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
    with open(path, "w", encoding="ascii") as out:
        out.write("\n".join([*parts, "</svg>", ""]))
