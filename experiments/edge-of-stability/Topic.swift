import Notebook

/// Training where the step is as large as the curvature allows: sharpness, stability, noise, and the boundary of divergence.
public let topic = Topic(
  "edge-of-stability",
  [
    BatchHessian.self,
    BenignOscillation.self,
    GradientFlowSharpness.self,
    LargeStepEscape.self,
    NoiseRegimes.self,
    OutlierAlignment.self,
    PhaseDiagram.self,
    QuadraticRegression.self,
    StabilityCoherence.self,
    TinyGradientSubspace.self,
    TraceStability.self,
    TrainabilityFractal.self,
    TrainingJacobian.self,
  ])
