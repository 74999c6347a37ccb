import Notebook
public let topic = Topic("low-rank-recovery")
