"""Recipes and speed, measured."""
