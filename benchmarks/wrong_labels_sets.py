"""The data sets of `wrong_labels.py`: how labels are checked, and what they teach."""

import numpy as np

from ssvae.benchmark.script import say

GREY = "mnist", "fashion-mnist"
FIELD = "aerial", "rubbish", "signs", "steel", "symbols", "things", "traffic"


class Field:
    """A field set split by a seed; the error is that of the classifier of features."""

    def __init__(self, split):
        self.num_classes, self.seed = len(split.field_set.class_names), split.seed
        self.vectors, self.classes = split.train
        self.others, self.truth = split.test
        self.shares = np.full(self.num_classes, 1 / self.num_classes)

    def issues(self, labels):
        """Return the `LabelIssues` that training finds."""
        from ssvae.training.label_issues import find_label_issues
        from ssvae.training.trusting import by_vectors

        told = self.vectors, labels, self.shares, self.seed
        return find_label_issues(by_vectors(*told), labels, self.seed)

    def vectors_of(self, rows):
        """Return the features of some images."""
        return self.vectors[rows]

    def nearest_classes(self):
        """Return for each class the one whose mean is nearest."""
        return nearest_classes(self.vectors, self.classes, self.num_classes)

    def error(self, labels):
        """Return the error on the test part, learned from some labels."""
        from ssvae.training.left_out import believe

        linear = believe(self.vectors, labels, self.shares, self.seed).linear
        return float(np.mean(linear(self.others).argmax(axis=1) != self.truth))


class Grey:
    """A set of grey images; the error is that of pseudo-labels, of the training part.

    Whether a label is wrong is seen where training looks: in the graph.
    """

    def __init__(self, dataset, config):
        from ssvae.benchmark.grey_sets import compared_vectors, kept_graph
        from ssvae.config.presets import GRADIENTS
        from ssvae.graph.construction import neighbor_graph
        from ssvae.graph.propagation import Propagation
        from ssvae.training.spread import backbone_vectors
        from ssvae.training.teachers import Teacher

        self.num_classes, self.seed = dataset.num_classes, config.seed
        self.classes, self.shares = dataset.labels, np.full(10, 0.1)
        self.graph = kept_graph(dataset.images, config)
        self.teachers = [Teacher(GRADIENTS, Propagation(self.graph), self.shares)]
        self.vectors = None
        if config.graph_features != GRADIENTS:
            self.vectors = backbone_vectors(dataset, config, say)
            self.graph = (self.graph + neighbor_graph(self.vectors)).tocsr()
            self.teachers.append(
                Teacher("both", Propagation(self.graph), self.shares, self.vectors)
            )
        self.compared = self.vectors
        if self.vectors is None:
            self.compared = compared_vectors(dataset, config, say)

    def issues(self, labels):
        """Return the `LabelIssues` that training finds."""
        from ssvae.training.label_issues import find_label_issues
        from ssvae.training.trusting import by_graph

        predict = by_graph(self.graph, self.num_classes, self.vectors)
        return find_label_issues(predict, labels, self.seed)

    def vectors_of(self, rows):
        """Return the features of some images that the graph compares them by."""
        return self.compared[rows]

    def nearest_classes(self):
        """Return for each class the one whose mean is nearest."""
        return nearest_classes(self.compared, self.classes, self.num_classes)

    def error(self, labels):
        """Return the error of the pseudo-labels of unlabeled images."""
        from ssvae.training.teachers import chosen_teacher

        taught = chosen_teacher(self.teachers, labels, "auto", self.seed)
        return float(np.mean((taught.guesses != self.classes)[labels < 0]))


def open_set(name, folder):
    """Return a function of a seed that returns a set ready to be measured."""
    if name in GREY:
        from ssvae.benchmark.grey_sets import grey_config, open_grey

        dataset = open_grey(name)
        return lambda seed: Grey(dataset, grey_config(name, dataset, seed))
    from ssvae.benchmark.field_draw import Split
    from ssvae.benchmark.field_sets import with_features

    known = with_features(folder / name, say)
    return lambda seed: Field(Split.of(*known, seed))


def nearest_classes(vectors, classes, count):
    """Return for each class the one whose mean is nearest, int array `(count,)`."""
    means = np.stack([vectors[classes == index].mean(axis=0) for index in range(count)])
    distances = ((means[:, None] - means[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances.argmin(axis=1)
