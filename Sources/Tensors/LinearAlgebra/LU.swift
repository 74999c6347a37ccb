import ComplexModule

/// Factorization with pivoting and solves with it, on raw memory.
///
/// LAPACK reads columns, so our rows are the columns of the transpose. It factors that: aT = p l u with unit lower l, hence
/// a = uT lT pT, where a's memory now holds lT above the diagonal and uT on and below it. Nothing is transposed.
enum LU<S: FieldScalar> {
  /// Replaces `a` by its factors; false if the factorization meets a pivot of zero, all NaN if an entry is NaN.
  @discardableResult
  static func factor(_ n: Int, _ a: UnsafeMutablePointer<S>, _ pivots: UnsafeMutablePointer<Int32>) -> Bool {
    if n == 0 { return true }
    let info = S._getrf(n, a, pivots)
    if info < 0 {
      fillNaN(a, n * n)
      for i in 0..<n { pivots[i] = Int32(i + 1) }
    }
    return info == 0
  }

  /// b of [n, k] becomes a^-1 b, or a^-T b; NaN if a pivot is zero.
  static func solve(
    transposed: Bool, _ n: Int, _ k: Int, _ factors: UnsafePointer<S>, _ pivots: UnsafePointer<Int32>,
    _ b: UnsafeMutablePointer<S>
  ) {
    if n * k == 0 { return }
    for i in 0..<n where factors[i * n + i] == .zero { return fillNaN(b, n * k) }
    if transposed {
      for i in 0..<n { exchange(b + i * k, b + (Int(pivots[i]) - 1) * k, k) }
      S._trsm(right: false, lower: false, transposed: true, unitDiagonal: true, n, k, factors, n, b, k)
      S._trsm(right: false, lower: true, transposed: true, unitDiagonal: false, n, k, factors, n, b, k)
    } else {
      S._trsm(right: false, lower: true, transposed: false, unitDiagonal: false, n, k, factors, n, b, k)
      S._trsm(right: false, lower: false, transposed: false, unitDiagonal: true, n, k, factors, n, b, k)
      for i in stride(from: n - 1, through: 0, by: -1) { exchange(b + i * k, b + (Int(pivots[i]) - 1) * k, k) }
    }
  }

  /// The product of the pivots, with the sign of the exchanges.
  static func determinant(_ n: Int, _ factors: UnsafePointer<S>, _ pivots: UnsafePointer<Int32>) -> S {
    var product: S = 1
    for i in 0..<n {
      product *= factors[i * n + i]
      if pivots[i] != Int32(i + 1) { product *= -1 }
    }
    return product
  }

  private static func exchange(_ a: UnsafeMutablePointer<S>, _ b: UnsafeMutablePointer<S>, _ count: Int) {
    if a == b { return }
    for i in 0..<count { swap(&a[i], &b[i]) }
  }

  /// Every bit set is NaN in every real type, and in both parts of a complex one.
  static func fillNaN(_ a: UnsafeMutablePointer<S>, _ count: Int) {
    UnsafeMutableRawPointer(a).initializeMemory(as: UInt8.self, repeating: 0xFF, count: count * MemoryLayout<S>.stride)
  }
}

/// The factors of `LU` and the pivots of [..., n, n]. Without derivative: what solves with it differentiates with the matrix itself.
struct LUFactors: MatrixPrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    [inputs[0], Signature(.int32, Array(inputs[0].shape.dropLast()))]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    switch inputs[0].scalarType {
    case .float: kernel(Float.self, inputs[0])
    case .double: kernel(Double.self, inputs[0])
    case .complexFloat: kernel(Complex<Float>.self, inputs[0])
    default: kernel(Complex<Double>.self, inputs[0])
    }
  }

  private func kernel<S: FieldScalar>(_ type: S.Type, _ a: Signature) -> Kernel {
    let n = a.rows
    return .matrices(a.matrixCount, work: n * n * n) { place in
      let factors = place.output(0, n * n, S.self)
      factors.update(from: place.input(0, n * n), count: n * n)
      LU.factor(n, factors, place.output(1, n))
    }
  }
}

/// A square matrix with its factors: computed once, for solves, determinants and the derivatives of both.
struct FactoredMatrix {
  let a, factors, pivots: AnyTensor

  init(_ a: AnyTensor, _ operation: String) {
    requireMatrix(a.signature, operation, square: true, complex: true)
    self.a = a
    let outputs = LUFactors().apply([a])
    (factors, pivots) = (outputs[0], outputs[1])
  }

  init(_ inputs: [AnyTensor]) { (a, factors, pivots) = (inputs[0], inputs[1], inputs[2]) }

  func solve(_ b: AnyTensor, transposed: Bool = false) -> AnyTensor {
    Solve(transposed: transposed)(a, factors, pivots, b)
  }

  /// The transpose of the inverse.
  var inverseTransposed: AnyTensor {
    solve(.identity(a.signature.rows, a.scalarType, leading: a.signature.leading), transposed: true)
  }
}
