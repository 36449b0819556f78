"""Images of no class: `python benchmarks/junk.py FOLDER`.

FOLDER holds one folder of class folders per data set. Three things are measured, with
ten labels per class.

- `junk`: a third of the unlabeled images is from another data set. How well they are
  told apart, and the error with and without them. The error of photographs is that of
  the classifier of features on a test part; the error of digits is that of the
  pseudo-labels of the unlabeled digits, of which an image that was put aside counts as
  wrong.
- `unknown`: one digit is never labeled. It is found if a group is asked about of which
  nine in ten images are this digit, and which holds half of its images or more.
- `clean`: nothing foreign is there. What is put aside or asked about is a mistake.

What is measured already is not measured again. No label beyond the budget is read to
find anything.
"""

from statistics import mean

from ssvae.benchmark.script import Script, seeds_of

SCRIPT = Script(__file__)
SEEDS, EACH = 3, 10
# Data sets of photographs, with the other one that images are from.
MIXED = {"rubbish": "things", "steel": "aerial"}
CLEAN = "aerial", "rubbish", "signs", "steel", "symbols", "things", "traffic"
# Part of a group that must be the digit, and of the digit that must be in the group.
PURE, WHOLE = 0.9, 0.5


def main():
    """Measure what is missing, and put the tables into the page."""
    sets = dict.fromkeys(["mnist", *MIXED, *CLEAN])
    flags = SCRIPT.parser(__doc__, sets, SEEDS).parse_args()
    done = SCRIPT.done("recipe", "dataset", "seed")
    for seed in seeds_of(flags):
        for name in flags.sets:
            for kind, measure in _measures(name, flags.folder).items():
                if (kind, name, seed) not in done:
                    told = {"recipe": kind, "dataset": name, "seed": seed}
                    result = {"labels_per_class": EACH, **told, **measure(seed)}
                    SCRIPT.add(result)
    SCRIPT.finish(table)


def _measures(name, folder):
    """Return what is measured of a data set: functions of a seed, by kind."""
    if name == "mnist":
        from junk_digits import digits_alone, digits_and_clothes, unknown_digits

        def unknown(seed):
            asked = unknown_digits(EACH, seed)
            found = sum(any(map(_is_found, groups)) for groups in asked.values())
            return {"num_labels": 9 * EACH, "found": found, "asked": asked}

        return {
            "junk": lambda seed: digits_and_clothes(EACH, seed),
            "unknown": unknown,
            "clean": lambda seed: digits_alone(EACH, seed),
        }
    from junk_photographs import photographs_alone, photographs_and_others

    path = folder / name
    kinds = {"clean": lambda seed: photographs_alone(path, EACH, seed)}
    if name in MIXED:
        others = folder / MIXED[name]
        kinds["junk"] = lambda seed: photographs_and_others(path, others, EACH, seed)
    return kinds


def _is_found(group):
    return group["of_the_digit"] >= PURE and group["whole"] >= WHOLE


def _grouped(results):
    """Return results by data set."""
    names = dict.fromkeys(result["dataset"] for result in results)
    return [(name, [r for r in results if r["dataset"] == name]) for name in names]


def _percent(values):
    return f"{100 * mean(values):.2f} %"


def junk_table(results) -> str:
    """Return errors and AUROC as Markdown, one row per data set."""
    rows = [
        "| data | a third from | error without them | put aside | all teach | AUROC | "
        "found | own put aside | best other score |",
        "|---|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name, group in _grouped(results):
        errors = (
            _percent(r[part] for r in group)
            for part in ("error_without", "error", "error_all_teach")
        )
        least = min(r["auroc"] for r in group)
        scores = group[0].get("auroc_others", {})
        means = {key: mean(r["auroc_others"][key] for r in group) for key in scores}
        best = max(means, key=means.get, default="")
        other = f"{best}: {means[best]:.3f}" if best else ""
        rows.append(
            f"| {name} | {group[0]['others']} | {' | '.join(errors)} | "
            f"{mean(r['auroc'] for r in group):.3f} (least {least:.3f}) | "
            f"{_percent(r['caught'] for r in group)} | "
            f"{_percent(r['own_put_aside'] for r in group)} | {other} |"
        )
    return "\n".join(rows)


def unknown_table(results) -> str:
    """Return which digits are found as Markdown, one row per draw."""
    rows = ["| draw | digits found | not found |", "|---:|---:|---|"]
    for result in results:
        asked = result["asked"]
        missing = [d for d in asked if not any(map(_is_found, asked[d]))]
        rows.append(
            f"| {result['seed']} | {result['found']} of 10 | {', '.join(missing)} |"
        )
    return "\n".join(rows)


def clean_table(results) -> str:
    """Return what is found where nothing is foreign, one row per data set."""
    rows = [
        "| data | draws | put aside | draws with a needless question |",
        "|---|---:|---:|---:|",
    ]
    for name, group in _grouped(results):
        asked = sum(bool(result["groups"]) for result in group)
        aside = _percent(r["own_put_aside"] for r in group)
        rows.append(f"| {name} | {len(group)} | {aside} | {asked} |")
    return "\n".join(rows)


TABLES = {"junk": junk_table, "unknown": unknown_table, "clean": clean_table}


def table(results) -> str:
    """Return the three tables as Markdown."""
    tables = (
        make([result for result in results if result["recipe"] == kind])
        for kind, make in TABLES.items()
    )
    return "\n\n".join(tables)


if __name__ == "__main__":
    main()
