import Tensors

/// x with A x = b, or A^T x = b, for a matrix [n, n] and a vector [n], by elimination with row pivoting in Double; NaN where A is
/// singular.
struct DenseSolve: Primitive {
  let isTransposed: Bool

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard inputs[0].shape == [inputs[1].count, inputs[1].count], inputs[1].rank == 1 else {
      fatalError("implicit differentiation: a Jacobian of shape \(inputs[0].shape) with a right side of shape \(inputs[1].shape)")
    }
    return [inputs[1]]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    inputs[0].scalarType == .float ? kernel(inputs[1].count, Float.self) : kernel(inputs[1].count, Double.self)
  }

  private func kernel<Scalar: RealScalar>(_ n: Int, _ type: Scalar.Type) -> Kernel {
    Kernel(scratch: (n + 1) * n * MemoryLayout<Double>.stride) { [isTransposed] inputs, outputs, scratch in
      let (a, b) = (inputs[0].assumingMemoryBound(to: Scalar.self), inputs[1].assumingMemoryBound(to: Scalar.self))
      let x = outputs[0].assumingMemoryBound(to: Scalar.self)
      // The matrix with b beside it, row by row.
      let work = UnsafeMutableBufferPointer(start: scratch.assumingMemoryBound(to: Double.self), count: (n + 1) * n)
      for i in 0..<n {
        for j in 0..<n { work[i * (n + 1) + j] = Double(isTransposed ? a[j * n + i] : a[i * n + j]) }
        work[i * (n + 1) + n] = Double(b[i])
      }
      let isSolved = eliminate(work, n)
      for i in 0..<n { x[i] = isSolved ? Scalar(work[i * (n + 1) + n]) : .nan }
    }
  }

  // d(A^-1 b) = A^-1 (db - dA x).
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    let axis = isTransposed ? 0 : 1
    let change = tangents[0].map { -($0 * outputs[0].insertingAxis(1 - axis)).sum(axes: [axis]) }
    return [AnyTensor.sum(tangents[1], change).map { self(inputs[0], $0) }]
  }

  // With w = A^-T g: the cotangent of b is w, that of A is -w x^T.
  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let g = cotangents[0] else { return [nil, nil] }
    let w = DenseSolve(isTransposed: !isTransposed)(inputs[0], g)
    let (row, column) = isTransposed ? (outputs[0], w) : (w, outputs[0])
    return [-(row.insertingAxis(1) * column.insertingAxis(0)), w]
  }
}

/// Gauss and Jordan: the last of the n + 1 columns becomes the solution; false for a singular matrix.
private func eliminate(_ work: UnsafeMutableBufferPointer<Double>, _ n: Int) -> Bool {
  let width = n + 1
  for k in 0..<n {
    let pivot = (k..<n).max { abs(work[$0 * width + k]) < abs(work[$1 * width + k]) } ?? k
    let scale = work[pivot * width + k]
    guard scale.isFinite, scale != 0 else { return false }
    for j in k..<width {
      let entry = work[pivot * width + j]
      work[pivot * width + j] = work[k * width + j]
      work[k * width + j] = entry / scale
    }
    for i in 0..<n where i != k {
      let factor = work[i * width + k]
      if factor == 0 { continue }
      for j in k..<width { work[i * width + j] -= factor * work[k * width + j] }
    }
  }
  return true
}
