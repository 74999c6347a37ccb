import Notebook

/// Update rules of first-order methods: momentum, adaptive steps, clipping, noise, schedules.
public let topic = Topic(
  "adaptive-optimizers",
  [
    AdaBeliefResidual.self,
    AdaGradFullAdaptivity.self,
    AdanNesterovMomentum.self,
    AdaptiveBatchAdaGrad.self,
    AdaptiveSDEScaling.self,
    AnnealedGradientNoise.self,
    AutoClipPercentile.self,
    ClippingBias.self,
    CosineWarmRestarts.self,
    DiffGradFriction.self,
    DirectionalSharpness.self,
    EnergyPreconditioning.self,
    FAdamNaturalGradient.self,
    GramsSignMagnitude.self,
    HeavyTailedClasses.self,
    LionBoundConstraint.self,
    LocalEntropy.self,
    ModelBuilding.self,
    NovoGradMoments.self,
    PreconditionedPolyak.self,
    SignalToNoise.self,
    SuperpositionalDescent.self,
  ])
