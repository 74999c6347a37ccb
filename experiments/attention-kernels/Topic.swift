import Notebook

/// Softmax and attention: the kernels themselves.
public let topic = Topic(
  "attention-kernels",
  [
    KroneckerAttention.self,
    PerturbThenDiagonalize.self,
    ToeplitzKernelAttention.self,
    TwoPassSoftmax.self,
  ])
