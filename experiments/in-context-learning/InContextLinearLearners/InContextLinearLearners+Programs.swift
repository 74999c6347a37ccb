import Diagnostics
import Foundation
import Solvers
import Tensors

extension InContextLinearLearners {
  /// The hidden states of a transformer as a memory, one column a token, and the operations on it that a layer each can do (section 3).
  /// All but `mov` happen in every column.
  package struct TokenMemory {
    /// [tokens][rows].
    package private(set) var columns: [[Double]]

    package init(_ columns: [[Double]]) { self.columns = columns }

    /// Rows of one token go to rows of another.
    package mutating func mov(_ source: Int, _ rows: Range<Int>, to target: Int, _ destination: Range<Int>) {
      columns[target].replaceSubrange(destination, with: columns[source][rows])
    }

    /// The product of the a x b and the b x c matrix that lie in two ranges of rows, row-major.
    package mutating func mul(
      _ shape: (a: Int, b: Int, c: Int), _ left: Range<Int>, _ right: Range<Int>, to destination: Range<Int>
    ) {
      replaceEach(destination) { column in
        (0..<shape.a * shape.c).map { entry in
          let (i, k) = (entry / shape.c, entry % shape.c)
          return (0..<shape.b).reduce(0) { sum, j in
            sum + column[left.lowerBound + i * shape.b + j] * column[right.lowerBound + j * shape.c + k]
          }
        }
      }
    }

    /// Rows divided by the magnitude of one row.
    package mutating func div(_ rows: Range<Int>, by divisor: Int, to destination: Range<Int>) {
      replaceEach(destination) { column in column[rows].map { $0 / abs(column[divisor]) } }
    }

    /// W_1 h + W_2 h' + b of two ranges of rows; the matrices row-major.
    package mutating func aff(
      _ first: Range<Int>, _ weights: [Double], _ second: Range<Int>, _ others: [Double], bias: [Double]? = nil,
      to destination: Range<Int>
    ) {
      replaceEach(destination) { column in
        destination.map { row in
          let i = row - destination.lowerBound
          let left = zip(weights[i * first.count..<(i + 1) * first.count], column[first]).reduce(0) { $0 + $1.0 * $1.1 }
          let right = zip(others[i * second.count..<(i + 1) * second.count], column[second]).reduce(0) { $0 + $1.0 * $1.1 }
          return left + right + (bias?[i] ?? 0)
        }
      }
    }

    private mutating func replaceEach(_ destination: Range<Int>, by values: ([Double]) -> [Double]) {
      for i in columns.indices { columns[i].replaceSubrange(destination, with: values(columns[i])) }
    }
  }

  /// Ranges of rows with names, one behind the other.
  private struct Registers {
    private(set) var count: Int

    /// The rows of the token itself come first.
    init(token: Int) { count = token }

    mutating func next(_ rows: Int) -> Range<Int> {
      defer { count += rows }
      return count..<count + rows
    }
  }

  /// Tokens (0, x_1), (y_1, 0), (0, x_2), ... with room for the registers.
  private static func tokens(_ x: [[Double]], _ y: [Double], rows: Int) -> [[Double]] {
    zip(x, y).flatMap { x, y -> [[Double]] in
      let tokens: [[Double]] = [[0] + x, [y] + [Double](repeating: 0, count: x.count)]
      return tokens.map { $0 + [Double](repeating: 0, count: rows - $0.count) }
    }
  }

  private static func identity(_ size: Int, times factor: Double = 1) -> [Double] {
    (0..<size * size).map { $0 % (size + 1) == 0 ? factor : 0 }
  }

  /// w' = w - 2 alpha (x (w . x) - y x + lambda w) on one example, in the column of y (Theorem 1).
  package static func stochasticStepProgram(
    x: [Double], y: Double, weights: [Double], rate: Double, ridge lambda: Double
  ) -> [Double] {
    let d = x.count
    var registers = Registers(token: d + 1)
    let (w, input, residual, gradient) = (registers.next(d), registers.next(d), registers.next(1), registers.next(d))
    let (target, token) = (0..<1, 1..<d + 1)
    var columns = tokens([x], [y], rows: registers.count)
    for i in columns.indices { columns[i].replaceSubrange(w, with: weights) }
    var memory = TokenMemory(columns)
    memory.mov(0, token, to: 1, input)
    memory.mul((1, d, 1), w, input, to: residual)
    memory.aff(residual, [1], target, [-1], to: residual)
    memory.mul((d, 1, 1), input, residual, to: gradient)
    memory.aff(w, identity(d, times: 1 - 2 * rate * lambda), gradient, identity(d, times: -2 * rate), to: w)
    return Array(memory.columns[1][w])
  }

  /// The answer of ridge regression to a query, from a rank-one update of the inverse in the column of every y (Theorem 2):
  /// A^-1 <- A^-1 - A^-1 x x^T A^-1 / (1 + x^T A^-1 x), b <- b + y x, from A^-1 = I / lambda; then w = A^-1 b.
  package static func ridgeProgram(
    x: [[Double]], y: [Double], query: [Double], ridge lambda: Double
  ) -> (weights: [Double], answer: Double) {
    let d = query.count
    var registers = Registers(token: d + 1)
    let (inverse, sum, input) = (registers.next(d * d), registers.next(d), registers.next(d))
    let (product, square, scale, weighted) = (registers.next(d), registers.next(d * d), registers.next(1), registers.next(d))
    let (target, token) = (0..<1, 1..<d + 1)
    // Behind the examples the query, with no y to be seen.
    var memory = TokenMemory(tokens(x + [query], y + [0], rows: registers.count))
    let nothing = [Double](repeating: 0, count: d * d)
    memory.aff(target, [Double](repeating: 0, count: d * d), target, nothing, bias: identity(d, times: 1 / lambda), to: inverse)
    for i in x.indices {
      let column = 2 * i + 1
      memory.mov(column - 1, token, to: column, input)
      if i > 0 {
        memory.mov(column - 2, inverse, to: column, inverse)
        memory.mov(column - 2, sum, to: column, sum)
      }
      memory.mul((d, d, 1), inverse, input, to: product)
      memory.mul((1, d, 1), input, product, to: scale)
      memory.aff(scale, [1], scale, [0], bias: [1], to: scale)
      // A^-1 is symmetric: x^T A^-1 is the same product.
      memory.mul((d, 1, d), product, product, to: square)
      memory.div(square, by: scale.lowerBound, to: square)
      memory.aff(inverse, identity(d * d), square, identity(d * d, times: -1), to: inverse)
      memory.mul((d, 1, 1), input, target, to: weighted)
      memory.aff(sum, identity(d), weighted, identity(d), to: sum)
    }
    let last = 2 * x.count
    memory.mov(last - 1, inverse, to: last, inverse)
    memory.mov(last - 1, sum, to: last, sum)
    memory.mul((d, d, 1), inverse, sum, to: product)
    memory.mul((1, d, 1), product, token, to: scale)
    return (Array(memory.columns[last][product]), memory.columns[last][scale.lowerBound])
  }

  /// The largest relative distances of the two programs from the formulas that they implement, over random draws.
  package static func programErrors(
    dimension d: Int, examples: Int, draws: Int, key: Key
  ) -> (stochasticStep: Double, ridge: Double) {
    let pairs = (0..<draws).map { draw -> (Double, Double) in
      let key = key[draw]
      let x = Tensor<Double>.normal([examples, d], key: key.named("x"))
      let y = Tensor<Double>.normal([examples], key: key.named("y"))
      let (w, query) = (Tensor<Double>.normal([d], key: key.named("w")), Tensor<Double>.normal([d], key: key.named("query")))
      let numbers = Tensor<Double>.uniform([2], in: 0.01..<1, key: key.named("rate and ridge")).scalars
      let (rate, lambda) = (numbers[0], numbers[1])

      let first = x.row(0)
      let expected = w - 2 * rate * (first * first.dot(w) - first * y[0] + w * lambda)
      let step = stochasticStepProgram(x: first.scalars, y: y[0], weights: w.scalars, rate: rate, ridge: lambda)
      let direct = RegressionContexts(inputs: x, targets: y).ridge(lambda)
      let ridge = ridgeProgram(
        x: (0..<examples).map { x.row($0).scalars }, y: y.scalars, query: query.scalars, ridge: lambda)
      let answer = direct.dot(query).scalar
      return (
        ((Tensor(step) - expected).norm() / expected.norm()).scalar,
        max(
          ((Tensor(ridge.weights) - direct).norm() / direct.norm()).scalar,
          // An answer may be near 0: relative to the lengths of what is multiplied.
          abs(ridge.answer - answer) / (direct.norm() * query.norm()).scalar)
      )
    }
    return (quantile(pairs.map(\.0), 1), quantile(pairs.map(\.1), 1))
  }
}
