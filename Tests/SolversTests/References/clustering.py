"""Prints the numbers of ClusteringTests: k-means from given centres and spectral clustering with scikit-learn."""
import numpy as np
from sklearn.cluster import KMeans, SpectralClustering

i = np.arange(24)
points = np.stack([np.sin(0.9 * i) + (i % 3), np.cos(1.7 * i) + 0.8 * (i % 4)], 1)
fit = KMeans(3, init=points[[0, 1, 2]], n_init=1, tol=0, algorithm="lloyd").fit(points)
print(fit.labels_.tolist(), fit.cluster_centers_.ravel().tolist(), repr(fit.inertia_))

# Four blocks that overlap, of sizes that differ.
block = np.repeat(np.arange(4), [9, 6, 5, 4])
j = np.arange(24)
noise = np.abs(np.sin(0.7 * (j[:, None] + j) + 0.3 * j[:, None] * j))
affinity = 0.35 * noise + 0.5 * (block[:, None] == block)
fit = SpectralClustering(4, affinity="precomputed", random_state=0).fit(affinity)
print(fit.labels_.tolist())
