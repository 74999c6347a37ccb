import Synchronization

/// Sums of products after Einstein: every axis has a letter; letters that the result lacks are summed over.
///
///     einsum("ij,jk->ik", a, b)          // a matrix product
///     einsum("bhqd,bhkd->bhqk", q, k)    // one for each b and h
///     einsum("ii->", a)                  // the trace
///
/// Operands are combined from left to right, each time by a batched matrix product where something is summed over, else by an
/// elementwise product. A letter twice in one operand takes its diagonal. Without "->" the result has the letters that occur once, in
/// alphabetical order.
public func einsum<Scalar: NumberScalar>(_ formula: String, _ operands: Tensor<Scalar>...) -> Tensor<Scalar> {
  let parsed = EinsumFormula.of(formula)
  guard parsed.operands.count == operands.count else {
    fatalError("einsum: \"\(formula)\" has \(parsed.operands.count) operands, but \(operands.count) are given")
  }
  return Tensor(contract(operands.map { AnyTensor($0) }, parsed.operands, to: parsed.result, formula))
}

/// The sum of products over pairs of axes: the result has the other axes of `a`, then those of `b`.
public func tensordot<Scalar: NumberScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, axes: (a: [Int], b: [Int])
) -> Tensor<Scalar> {
  let (first, second) = (
    axes.a.map { normalizedAxis($0, a.shape, "tensordot") }, axes.b.map { normalizedAxis($0, b.shape, "tensordot") }
  )
  guard first.count == second.count else { fatalError("tensordot: axes \(axes.a) and \(axes.b) make no pairs") }
  let labelsA = Array(0..<a.rank)
  var labelsB = Array(a.rank..<a.rank + b.rank)
  for (i, j) in zip(first, second) { labelsB[j] = i }
  let result = labelsA.filter { !first.contains($0) } + labelsB.filter { $0 >= a.rank }
  return Tensor(contract([AnyTensor(a), AnyTensor(b)], [labelsA, labelsB], to: result, "tensordot"))
}

/// The sum of products over the last `axes` axes of `a` and the first ones of `b`.
public func tensordot<Scalar: NumberScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>, axes: Int = 2) -> Tensor<Scalar> {
  tensordot(a, b, axes: (Array(Swift.max(0, a.rank - axes)..<a.rank), Array(0..<axes)))
}

/// All products of an element of `a` and one of `b`: the axes of `a`, then those of `b`.
public func outer<Scalar: NumberScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> { tensordot(a, b, axes: 0) }

/// The sum of products over the last axes of both.
public func inner<Scalar: NumberScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  tensordot(a, b, axes: ([-1], [-1]))
}

/// A formula of `einsum` as labels of axes.
private struct EinsumFormula: Sendable {
  var operands: [[Int]]
  var result: [Int]

  private static let known = Mutex<[String: EinsumFormula]>([:])

  static func of(_ formula: String) -> EinsumFormula {
    known.withLock { known in
      if let parsed = known[formula] { return parsed }
      let parsed = EinsumFormula(formula)
      known[formula] = parsed
      return parsed
    }
  }

  private init(_ formula: String) {
    let sides = formula.filter { $0 != " " }.split(separator: "->", omittingEmptySubsequences: false)
    func labels(_ text: Substring) -> [Int] {
      text.unicodeScalars.map { letter in
        guard letter.properties.isAlphabetic else { fatalError("einsum: \"\(formula)\" has \"\(letter)\", which is no letter") }
        return Int(letter.value)
      }
    }
    operands = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(labels)
    let counts = Dictionary(operands.joined().map { ($0, 1) }, uniquingKeysWith: +)
    result = sides.count > 1 ? labels(sides[1]) : counts.filter { $0.value == 1 }.keys.sorted()
    guard sides.count <= 2, Set(result).count == result.count, result.allSatisfy({ counts[$0] != nil }) else {
      fatalError("einsum: \"\(formula)\": the result needs letters of the operands, each once")
    }
  }
}

/// A tensor whose axes have labels, all different.
private struct Labelled {
  var tensor: AnyTensor
  var labels: [Int]

  /// Takes the diagonal of labels that occur twice.
  init(_ tensor: AnyTensor, _ labels: [Int], _ formula: String) {
    guard tensor.rank == labels.count else {
      fatalError("einsum: \"\(formula)\" names \(labels.count) axes of an operand of shape \(tensor.shape)")
    }
    (self.tensor, self.labels) = (tensor, labels)
    while let (i, j) = repeated {
      let n = self.tensor.shape[i]
      guard self.tensor.shape[j] == n else { fatalError("einsum: \"\(formula)\": no diagonal in shape \(tensor.shape)") }
      // Both axes last, as one of n * n elements: the diagonal is every n + 1st of them.
      let others = self.labels.indices.filter { $0 != i && $0 != j }
      let flat = self.tensor.permuted(others + [i, j]).reshaped(others.map { self.tensor.shape[$0] } + [n * n])
      var window = Window(whole: flat.shape)
      (window.extents[others.count], window.steps[others.count]) = (n, n + 1)
      self = Labelled(flat.slice(window), others.map { self.labels[$0] } + [self.labels[i]])
    }
  }

  private init(_ tensor: AnyTensor, _ labels: [Int]) { (self.tensor, self.labels) = (tensor, labels) }

  private var repeated: (Int, Int)? {
    for j in labels.indices { if let i = labels[..<j].firstIndex(of: labels[j]) { return (i, j) } }
    return nil
  }

  func extent(_ label: Int) -> Int { tensor.shape[labels.firstIndex(of: label) ?? 0] }

  func summed(keeping kept: Set<Int>) -> Labelled {
    let axes = labels.indices.filter { !kept.contains(labels[$0]) }
    return axes.isEmpty ? self : Labelled(tensor.sum(axes: axes), labels.filter(kept.contains))
  }

  func ordered(_ target: [Int]) -> AnyTensor { tensor.permuted(target.compactMap { labels.firstIndex(of: $0) }) }

  /// The sum of products with `other`; labels of both that are not `kept` are summed over.
  func times(_ other: Labelled, keeping kept: Set<Int>, _ formula: String) -> Labelled {
    let both = labels.filter(other.labels.contains)
    guard both.allSatisfy({ extent($0) == other.extent($0) }) else {
      fatalError("einsum: \"\(formula)\": shapes \(tensor.shape) and \(other.tensor.shape) do not fit")
    }
    let (batch, inner) = (both.filter(kept.contains), both.filter { !kept.contains($0) })
    let (rows, columns) = (labels.filter { !both.contains($0) }, other.labels.filter { !both.contains($0) })
    func extents(_ labels: [Int], of operand: Labelled) -> [Int] { labels.map { operand.extent($0) } }
    let (b, m, n) = (extents(batch, of: self), extents(rows, of: self), extents(columns, of: other))
    if inner.isEmpty {
      let left = ordered(batch + rows).reshaped(b + m + n.map { _ in 1 })
      let right = other.ordered(batch + columns).reshaped(b + m.map { _ in 1 } + n)
      return Labelled(left * right, batch + rows + columns)
    }
    // An operand that lies transposed is multiplied as it lies.
    let transposeA = labels == batch + inner + rows && !rows.isEmpty
    let transposeB = other.labels == batch + columns + inner && !columns.isEmpty
    let k = inner.map { extent($0) }.reduce(1, *)
    let (p, q, r) = (b.reduce(1, *), m.reduce(1, *), n.reduce(1, *))
    let leading = batch.isEmpty ? [] : [p]
    let left = ordered(batch + (transposeA ? inner + rows : rows + inner)).reshaped(leading + (transposeA ? [k, q] : [q, k]))
    let right = other.ordered(batch + (transposeB ? columns + inner : inner + columns))
      .reshaped(leading + (transposeB ? [r, k] : [k, r]))
    let product = MatrixMultiply(transposeA: transposeA, transposeB: transposeB)(left, right)
    return Labelled(product.reshaped(b + m + n), batch + rows + columns)
  }
}

private func contract(_ operands: [AnyTensor], _ labels: [[Int]], to result: [Int], _ formula: String) -> AnyTensor {
  var total: Labelled?
  for (i, operand) in operands.enumerated() {
    let later = Set(labels[(i + 1)...].joined()).union(result)
    let next = Labelled(operand, labels[i], formula)
    if let sum = total {
      let own = next.summed(keeping: later.union(sum.labels))
      total = sum.summed(keeping: later.union(own.labels)).times(own, keeping: later, formula)
    } else {
      total = next.summed(keeping: later)
    }
  }
  guard let total else { fatalError("einsum: no operands") }
  return total.ordered(result)
}
