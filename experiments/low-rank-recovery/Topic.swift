import Notebook

/// Matrix sensing, completion, factorization: recovering a low-rank matrix from few numbers.
public let topic = Topic(
  "low-rank-recovery",
  [
    IncrementalRank.self,
    KroneckerSparseBayes.self,
    OnlineOrthogonalFW.self,
    PreconditionedSensing.self,
    RobustAltminCompletion.self,
    RobustSensing.self,
    SupervisedDictionary.self,
    SymmetryCurse.self,
    TubalFactorization.self,
  ])
