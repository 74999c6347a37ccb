import Notebook

/// What transformers learn from examples in their input, and which learning algorithms their layers are.
public let topic = Topic(
  "in-context-learning",
  [
    AttentionDualForm.self,
    InContextLinearLearners.self,
    LayerCausalLearning.self,
    MesaGradientDescent.self,
    OneStepDescent.self,
    OrderSensitivity.self,
  ])
