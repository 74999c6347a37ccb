import Notebook

/// Rates, step sizes and lower bounds of first-order methods.
public let topic = Topic(
  "convergence-theory",
  [
    AcceleratedSGDRisk.self,
    BackpropFunctor.self,
    ConvergenceHandbook.self,
    CyclicBlockDescent.self,
    GreedyBlockDescent.self,
    InterpolatedAcceleration.self,
    LargeStepPerceptron.self,
    LastIterate.self,
    LearnersAsMachines.self,
    OptimisticMirrorDescent.self,
    ParametricLensLearning.self,
    PlasticityGeometry.self,
    SGDGapFormula.self,
  ])
