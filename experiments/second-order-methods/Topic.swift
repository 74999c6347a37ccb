import Notebook

/// Curvature put to use: Newton-type steps, preconditioners, and the linear systems behind them.
public let topic = Topic(
  "second-order-methods",
  [
    DeepConjugateDirections.self,
    LearningToRelax.self,
    ThermodynamicDescent.self,
  ])
