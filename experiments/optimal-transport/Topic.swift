import Notebook

/// Moving one distribution onto another at least cost: regularized, sliced and sparse plans, and the solvers that find them.
public let topic = Topic(
  "optimal-transport",
  [
    SinkhornNewton.self,
    SlicedControlVariates.self,
    SparsityConstrained.self,
  ])
