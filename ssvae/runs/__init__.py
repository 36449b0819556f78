"""Run folders: what is in them, locks, checkpoints, the model card."""
