import Notebook

/// Curvature put to use: Newton-type steps, preconditioners, and the linear systems behind them.
public let topic = Topic(
  "second-order-methods",
  [
    DeepConjugateDirections.self,
    GradientNormalized.self,
    InverseFisherProducts.self,
    LearningToRelax.self,
    SaddleFree.self,
    SketchedLagrangian.self,
    TargetSurrogates.self,
    ThermodynamicDescent.self,
  ])
