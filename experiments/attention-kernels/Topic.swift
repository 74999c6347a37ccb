import Notebook

/// Softmax and attention: the kernels themselves.
public let topic = Topic(
  "attention-kernels",
  [
    PerturbThenDiagonalize.self,
    TwoPassSoftmax.self,
  ])
