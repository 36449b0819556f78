"""Run folders: their files, locks, checkpoints and the model card."""
