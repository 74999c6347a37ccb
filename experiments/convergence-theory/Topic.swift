import Notebook

/// Rates, step sizes and lower bounds of first-order methods.
public let topic = Topic(
  "convergence-theory",
  [
    AcceleratedSGDRisk.self,
    BackpropFunctor.self,
    GreedyBlockDescent.self,
    InterpolatedAcceleration.self,
    LargeStepPerceptron.self,
    LearnersAsMachines.self,
    ParametricLensLearning.self,
    SGDGapFormula.self,
  ])
