import Foundation
import Tensors
import Transforms

/// Sinkhorn's iteration as scalings u and v of a kernel K = exp((f + g - C) / epsilon): the engine of ``sinkhorn(_:from:tolerance:maximumSweeps:)``.
///
/// A sweep is u = a / K v, then v = b / K^T u. Each group of four rows is multiplied with v, and while it is in the cache with its new u:
/// memory sends K once a sweep. Rows lie in blocks that the shape alone determines, each with its own part of K^T u, added in order.
struct KernelScaling {
  private let problem: TransportProblem
  private let epsilon: Double
  private let a: [Double]
  private let b: [Double]
  private let blocks: Int
  /// Of a block, a multiple of 4.
  private let rows: Int
  /// f and g of the kernel.
  private var base: TransportPotentials
  /// Nil before a first sweep in the logarithmic domain.
  private var kernel: Tensor<Double>?
  private var u: [Double]
  private var v: [Double]
  /// For each block its part of K^T u, and its part of the error.
  private var parts: [Double]
  private var errors: [Double]

  /// The largest logarithm, either way, of an entry of K, u or v: products of all three stay in the range of numbers, and what exp sets to
  /// zero in K would weigh e^-100 at most.
  private static let largestLogarithm = 300.0

  init(_ problem: TransportProblem, _ start: TransportPotentials) {
    self.problem = problem
    epsilon = problem.regularization.scalar
    a = problem.a.scalars
    b = problem.b.scalars
    let (n, m) = (a.count, b.count)
    rows = (n + 4 * Self.blockCount(n * m) - 1) / (4 * Self.blockCount(n * m)) * 4
    blocks = (n + rows - 1) / rows
    u = [Double](repeating: 1, count: n)
    v = [Double](repeating: 1, count: m)
    parts = [Double](repeating: 0, count: blocks * m)
    errors = [Double](repeating: 0, count: blocks)
    base = start
    // The rows of the start do not matter: f is constant and such that K is at most 1.
    let (low, high) = (
      start.columns.min().scalar - problem.cost.max().scalar, start.columns.max().scalar - problem.cost.min().scalar
    )
    base.rows = .full([n], -high)
    if (high - low) / epsilon <= Self.largestLogarithm { kernel = compiledPlan(problem, base) }
  }

  /// Enough work in a block to be worth a thread.
  private static func blockCount(_ count: Int) -> Int { min(16, max(1, count >> 16)) }

  /// f and g of the plan.
  var potentials: TransportPotentials {
    TransportPotentials(
      rows: base.rows + Tensor(u.map { epsilon * log($0) }), columns: base.columns + Tensor(v.map { epsilon * log($0) }))
  }

  /// P.
  func plan() -> Tensor<Double> {
    guard let kernel else { return compiledPlan(problem, base) }
    return scaledKernel(Tensor(u), kernel, Tensor(v))
  }

  /// K from f and g as they are, without subnormal numbers, which would slow every product.
  private mutating func makeKernel() {
    let plan = compiledPlan(problem, base)
    kernel = Tensor.where(plan .< 1e-290, 0, plan)
  }

  /// One sweep; the sum of |P 1 - a| before it, infinite where it was not measured.
  mutating func sweep() -> Double {
    guard kernel != nil else {
      base = compiledSweep(problem, base)
      makeKernel()
      return .infinity
    }
    multiply()
    let isLarge = scaleColumns()
    let error = errors.reduce(0, +)
    if isLarge, error.isFinite {
      base = potentials
      u = u.map { _ in 1 }
      v = v.map { _ in 1 }
      makeKernel()
    }
    return error
  }

  /// u = a / K v and the blocks' parts of K^T u.
  private mutating func multiply() {
    guard let kernel else { return }
    let (n, m, rows) = (a.count, b.count, rows)
    kernel.withUnsafeBufferPointer { k in
      a.withUnsafeBufferPointer { a in
        v.withUnsafeBufferPointer { v in
          u.withUnsafeMutableBufferPointer { u in
            parts.withUnsafeMutableBufferPointer { parts in
              errors.withUnsafeMutableBufferPointer { errors in
                nonisolated(unsafe) let (k, a, v) = (k.baseAddress!, a.baseAddress!, v.baseAddress!)
                nonisolated(unsafe) let (u, parts, errors) = (u.baseAddress!, parts.baseAddress!, errors.baseAddress!)
                Threads.forEach(blocks) { block in
                  let part = parts + block * m
                  part.update(repeating: 0, count: m)
                  errors[block] = 0
                  let end = min(n, (block + 1) * rows)
                  for i in stride(from: block * rows, to: end, by: 4) {
                    errors[block] += scaleRows(min(4, end - i), k + i * m, m, a + i, v, u + i, part)
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// v = b / K^T u; whether u or v should be taken up by the potentials.
  private mutating func scaleColumns() -> Bool {
    let m = b.count
    var (least, largest) = (Double.infinity, 0.0)
    for j in 0..<m {
      var sum = parts[j]
      for block in 1..<max(1, blocks) { sum += parts[block * m + j] }
      v[j] = b[j] / sum
      least = min(least, v[j])
      largest = max(largest, v[j])
    }
    for value in u {
      least = min(least, value)
      largest = max(largest, value)
    }
    return largest > exp(Self.largestLogarithm) || least < exp(-Self.largestLogarithm)
  }
}

// Plans are kept behind a lock, so that all threads may share them.
nonisolated(unsafe) private let compiledPlan = compile { (p: TransportProblem, f: TransportPotentials) in p.plan(f) }
nonisolated(unsafe) private let compiledSweep = compile { (p: TransportProblem, f: TransportPotentials) in p.sweep(f) }
nonisolated(unsafe) private let scaledKernel = compile { (u: Tensor<Double>, k: Tensor<Double>, v: Tensor<Double>) in
  u.expandingDimensions(1) * k * v
}

/// Up to four rows of K: u = a / K v, and K^T u added to `part`. The sum of |u K v - a| with the u from before.
@inline(__always)
private func scaleRows(
  _ count: Int, _ k: UnsafePointer<Double>, _ m: Int, _ a: UnsafePointer<Double>, _ v: UnsafePointer<Double>,
  _ u: UnsafeMutablePointer<Double>, _ part: UnsafeMutablePointer<Double>
) -> Double {
  typealias Lanes = SIMD8<Double>
  // A missing row is the last one again, with the factor 0.
  let (k0, k1, k2, k3) = (k, k + min(1, count - 1) * m, k + min(2, count - 1) * m, k + min(3, count - 1) * m)
  var (s0, s1, s2, s3) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
  let whole = m / 8 * 8
  for j in stride(from: 0, to: whole, by: 8) {
    let x = load(v + j)
    s0 = s0.addingProduct(load(k0 + j), x)
    s1 = s1.addingProduct(load(k1 + j), x)
    s2 = s2.addingProduct(load(k2 + j), x)
    s3 = s3.addingProduct(load(k3 + j), x)
  }
  var sums = SIMD4<Double>(s0.sum(), s1.sum(), s2.sum(), s3.sum())
  for j in whole..<m { sums += SIMD4(k0[j], k1[j], k2[j], k3[j]) * v[j] }
  var (error, factors) = (0.0, SIMD4<Double>.zero)
  for r in 0..<count {
    error += abs(u[r] * sums[r] - a[r])
    u[r] = a[r] / sums[r]
    factors[r] = u[r]
  }
  let (f0, f1) = (Lanes(repeating: factors[0]), Lanes(repeating: factors[1]))
  let (f2, f3) = (Lanes(repeating: factors[2]), Lanes(repeating: factors[3]))
  for j in stride(from: 0, to: whole, by: 8) {
    let sum = load(part + j).addingProduct(load(k0 + j), f0).addingProduct(load(k1 + j), f1)
      .addingProduct(load(k2 + j), f2).addingProduct(load(k3 + j), f3)
    UnsafeMutableRawPointer(part + j).storeBytes(of: sum, as: Lanes.self)
  }
  for j in whole..<m { part[j] += (SIMD4(k0[j], k1[j], k2[j], k3[j]) * factors).sum() }
  return error
}

@inline(__always)
private func load(_ pointer: UnsafePointer<Double>) -> SIMD8<Double> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Double>.self)
}
