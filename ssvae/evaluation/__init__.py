"""What a trained model is worth: measures, plots, tables."""
