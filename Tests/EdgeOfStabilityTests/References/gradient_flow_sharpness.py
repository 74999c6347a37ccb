"""Prints the numbers of GradientFlowSharpnessTests: the ends of gradient flow by integrating it, derivatives by differences."""
import numpy as np
from scipy.integrate import solve_ivp

w = np.array([1.5, -0.8, 0.6, -0.7])
loss = lambda w: (np.prod(w) - 1) ** 2 / 2
gradient = lambda w: (np.prod(w) - 1) * np.array([np.prod(np.delete(w, i)) for i in range(len(w))])


def end_of_flow(gradient, start):
    return solve_ivp(lambda t, y: -gradient(y), (0, 400), start, method="DOP853", rtol=1e-13, atol=1e-14).y[:, -1]


def hessian(gradient, w, h=1e-5):
    rows = [(gradient(w + h * e) - gradient(w - h * e)) / (2 * h) for e in np.eye(len(w))]
    return (np.array(rows) + np.array(rows).T) / 2


end = end_of_flow(gradient, w)
print("end", end.tolist(), "phi", float((end**-2.0).sum()))
print("sharpness", float(np.linalg.eigvalsh(hessian(gradient, w))[-1]))
p = w.copy()
for _ in range(20):
    p = p - 0.1 * gradient(p)
print("after 20 steps", p.tolist(), float(loss(p)))

n, d = 2, 3
k = np.arange(12.0)
x = np.sin(1 + k[:6] + 0.3 * k[:6] ** 2).reshape(n, d)
y = np.array([0.7, -0.4])
theta = np.array([0.5, -0.6, 0.8, 0.3, 0.9, -0.2])


def gradient2(theta):
    u, v = theta[:d], theta[d:]
    r = x @ (u * u - v * v) - y
    return np.concatenate([2 * u * (x.T @ r), -2 * v * (x.T @ r)]) / n


def gauss_newton(theta):
    g = np.hstack([2 * theta[:d] * x, -2 * theta[d:] * x])
    return float(np.linalg.eigvalsh(g.T @ g / n)[-1])


print("regression loss", float(((x @ (theta[:d] ** 2 - theta[d:] ** 2) - y) ** 2).sum() / (2 * n)))
print("gauss-newton", gauss_newton(theta), "sharpness", float(np.linalg.eigvalsh(hessian(gradient2, theta))[-1]))
print("step", (theta - 0.1 * gradient2(theta)).tolist())
end = end_of_flow(gradient2, theta)
print("end", end.tolist(), "phi", gauss_newton(end))
