import Notebook

/// What gradient descent does to a transformer: which tokens it selects, which circuits it assembles, in which order and how fast.
public let topic = Topic(
  "transformer-dynamics",
  [
    AttentionSupportVectors.self,
    CircuitCurriculum.self,
    InContextCausalGraph.self,
    SignDescentStages.self,
    SoftmaxGaussianLandscape.self,
  ])
