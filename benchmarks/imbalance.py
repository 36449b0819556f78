"""Long tails: `python benchmarks/imbalance.py FOLDER`.

FOLDER holds one folder of class folders per data set. Images of ten classes are drawn
so that the most frequent class has up to 100 times as many as the rarest. The classes
are learned with equal shares, with the true shares stated, and with the shares that are
estimated. What is measured already is not measured again; a draw takes up to a minute
or two.
"""

import statistics

from imbalance_draws import GREY, PRIORS, RATIOS, WAYS

from ssvae.benchmark.script import Script, seeds_of

SCRIPT = Script(__file__)


def main():
    """Measure what is missing, and put the table into the page."""
    from imbalance_measures import opened_field, opened_grey

    from ssvae.cli import process

    flags = SCRIPT.parser(__doc__, RATIOS, 3).parse_args()
    process.start_keras()
    done = SCRIPT.done("dataset", "recipe", "seed")
    for name in flags.sets:
        opened = None
        for seed in seeds_of(flags):
            missing = [way for way in WAYS if (name, way, seed) not in done]
            if not missing:
                continue
            opened = opened or (opened_grey if name in GREY else opened_field)(
                flags.folder, name
            )
            measure = opened(seed)
            for way in missing:
                found = measure(way)
                SCRIPT.add({"dataset": name, "recipe": way, "seed": seed, **found})
    SCRIPT.finish(table)


def percent(values):
    """Return the mean of fractions, in percent."""
    return f"{100 * statistics.mean(values):.1f} %"


def table(results) -> str:
    """Return the errors and the shares as two Markdown tables."""
    groups: dict[tuple, list] = {}
    for result in results:
        groups.setdefault((result["dataset"], result["recipe"]), []).append(result)
    rows = [
        "| data | labels | draws | equal shares | shares stated | estimated | "
        "of all images: equal | stated | estimated |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for (name, way), group in sorted(groups.items()):
        cells = [
            percent([result[kind][prior] for result in group])
            for kind in ("mean_error", "error")
            for prior in PRIORS
        ]
        rows.append(f"| {name} | {way} | {len(group)} | {' | '.join(cells)} |")
    names = ("labels", "answers", "EM", "BBSE", "RLLS")
    rows += [
        "",
        "| mean error of a share, points | labels | ours | taken as uneven | in the "
        f"interval | {' | '.join(names)} |",
        f"|---|---|---:|---:|---:|{'---:|' * len(names)}",
    ]
    for (name, way), group in sorted(groups.items()):
        ours = 100 * statistics.mean(result["shares_error"] for result in group)
        uneven = sum(result["source"] == "unlabeled images" for result in group)
        inside = percent([result["inside_interval"] for result in group])
        others = [
            f"{100 * statistics.mean(result['peers'][peer] for result in group):.1f}"
            for peer in names
        ]
        rows.append(
            f"| {name} | {way} | {ours:.1f} | {uneven} of {len(group)} | {inside} | "
            f"{' | '.join(others)} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
