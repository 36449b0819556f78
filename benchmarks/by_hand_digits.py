"""Pieces of work of `by_hand.py` on images of MNIST: neighbors, labels, a map."""

import contextlib
import functools

import numpy as np

from ssvae.benchmark.script import say

OURS = "ssvae"
# Images of MNIST, draws of one label per class, and neighbors of the graph.
IMAGES, DRAWS, NEIGHBORS = 20_000, 30, 10


@functools.cache
def digits():
    """Return vectors and classes of some images of MNIST, and the images."""
    from ssvae.benchmark.grey_sets import (
        graph_vectors,
        grey_config,
        open_grey,
        some_rows,
    )

    dataset = some_rows(open_grey("mnist"), IMAGES, (0, 34))
    config = grey_config("mnist", dataset, 0)
    return graph_vectors(dataset, config, say)[0], dataset.labels, dataset.images


def labels_of(seed):
    """Return the draw's labels of the digits, one per class."""
    from ssvae.benchmark.field_sets import labels_per_class
    from ssvae.benchmark.labels import with_labels

    _, classes, _ = digits()
    return with_labels(len(classes), *labels_per_class(classes, 1, 10, seed))


def errors(guessed):
    """Return the errors of a function of labels on the draws, as words."""
    _, classes, _ = digits()
    wrong = [100 * np.mean(guessed(labels_of(s)) != classes) for s in range(DRAWS)]
    return f"{np.mean(wrong):.1f} % wrong, {max(wrong):.1f} % in the worst draw"


def neighbors(folder):
    """Neighbors of vectors."""
    from ssvae.graph.neighbors import graph_of, nearest
    from ssvae.graph.propagation import Propagation

    vectors, _, _ = digits()
    vectors = np.ascontiguousarray(vectors)

    def by_faiss():
        import faiss

        faiss.omp_set_num_threads(1)
        index = faiss.IndexFlatL2(vectors.shape[1])
        index.add(vectors)
        return without_itself(*index.search(vectors, NEIGHBORS + 1))

    def by_scikit_learn():
        from sklearn.neighbors import NearestNeighbors

        return NearestNeighbors(n_neighbors=NEIGHBORS).fit(vectors).kneighbors()

    def by_descent():
        indices, distances = descent(vectors).neighbor_graph
        return without_itself(distances**2, indices)

    exact = by_scikit_learn()[1]
    with contextlib.suppress(ImportError):
        # It is compiled when it is first used.
        descent(vectors[:500])

    def told(found):
        distances, indices = found
        hits = [len(np.intersect1d(a, b)) for a, b in zip(exact, indices, strict=True)]
        graph = graph_of(distances.astype(np.float32), indices)
        spread, shares = Propagation(graph), np.full(10, 0.1)

        def guessed(labels):
            return spread.settled(spread.first_guesses(labels, shares), labels, 15)

        share = 100 * np.mean(hits) / NEIGHBORS
        return f"{share:.2f} % of the neighbors; pseudo-labels {errors(guessed)}"

    return {
        OURS: lambda: nearest(vectors, NEIGHBORS),
        "faiss-cpu (`IndexFlatL2`)": by_faiss,
        "scikit-learn (`NearestNeighbors`)": by_scikit_learn,
        "pynndescent": by_descent,
    }, told


def descent(vectors):
    """Return an approximate index of vectors."""
    import numba
    from pynndescent import NNDescent

    numba.set_num_threads(1)
    return NNDescent(vectors, n_neighbors=NEIGHBORS + 1, random_state=0, n_jobs=1)


def without_itself(squares, indices):
    """Return distances and neighbors; the row itself, or the last, is left out."""
    own = indices == np.arange(len(indices))[:, None]
    own[~own.any(axis=1), -1] = True
    shape = len(indices), -1
    return np.sqrt(np.maximum(squares[~own].reshape(shape), 0)), indices[~own].reshape(
        shape
    )


def spreading(folder):
    """Labels spread over a graph."""
    from ssvae.graph.construction import neighbor_graph
    from ssvae.graph.propagation import Propagation

    vectors, _, _ = digits()
    graph = neighbor_graph(vectors)
    shares = np.full(10, 0.1)
    spread = Propagation(graph)

    def free(labels):
        return spread.free_guesses(labels, 10)

    def kept(labels):
        return spread.settled(spread.first_guesses(labels, shares), labels, 15)

    def by_graphlearning(labels, **stated):
        import graphlearning

        rows = np.flatnonzero(labels >= 0)
        model = graphlearning.ssl.poisson(graph, **stated)
        return model.fit_predict(rows, labels[rows])

    def by_scikit_learn(labels):
        from sklearn.semi_supervised import LabelSpreading

        model = LabelSpreading("knn", n_neighbors=NEIGHBORS, max_iter=200)
        return model.fit(vectors, labels).transduction_

    def drawn(guessed):
        def run():
            guessed(labels_of(0))
            return guessed

        return run

    return {
        OURS: drawn(free),
        "ssvae with shares and moved borders": drawn(kept),
        "graphlearning (`poisson`)": drawn(by_graphlearning),
        "graphlearning with shares": drawn(
            lambda labels: by_graphlearning(labels, class_priors=shares)
        ),
        "scikit-learn (`LabelSpreading`)": drawn(by_scikit_learn),
    }, errors


def maps(folder):
    """Maps of images."""
    from sklearn.neighbors import KNeighborsClassifier

    from ssvae.evaluation.places import LANDMARKS, map_vectors

    vectors, classes, _ = digits()
    vectors, classes = np.ascontiguousarray(vectors[:4_000]), classes[:4_000]

    def by_open_tsne():
        from openTSNE import TSNE

        placed = TSNE(n_jobs=1, random_state=0).fit(vectors[:LANDMARKS])
        others = placed.transform(vectors[LANDMARKS:])
        return np.concatenate([placed, others])

    def told(places):
        near = KNeighborsClassifier(10).fit(places, classes)
        indices = near.kneighbors(return_distance=False)
        share = 100 * np.mean(classes[indices] == classes[:, None])
        return f"{share:.1f} % of ten neighbors on the map have the same class"

    return {OURS: lambda: map_vectors(vectors), "openTSNE": by_open_tsne}, told
