"""Membranes traced to equations, closed, and lowered to kernels."""
