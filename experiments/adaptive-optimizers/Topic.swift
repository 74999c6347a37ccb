import Notebook

/// Update rules of first-order methods: momentum, adaptive steps, clipping, noise, schedules.
public let topic = Topic(
  "adaptive-optimizers",
  [
    // One paper a line, in alphabetical order.
    AdaptiveSDEScaling.self,
    AnnealedGradientNoise.self,
    AutoClipPercentile.self,
    DirectionalSharpness.self,
    GramsSignMagnitude.self,
    HeavyTailedClasses.self,
    NovoGradMoments.self,
  ])
