"""Prints the numbers of L1LeastSquaresTests: the lasso of scikit-learn, which descends one coordinate after the other."""
import numpy as np
from sklearn.linear_model import Lasso

i = np.arange(30)[:, None]
x = np.sin(0.37 * (i + 1) * (np.arange(5) + 1) + 0.5 * np.arange(5))
y = x[:, :2] * [1.0, -0.6] + 0.7 * x[:, [3, 4]] + 0.2 * np.cos(1.9 * i + np.arange(2))
for l1 in (0.2, 0.02):
    fits = [Lasso(alpha=l1, fit_intercept=False, tol=1e-15, max_iter=100000).fit(x, t) for t in y.T]
    print(l1, [f.coef_.tolist() for f in fits], [float(np.mean((t - f.predict(x)) ** 2)) for f, t in zip(fits, y.T)])
