"""Trained models for programs without ssvae."""
