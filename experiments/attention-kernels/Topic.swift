import Notebook

/// Softmax and attention: the kernels themselves.
public let topic = Topic(
  "attention-kernels",
  [
    KroneckerAttention.self,
    PerturbThenDiagonalize.self,
    SoftmaxFreeAttention.self,
    ToeplitzKernelAttention.self,
    TwoPassSoftmax.self,
    WinnerTakeAllSampling.self,
  ])
