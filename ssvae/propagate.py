"""Labels spread over a graph of similar images: what the classifier starts from."""

import numpy as np
from scipy import ndimage, sparse
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

NUM_COMPONENTS = 40
NUM_NEIGHBORS = 10
NUM_ITERATIONS = 300
# How far, as a fraction, a class's share of the images may be from equal.
SHARE_TOLERANCE = 0.15


def propagate_labels(dataset, features) -> np.ndarray:
    """Guess the class of every image from the labeled ones.

    Poisson learning (Calder, Cook, Thorpe and Slepcev 2020, algorithm 1) on the graph
    of each image's nearest neighbors. It uses the training images and the labels of
    the budget alone.

    Args:
        dataset: `Dataset` with n images, some labeled.
        features: `"deskewed"` for images whose slant and place are taken out, which
            suits handwriting, or `"pixels"` for images as they are.

    Returns:
        int array `(n,)`, classes; the labeled images keep theirs.
    """
    images = dataset.images.astype(np.float32) / np.float32(255)
    if features == "deskewed":
        images = deskew(images)
    graph = neighbor_graph(images.reshape(len(images), -1))
    labeled = dataset.labeled
    values = poisson_values(
        graph, labeled, dataset.labels[labeled], dataset.num_classes
    )
    guesses = _balanced_classes(values)
    guesses[labeled] = dataset.labels[labeled]
    return guesses


def deskew(images) -> np.ndarray:
    """Centre each image's mass and shear its slant away.

    A pixel's value is its weight. The slant is the covariance of column and row over
    the variance of the row; the image is sheared so that it vanishes.

    Args:
        images: float32 array `(n, h, w, c)` in [0, 1], bright on dark.

    Returns:
        float32 array of the same shape.
    """
    height, width = images.shape[1:3]
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)
    middle = np.array([(height - 1) / 2, (width - 1) / 2, 0])
    result = np.empty_like(images)
    for image, straight in zip(images, result, strict=True):
        weights = image.sum(axis=-1)
        weights = weights / max(weights.sum(), 1e-8)
        row, column = (weights * rows).sum(), (weights * columns).sum()
        variance = (weights * (rows - row) ** 2).sum()
        covariance = (weights * (rows - row) * (columns - column)).sum()
        slant = covariance / max(variance, 1e-3)
        shear = np.array([[1, 0, 0], [slant, 1, 0], [0, 0, 1]])
        offset = np.array([row, column, 0]) - shear @ middle
        ndimage.affine_transform(image, shear, offset, output=straight, order=1)
    return result


def neighbor_graph(vectors) -> sparse.csr_matrix:
    """Return the symmetric graph of nearest neighbors among principal components.

    An edge weighs exp(-4 d^2 / s^2), d the distance and s that of the farthest
    neighbor kept.

    Args:
        vectors: float32 array `(n, d)`.

    Returns:
        Sparse float32 matrix `(n, n)`.
    """
    count = len(vectors)
    num_components = min(NUM_COMPONENTS, *vectors.shape)
    solver = "covariance_eigh" if count > vectors.shape[1] else "full"
    codes = PCA(num_components, svd_solver=solver).fit_transform(vectors)
    num_neighbors = min(NUM_NEIGHBORS, count - 1)
    # Every image is its own nearest neighbor: asked for without itself.
    search = NearestNeighbors(n_neighbors=num_neighbors, algorithm="brute").fit(codes)
    distances, neighbors = search.kneighbors()
    farthest = np.maximum(distances[:, -1:], 1e-12)
    weights = np.exp(-4 * (distances / farthest) ** 2).astype(np.float32)
    starts = np.arange(0, count * num_neighbors + 1, num_neighbors)
    graph = sparse.csr_matrix((weights.ravel(), neighbors.ravel(), starts))
    graph.resize(count, count)
    return graph.maximum(graph.T).tocsr()


def poisson_values(graph, labeled, classes, num_classes) -> np.ndarray:
    """Solve the graph's Poisson equation L u = sum_i (y_i - mean y) delta_i.

    By the iteration u <- u + D^-1 (b - L u), which spreads each label like heat from a
    point source.

    Args:
        graph: Symmetric sparse matrix `(n, n)` of weights.
        labeled: int array `(k,)`, indices of the labeled nodes.
        classes: int array `(k,)`, their classes.
        num_classes: Number of classes.

    Returns:
        float32 array `(n, num_classes)`; a node's class is where its row is largest.
    """
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    step = sparse.diags(1 / degrees).astype(np.float32) @ graph
    one_hot = np.eye(num_classes, dtype=np.float32)[classes]
    source = np.zeros((graph.shape[0], num_classes), np.float32)
    source[labeled] = (one_hot - one_hot.mean(axis=0)) / degrees[labeled, None]
    values = np.zeros_like(source)
    for _ in range(NUM_ITERATIONS):
        values = step @ values + source
    return values


def _balanced_classes(values):
    """Return each row's class, columns weighted so that no class crowds out another.

    The weights are moved until every class has its equal share, within tolerance.
    """
    count, num_classes = values.shape
    equal = 1 / num_classes
    weights = np.ones(num_classes, np.float32)
    for _ in range(100):
        classes = (values * weights).argmax(axis=1)
        lack = 1 - np.bincount(classes, minlength=num_classes) / count / equal
        lack -= np.clip(lack, -SHARE_TOLERANCE, SHARE_TOLERANCE)
        if not lack.any():
            break
        weights = np.clip(weights + 0.1 * lack, 0.5, 2).astype(np.float32)
    return classes
