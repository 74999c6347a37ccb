import RealModule

/// e to a square matrix, by Pade approximants with scaling and squaring (Higham, "The scaling and squaring method for the matrix
/// exponential revisited", 2005). A few roundings times the condition of the problem; NaN where the matrix is not finite.
struct MatrixExponential: MatrixPrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireMatrix(inputs[0], "matrixExponential", square: true)
    return inputs
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    realKernel(inputs[0], { kernel(Float.self, inputs[0]) }, { kernel(Double.self, inputs[0]) })
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ a: Signature) -> Kernel {
    let n = a.rows
    let scalars = 6 * n * n
    let approximants = PadeApproximant<S>.all
    return .matrices(
      a.matrixCount, work: 40 * n * n * n, scratch: scalars * MemoryLayout<S>.stride + n * MemoryLayout<Int32>.stride
    ) { place in
      let work = place.scratch.assumingMemoryBound(to: S.self)
      let pivots = (place.scratch + scalars * MemoryLayout<S>.stride).assumingMemoryBound(to: Int32.self)
      Self.exponential(n, place.input(0, n * n), place.output(0, n * n), work, pivots, approximants)
    }
  }

  private static func exponential<S: RealScalar>(
    _ n: Int, _ a: UnsafePointer<S>, _ result: UnsafeMutablePointer<S>, _ work: UnsafeMutablePointer<S>,
    _ pivots: UnsafeMutablePointer<Int32>, _ approximants: [PadeApproximant<S>]
  ) {
    let count = n * n
    if count == 0 { return }
    guard a.isFinite(count) else { return result.update(repeating: .nan, count: count) }
    let scaled = work
    let square = work + count
    var (power, next) = (work + 2 * count, work + 3 * count)
    let (odd, even) = (work + 4 * count, work + 5 * count)
    func multiply(_ a: UnsafeMutablePointer<S>, _ b: UnsafeMutablePointer<S>, _ c: UnsafeMutablePointer<S>) {
      S._gemm(false, false, n, n, n, 1, a, n, b, n, 0, c, n)
    }

    let norm = oneNorm(a, n)
    var approximant = approximants[approximants.count - 1]
    var squarings = 0
    if let fitting = approximants.first(where: { norm <= $0.radius }) {
      approximant = fitting
    } else {
      squarings = max(0, Int(S.log2(norm / approximant.radius).rounded(.up)))
    }
    let scale = S(sign: .plus, exponent: S.Exponent(-squarings), significand: 1)
    for i in 0..<count { scaled[i] = a[i] * scale }

    // e^a = (v - u)^-1 (v + u): v has the even powers, u = a times the same of the odd ones.
    let b = approximant.coefficients
    for i in 0..<count { (odd[i], even[i], square[i], power[i]) = (0, 0, 0, 0) }
    multiply(scaled, scaled, square)
    for i in 0..<n {
      power[i * n + i] = 1
    }
    for term in stride(from: 0, to: b.count, by: 2) {
      let (forEven, forOdd) = (b[term], b[term + 1])
      for i in 0..<count {
        even[i] += forEven * power[i]
        odd[i] += forOdd * power[i]
      }
      if term + 2 == b.count { break }
      multiply(power, square, next)
      swap(&power, &next)
    }
    multiply(scaled, odd, power)
    for i in 0..<count {
      result[i] = even[i] + power[i]
      even[i] -= power[i]
    }
    LU.factor(n, even, pivots)
    LU.solve(transposed: false, n, n, even, pivots, result)
    for _ in 0..<squarings {
      power.update(from: result, count: count)
      multiply(power, power, result)
    }
  }

  private static func oneNorm<S: RealScalar>(_ a: UnsafePointer<S>, _ n: Int) -> S {
    var largest: S = 0
    for j in 0..<n {
      var sum: S = 0
      for i in 0..<n { sum += abs(a[i * n + j]) }
      largest = max(largest, sum)
    }
    return largest
  }

  // exp [[a, e], [0, a]] = [[exp a, l], [0, exp a]] with l the derivative in the direction e (Mathias 1996); the adjoint of that map is
  // the same map at aT.
  private func derivative(_ a: AnyTensor, _ direction: AnyTensor) -> AnyTensor {
    let (n, axis) = (a.shape[a.rank - 1], a.rank - 1)
    let zero = AnyTensor.zeros(a.signature)
    let rows = [AnyTensor.concatenate([a, direction], axis: axis), .concatenate([zero, a], axis: axis)]
    let block = self(.concatenate(rows, axis: axis - 1))
    return block.slice(axis: axis - 1, 0..<n).slice(axis: axis, n..<2 * n)
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { derivative(inputs[0], $0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { derivative(inputs[0].matrixTransposed, $0) }]
  }
}

/// The diagonal Pade approximant of e^x of some degree: good to a rounding for matrices of 1-norm up to `radius`.
private struct PadeApproximant<S: RealScalar>: Sendable {
  let radius: S
  /// Of x^0, x^1, ... in the numerator; the first is 1.
  let coefficients: [S]

  init(_ degree: Int, _ radius: Double) {
    self.radius = S(radius)
    var coefficients = [1.0]
    for j in 0..<degree {
      coefficients.append(coefficients[j] * Double(degree - j) / Double((2 * degree - j) * (j + 1)))
    }
    self.coefficients = coefficients.map { S($0) }
  }

  /// In ascending degree, with Higham's radii for the precision of `S`.
  static var all: [PadeApproximant] {
    S.scalarType == .float
      ? [.init(3, 0.4258730016922831), .init(5, 1.880152677804762), .init(7, 3.925724783138660)]
      : [
        .init(3, 0.01495585217958292), .init(5, 0.2539398330063230), .init(7, 0.9504178996162932), .init(9, 2.097847961257068),
        .init(13, 5.371920351148152),
      ]
  }
}

/// The exponentials of square matrices [..., n, n]. A matrix that is not finite gives NaN.
public func matrixExponential<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(MatrixExponential()(AnyTensor(a)))
}
