"""Prints the numbers of LinearAssignmentTests: SciPy's linear_sum_assignment."""
import numpy as np
from scipy.optimize import linear_sum_assignment


def waves(rows, columns):
    k = np.arange(rows * columns, dtype=float)
    return np.sin(1 + k + 0.3 * k**2).reshape(rows, columns)


def ties(rows, columns):
    k = np.arange(rows * columns)
    return ((k * k * 7 + 3 * k) % 11 % 4).reshape(rows, columns).astype(float)


for name, cost in (("waves", waves), ("ties", ties)):
    for shape in ((8, 8), (6, 11), (1, 5), (40, 40)):
        for maximize in (False, True):
            c = cost(*shape)
            rows, columns = linear_sum_assignment(c, maximize=maximize)
            print(name, shape, maximize, columns.tolist() if name == "waves" and shape[0] < 40 else "", c[rows, columns].sum())
