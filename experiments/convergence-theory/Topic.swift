import Notebook
public let topic = Topic("convergence-theory")
