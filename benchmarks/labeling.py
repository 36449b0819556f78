"""How well labels by screens and guesses do: `python benchmarks/labeling.py FOLDER`.

A scripted user knows the truth and needs 0.6 seconds for each decision: a click on an
image, or a key. It begins without any label. Three quarters of a data set are the
project; the others are new images, which nobody labels and guesses are measured on too.
What is measured already is not measured again.
"""

from statistics import mean

from ssvae.benchmark.script import Script, say, seeds_of

SCRIPT = Script(__file__)
SETS = "signs", "symbols", "things"
SCREENS, SINGLE = "screens", "single random images"
# Decisions after which guesses are measured. The last are those of five minutes.
SECONDS = 0.6
AFTER = 50, 100, 300, round(5 * 60 / SECONDS)
# Main directions of the features.
DIRECTIONS = 300


def main():
    """Measure what is missing, and put the table into the page."""
    flags = SCRIPT.parser(__doc__, SETS, 2).parse_args()
    done = SCRIPT.done("dataset", "recipe", "seed")
    for name in flags.sets:
        wanted = [(way, seed) for seed in seeds_of(flags) for way in (SCREENS, SINGLE)]
        wanted = [(way, s) for way, s in wanted if (name, way, s) not in done]
        vectors, truth = project_of(flags.folder / name) if wanted else (None, None)
        for way, seed in wanted:
            result = {"dataset": name, "recipe": way, "seed": seed}
            SCRIPT.add({**result, **played(vectors, truth, way, seed)})
    SCRIPT.finish(table)


def project_of(path):
    """Return the vectors of a data set and the true classes."""
    from ssvae.benchmark.field_sets import with_features
    from ssvae.features.principal import principal_directions

    field_set, features = with_features(path, say)
    directions = principal_directions(features, DIRECTIONS, 0)
    return directions.project(features), field_set.labels


def played(vectors, truth, way, seed):
    """Return what was measured of one session."""
    from labeling_session import Session, screens, single

    from ssvae.hardware import machine

    session = Session(vectors, truth, seed, AFTER)
    (screens if way == SCREENS else single)(session)
    return {
        "num_labels": session.points[-1]["labels"],
        "points": session.points,
        "machine": machine(),
    }


def table(results) -> str:
    """Return the figures as Markdown: one row per data set, way and decisions."""
    rows = [
        "| data | labels come from | decisions | labels | wrong of all images of the "
        "project | guesses of new images wrong | estimated | estimates within 5 "
        "points |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in dict.fromkeys(result["dataset"] for result in results):
        for number, after in enumerate(AFTER):
            for way in (SINGLE, SCREENS):
                points = [
                    result["points"][number]
                    for result in results
                    if (result["dataset"], result["recipe"]) == (name, way)
                ]
                if points:
                    rows.append(f"| {name} | {way} | {after} | {_cells(points)} |")
    return "\n".join(rows)


def _cells(points):
    """Return the cells of one row: means over the draws."""
    told = [point for point in points if point["estimated_error"] is not None]
    near = [abs(p["estimated_error"] - p["new_error"]) <= 0.05 for p in told]
    errors = [
        f"{100 * mean(point[key] for point in chosen):.1f} %" if chosen else "-"
        for key, chosen in (
            ("project_error", points),
            ("new_error", points),
            ("estimated_error", told),
        )
    ]
    labels = f"{mean(point['labels'] for point in points):,.0f}"
    return " | ".join([labels, *errors, f"{sum(near)} of {len(points)}"])


if __name__ == "__main__":
    main()
