import Notebook

/// Matrix sensing, completion, factorization: recovering a low-rank matrix from few numbers.
public let topic = Topic(
  "low-rank-recovery",
  [
    KroneckerSparseBayes.self,
    OnlineOrthogonalFW.self,
    RobustAltminCompletion.self,
    SupervisedDictionary.self,
    SymmetryCurse.self
  ])
