"""What every bench does with what it measured: rows of JSON that say where they come from, and a table beside them."""
import functools, json, os, platform, subprocess, sys
from time import sleep


@functools.cache
def provenance():
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    return {"machine": f"{processor}, {os.cpu_count()} cores", "commit": os.environ.get("BENCH_COMMIT") or commit()}


def busy():
    """The share of the processors that something else uses, over a second."""
    def times():
        values = list(map(int, open("/proc/stat").readline().split()[1:9]))
        return sum(values), values[3] + values[4]
    (all_before, idle_before), _, (all_after, idle_after) = times(), sleep(1), times()
    return 1 - (idle_after - idle_before) / max(all_after - all_before, 1)


def commit():
    """Of the sources as they are now. A bench asks before it builds (`begin`, which refuses a busy machine): who commits while it runs does not change what it measures."""
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    changed = subprocess.run(["git", "status", "--porcelain", "--", ".", ":!bench/results", ":!docs"], capture_output=True, text=True, check=True).stdout.strip()
    return head + ("-changed" if changed else "")


def keep(name, rows, case="case"):
    """Writes bench/results/NAME.json: these rows in place of those of the same cases, the other cases as they were. Returns all."""
    path = f"bench/results/{name}.json"
    before = json.load(open(path)) if os.path.exists(path) else []
    measured = {row[case] for row in rows}
    rows = [row for row in before if row[case] not in measured] + rows
    with open(path + ".new", "w") as file:
        json.dump(rows, file, indent=2)
        file.write("\n")
    os.replace(path + ".new", path)
    return rows


def time(milliseconds):
    return f"{milliseconds * 1e3:.1f} us" if milliseconds < 1 else f"{milliseconds:.2f} ms" if milliseconds < 1e4 else f"{milliseconds / 1e3:.1f} s"


def notes(row, known):
    """What a row has of the values that a table shows, as their formats say."""
    return ", ".join(text.format(row[name]) for name, text in known.items() if row.get(name) is not None)


def tables(name, introduction, rows, title, known):
    """Writes bench/results/NAME.md, a table for each of what `title` makes of the rows, and prints it."""
    text = introduction + "\n"
    for case in dict.fromkeys(map(title, rows)):
        mine = [row for row in rows if title(row) == case]
        text += f"\n## {case}\n\n{mine[0]['machine']}; {mine[0]['commit']}\n\n| what | median | 95 % | of | |\n| --- | ---: | ---: | ---: | --- |\n"
        for row in mine:
            what = f"{row['by']}: {row['what']}" if "by" in row else row["what"]
            text += f"| {what} | {time(row['milliseconds'])} | {time(row['p95']) if 'p95' in row else ''} | {row.get('calls', '')} | {notes(row, known)} |\n"
    with open(f"bench/results/{name}.md", "w") as file:
        file.write(text)
    print(text)


if __name__ == "__main__" and sys.argv[1:] in (["commit"], ["begin"]):
    if sys.argv[1] == "begin" and (share := busy()) > 0.2:
        sys.exit(f"error: something else uses {share:.0%} of this machine's processors, and would be measured too: wait for it, or stop it (top says what it is)")
    print(commit())
elif __name__ == "__main__":  # report.py NAME CASE COMMAND: keeps the rows on the standard input, a JSON object a line
    rows = [{**json.loads(line), "command": sys.argv[3], **provenance()} for line in sys.stdin]
    keep(sys.argv[1], rows, sys.argv[2])
    for row in rows:
        print(row)
