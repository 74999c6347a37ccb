import Notebook

/// Update rules of first-order methods: momentum, adaptive steps, clipping, noise, schedules.
public let topic = Topic(
  "adaptive-optimizers",
  [
    AdaGradFullAdaptivity.self,
    AdanNesterovMomentum.self,
    AdaptiveBatchAdaGrad.self,
    AdaptiveSDEScaling.self,
    ClippingBias.self,
    CosineWarmRestarts.self,
    DiffGradFriction.self,
    DirectionalSharpness.self,
    EnergyPreconditioning.self,
    HeavyTailedClasses.self,
    LocalEntropy.self,
    ModelBuilding.self,
    PreconditionedPolyak.self,
    SignalToNoise.self,
    SuperpositionalDescent.self,
  ])
