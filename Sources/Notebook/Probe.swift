import CFFTW
@_exported import Tensors
import HDF5
import Datasets
import Plotting
public struct Topic: Sendable { public var name: String; public init(_ n: String) { name = n }}
public func probe() -> String { fftw_alloc_real(10); return "\(Probe.core) \(z) \(h()) " }
