"""Images of no class are put aside before a run learns from its unlabeled images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from ssvae.data import Dataset
from ssvae.graph.construction import neighbor_graph
from ssvae.graph.neighbors import nearest_to
from ssvae.runs.folder import OUTSIDE_FILE
from ssvae.runs.unusual import sentences
from ssvae.training.belief import Belief
from ssvae.training.group_evidence import known_images
from ssvae.training.left_out import believe
from ssvae.training.outside import NOTHING, Outside, find_outside
from ssvae.types import Say
from ssvae.vae.mixture import Linear

# Vectors whose graph is made, at most. The others go with the nearest of these.
MAX_VECTORS = 30_000
# Nearest vectors that others go with.
NUM_NEAREST = 5
# Weight of an image's edge to itself, in a graph that others were cut from.
FAINT = 1e-6
# Settings of `put_aside`.
FIND = "auto"


def kept_outside(folder: Path, dataset: Dataset) -> Outside:
    """Return what a run put aside, or that it found nothing.

    Args:
        folder: Path of the folder of the run.
        dataset: `Dataset` of the run.
    """
    path = folder / OUTSIDE_FILE
    return Outside.load(path) if path.exists() else Outside.none(len(dataset.images))


def outside_of_vectors(
    vectors: np.ndarray,
    dataset: Dataset,
    seed: int,
    doubted: np.ndarray = NOTHING,
) -> Outside:
    """Find the groups of images that belong to no class, by features.

    Args:
        vectors: float32 array `(n, d)`, features; the first components matter most.
        dataset: `Dataset` of these images, with the labels of the budget.
        seed: Seed of the draws.
        doubted: int array, images whose label is not learned from.
    """
    count = len(vectors)
    if count <= MAX_VECTORS:
        if count < 2:
            return Outside.none(count)
        return find_outside(neighbor_graph(vectors), dataset, seed, doubted)
    known = np.union1d(np.union1d(known_images(dataset), dataset.outside), doubted)
    others = np.setdiff1d(np.arange(count), known)
    others = np.random.default_rng((seed, 40)).permutation(others)
    rows = np.sort(np.concatenate([known, others])[:MAX_VECTORS])
    graph = neighbor_graph(vectors[rows])
    doubted = np.flatnonzero(np.isin(rows, doubted))
    some = find_outside(graph, dataset.rows(rows), seed, doubted)
    return spread_to_all(some, vectors, rows, count)


def spread_to_all(
    some: Outside, vectors: np.ndarray, rows: np.ndarray, count: int
) -> Outside:
    """Return what was found among some images, for all: others go with the nearest.

    Args:
        some: What was found among k images.
        vectors: float32 array `(n, d)`, features of all.
        rows: int array `(k,)`, ascending indices of these images.
        count: Number of all images.
    """
    every = some.of_all(rows, count)
    if len(some.sure):
        others = np.setdiff1d(np.arange(count), rows)
        _, near = nearest_to(vectors[others], vectors[rows], NUM_NEAREST)
        every.strangeness[others] = some.strangeness[near].mean(axis=1)
        votes = np.eye(len(some.sure) + 1)[some.groups[near]].sum(axis=1)
        groups = votes.argmax(axis=1)
        every.groups[others] = np.where(groups == len(some.sure), -1, groups)
    return every


def within(graph: sparse.csr_matrix, kept: np.ndarray) -> sparse.csr_matrix:
    """Return the part of a graph that joins the images that are kept.

    Args:
        graph: Symmetric sparse matrix `(n, n)`.
        kept: int array `(k,)`, ascending indices of these images.
    """
    part = graph[kept][:, kept]
    # Some images would be without edges.
    own = sparse.identity(len(kept), dtype=graph.dtype, format="csr")
    return (part + FAINT * own).tocsr()


def without_outside(
    found: Outside, dataset: Dataset, folder: Path, say: Say
) -> Dataset:
    """Return the data set without what was found, keep what it was, and say it.

    Args:
        found: What was found among the images of the data set.
        dataset: `Dataset` with the labels of the budget.
        folder: Path of the folder of the run.
        say: Function that prints a line.
    """
    found.save(folder / OUTSIDE_FILE)
    for line in sentences(figures(found, dataset)):
        say(line)
    return found.put_aside(dataset)


def believe_inside(
    vectors: np.ndarray,
    dataset: Dataset,
    shares: np.ndarray,
    seed: int,
    more: Mapping[str, Callable[..., Linear]] | None = None,
) -> Belief:
    """Return what `left_out.believe` does, of the images that belong to a class.

    Args:
        vectors: float32 array `(n, d)`, features of all images.
        dataset: `Dataset` of these images, with the labels of the budget.
        shares: Float array `(num_classes,)`; see `class_shares`.
        seed: Seed of the draws.
        more: More learners by their names, see `believe`.
    """
    labels, allowed = dataset.labels, dataset.allowed
    if len(dataset.outside):
        inside = np.setdiff1d(np.arange(len(vectors)), dataset.outside)
        vectors, labels = vectors[inside], labels[inside]
        allowed = None if allowed is None else allowed[inside]
    return believe(vectors, labels, shares, seed, more, allowed)


def figures(found: Outside, dataset: Dataset) -> dict[str, Any]:
    """Return what was found for `metrics.json`: counts, and one entry per group.

    Args:
        found: What was found.
        dataset: `Dataset` of the run, with what people said.
    """
    said = np.isin(np.arange(len(found.groups)), dataset.outside)
    groups = []
    for number, sure in enumerate(found.sure):
        members = np.flatnonzero((found.groups == number) & ~said)
        if len(members):
            order = np.argsort(-found.strangeness[members], kind="stable")
            examples = members[order[:3]].tolist()
            groups.append(
                {
                    "group": number + 1,
                    "images": len(members),
                    "put_aside": bool(sure),
                    "examples": examples,
                }
            )
    aside = sum(group["images"] for group in groups if group["put_aside"])
    return {"num_put_aside": aside, "unknown_groups": groups}
