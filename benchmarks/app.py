"""The table of `app.json`, which `make measure-app` writes."""

from typing import Any


def table(figures: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    project = figures["project"]
    photographs = f"{project['photographs']:,} photographs"
    slowest = max(project["page_change_seconds"].values())
    key = 1000 * project["key_to_next_photograph_seconds"]
    rows = {
        "from the app's start to its first picture": (
            f"{figures['first_picture_seconds']:.1f} s"
        ),
        "new images on Generate, median of 200": (
            f"{figures['redraw_seconds_median']:.2f} s"
        ),
        f"until all of {figures['sessions']} visitors at once have a picture": (
            f"{figures['seconds_until_all_sessions_have_a_picture']:.0f} s"
        ),
        f"memory with these {figures['sessions']} visitors": (
            f"{figures['memory_20_sessions_mib']:,} MiB"
        ),
        "memory before and after 200 redraws": (
            f"{figures['memory_before_mib']:,} and "
            f"{figures['memory_after_200_redraws_mib']:,} MiB"
        ),
        f"a project of {photographs}: first photograph to label": (
            f"{project['seconds_until_the_first_photograph']:.0f} s"
        ),
        f"guesses from {project['labels']} labels, once all are described": (
            f"{project['seconds_until_guesses'] / 60:.1f} min"
        ),
        "change to another page, the slowest of five": f"{slowest:.2f} s",
        "from a key to the next photograph": f"{key:.0f} ms",
        f"memory with {photographs}": f"{project['memory_mib']:,} MiB",
        "their pixels, in a mapped file": f"{project['mapped_files_mib']:,} MiB",
    }
    lines = [f"| {what} | {value} |" for what, value in rows.items()]
    return "\n".join(["| what | |", "|---|---:|", *lines])
