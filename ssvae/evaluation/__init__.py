"""How good a trained model is: measures, plots, tables."""
