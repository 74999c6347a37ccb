"""Prints the number of NormalityTests: the area between an empirical distribution function and the normal one, with SciPy."""
import numpy as np
from scipy.stats import norm

x = np.sin(1.7 * np.arange(40)) ** 3 + 0.02 * np.arange(40)
z = np.sort((x - x.mean()) / x.std())
grid = np.linspace(-5, 5, 1000)
gap = np.abs(np.searchsorted(z, grid, side="right") / len(z) - norm.cdf(grid))
print(repr(float(np.trapezoid(gap, grid))))
