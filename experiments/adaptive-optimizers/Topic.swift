import Notebook

/// Update rules of first-order methods: momentum, adaptive steps, clipping, noise, schedules.
public let topic = Topic(
  "adaptive-optimizers",
  [
    AdanNesterovMomentum.self,
    CosineWarmRestarts.self,
  ])
