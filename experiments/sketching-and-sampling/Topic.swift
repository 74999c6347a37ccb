import Notebook

/// Large problems made small by random projections and by sampling rows.
public let topic = Topic(
  "sketching-and-sampling",
  [
    DenseSketchRegression.self,
    SensitivitySampling.self,
  ])
