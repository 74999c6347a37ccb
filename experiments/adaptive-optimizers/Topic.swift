import Notebook

/// Update rules of first-order methods: momentum, adaptive steps, clipping, noise, schedules.
public let topic = Topic(
  "adaptive-optimizers",
  [
    // One paper a line, in alphabetical order.
    AdaBeliefResidual.self,
    AdaGradFullAdaptivity.self,
    AdaptiveBatchAdaGrad.self,
    ClippingBias.self,
    EnergyPreconditioning.self,
    LionBoundConstraint.self,
  ])
