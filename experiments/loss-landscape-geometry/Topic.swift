import Notebook

/// Shape of the loss between and around the solutions that training finds: paths, barriers, permutations of neurons.
public let topic = Topic("loss-landscape-geometry", [])
