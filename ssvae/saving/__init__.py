"""Trained models: found, checked, written, opened."""
