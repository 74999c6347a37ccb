import ComplexModule

/// A failure of a factorization that depends on the numbers, not on the shapes.
///
/// Kernels answer such a failure with NaN in all results for that matrix. The functions `cholesky`, `solve`, ... look at their
/// results and throw; while a function is traced there is nothing to look at, and NaN flows. The methods of the same purpose on
/// `Tensor` never throw.
public enum LinearAlgebraError: Error, Sendable, CustomStringConvertible {
  /// An entry of the input is NaN or infinite (or LAPACK refused the input for another reason).
  case invalidInput(operation: String, shape: [Int])
  /// The iteration gave up.
  case notConverged(operation: String, shape: [Int])
  /// A matrix without a Cholesky factor.
  case notPositiveDefinite(operation: String, shape: [Int])
  /// A matrix without an inverse, or without full rank.
  case singular(operation: String, shape: [Int])

  /// One line: what failed, on which shape, and why.
  public var description: String {
    switch self {
    case .invalidInput(let operation, let shape): "\(operation) of shape \(shape): the matrix contains NaN or infinity"
    case .notConverged(let operation, let shape): "\(operation) of shape \(shape): LAPACK did not converge"
    case .notPositiveDefinite(let operation, let shape): "\(operation) of shape \(shape): the matrix is not positive definite"
    case .singular(let operation, let shape): "\(operation) of shape \(shape): the matrix is singular"
    }
  }
}

extension Tensor where Scalar: FieldScalar {
  /// This result of `operation` on `input`, if it holds no NaN; else throws what went wrong: `failure` if the input was finite.
  func checked(
    _ operation: String, of input: Tensor, _ failure: (String, [Int]) -> LinearAlgebraError
  ) throws(LinearAlgebraError) -> Tensor {
    try AnyTensor(self).check(operation, of: AnyTensor(input), failure)
    return self
  }
}

extension AnyTensor {
  /// Throws if this result of `operation` on `input` holds NaN.
  func check(
    _ operation: String, of input: AnyTensor, _ failure: (String, [Int]) -> LinearAlgebraError
  ) throws(LinearAlgebraError) {
    if isTraced || !contains({ $0.isNaN }, { $0.isNaN }) { return }
    if !input.isTraced, input.contains({ !$0.isFinite }, { !$0.isFinite }) {
      throw .invalidInput(operation: operation, shape: input.shape)
    }
    throw failure(operation, input.shape)
  }

  /// Whether any number, or part of a complex number, is such.
  private func contains(_ isSuch: (Float) -> Bool, _ isSuchDouble: (Double) -> Bool) -> Bool {
    defer { withExtendedLifetime(self) {} }
    let parts = scalarType.isComplex ? 2 * count : count
    if scalarType.realType == .float {
      return UnsafeBufferPointer(start: memory.assumingMemoryBound(to: Float.self), count: parts).contains(where: isSuch)
    }
    return UnsafeBufferPointer(start: memory.assumingMemoryBound(to: Double.self), count: parts).contains(where: isSuchDouble)
  }
}
