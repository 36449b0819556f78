"""The mathematics of M2 on tensors."""
