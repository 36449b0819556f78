"""Training, from a data set to a run folder."""
