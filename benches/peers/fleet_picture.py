"""The picture of the scaling curve, as plain SVG that reads on light and dark pages."""
import math

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 300, 56, 40, 44
PANEL = 300
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #333 }
  .axis { stroke: #888; stroke-width: 1 } .grid { stroke: #8884; stroke-width: 1 }
  .line { fill: none; stroke-width: 2 } .c0 { stroke: #1f6feb } .c1 { stroke: #bc4c00 }
  .d0 { fill: #1f6feb } .d1 { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .c0 { stroke: #79b8ff } .c1 { stroke: #ffab70 } .d0 { fill: #79b8ff } .d1 { fill: #ffab70 }
  }
"""


def draw(rows, in_flight):
    """Seconds and memory over the number of targets, one line a depth."""
    depths = list(dict.fromkeys(depth for depth, *_ in rows))
    seconds = {depth: [(count, run.seconds) for d, count, run in rows if d == depth] for depth in depths}
    memory = {depth: [(count, run.rss_mib) for d, count, run in rows if d == depth] for depth in depths}
    top = 10 ** math.ceil(math.log10(max(value for points in seconds.values() for _, value in points)))
    body = panel(LEFT, "seconds", seconds, [top / 10**step for step in range(4, -1, -1)], log=True)
    body += panel(LEFT + PANEL + 80, f"peak memory, MiB, at most {in_flight:,} in flight", memory, [0, 16, 32, 48, 64], log=False)
    legend = "".join(
        f'<circle class="d{index}" cx="{LEFT + 8 + 90 * index}" cy="14" r="4"/>'
        f'<text x="{LEFT + 18 + 90 * index}" y="18">depth {depth}</text>'
        for index, depth in enumerate(depths)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Time and memory of rdprobe scan over the number of targets">\n<style>{STYLE}</style>\n'
        f"{legend}\n{body}</svg>\n"
    )


def panel(left, title, lines, ticks, log):
    counts = sorted({count for points in lines.values() for count, _ in points})

    def x(count):
        span = math.log10(counts[-1] / counts[0])
        return left + 10 + (PANEL - 20) * math.log10(count / counts[0]) / span

    def y(value):
        scale = math.log10 if log else float
        low, high = scale(ticks[0]), scale(ticks[-1])
        part = (scale(max(value, ticks[0])) - low) / (high - low)
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP - 10) * part

    parts = [f'<text x="{left}" y="{TOP}">{title}</text>\n']
    for tick in ticks:
        parts.append(f'<line class="grid" x1="{left}" x2="{left + PANEL}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>\n')
    base = HEIGHT - BOTTOM
    parts.append(f'<line class="axis" x1="{left}" x2="{left + PANEL}" y1="{base}" y2="{base}"/>\n')
    for count in counts:
        parts.append(f'<text x="{x(count):.1f}" y="{base + 18}" text-anchor="middle">{count:,}</text>\n')
    parts.append(f'<text x="{left + PANEL / 2}" y="{base + 36}" text-anchor="middle">targets</text>\n')
    for index, points in enumerate(lines.values()):
        path = " ".join(f"{x(count):.1f},{y(value):.1f}" for count, value in points)
        parts.append(f'<polyline class="line c{index}" points="{path}"/>\n')
        parts += [f'<circle class="d{index}" cx="{x(count):.1f}" cy="{y(value):.1f}" r="3"/>\n' for count, value in points]
    return "".join(parts)
