import Notebook

/// Rates, step sizes and lower bounds of first-order methods.
public let topic = Topic(
  "convergence-theory",
  [
    BackpropFunctor.self,
    LargeStepPerceptron.self,
    LearnersAsMachines.self,
    ParametricLensLearning.self,
  ])
