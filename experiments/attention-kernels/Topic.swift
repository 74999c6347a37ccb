import Notebook
public let topic = Topic("attention-kernels")
