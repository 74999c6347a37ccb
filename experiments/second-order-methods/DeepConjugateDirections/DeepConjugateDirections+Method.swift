import Diagnostics
import Foundation
import Networks
import Solvers
import Tensors
import Transforms

/// f: a U-net without biases, so that it is homogeneous up to the sign. Four levels of x <- x + leaky(conv(x)), averages of 2 x 2 pixels on
/// the way down, nearest neighbours and the level's own values on the way up.
struct DirectionNetwork: TensorTree, Codable {
  var input: Tensor<Float>
  var down: [Tensor<Float>]
  var up: [Tensor<Float>]
  var output: Tensor<Float>

  /// Filters of 3 x 3 with variance 1 / fan-in.
  init(channels: Int, key: Key) {
    let filter = { (inputs: Int, outputs: Int, name: String) -> Tensor<Float> in
      Initializer.leCun().tensor([3, 3, inputs, outputs], key: key.named(name))
    }
    input = filter(1, channels, "input")
    down = (0..<4).map { filter(channels, channels, "down \($0)") }
    up = (0..<3).map { filter(channels, channels, "up \($0)") }
    output = filter(channels, 1, "output")
  }

  /// Residuals [batch, side, side] to directions of the same shape.
  func callAsFunction(_ residuals: Tensor<Float>) -> Tensor<Float> {
    var x = conv2d(residuals.expandingDimensions(3), input, padding: .same)
    var levels: [Tensor<Float>] = []
    for filter in down {
      if !levels.isEmpty { x = x.averagePool2D(ImageExtents(2, 2)) }
      x = Self.block(x, filter)
      levels.append(x)
    }
    for (filter, level) in zip(up, levels.dropLast().reversed()) {
      x = Self.block(x.repeated(2, axis: 1).repeated(2, axis: 2) + level, filter)
    }
    return conv2d(x, output, padding: .same).squeezed(3)
  }

  private static func block(_ x: Tensor<Float>, _ filter: Tensor<Float>) -> Tensor<Float> {
    let y = conv2d(x, filter, padding: .same)
    return x + maximum(y, y * 0.1)
  }
}

/// Mean over the batch of |r - a A f(r)|² with the best a = r^T A f / |A f|², for r of length one.
func remainder(of residuals: Tensor<Float>, _ network: DirectionNetwork) -> Tensor<Float> {
  let image = poisson(network(residuals))
  let product = (residuals * image).sum(1, 2).expandingDimensions(1).expandingDimensions(2)
  let square = image.square().sum(1, 2).expandingDimensions(1).expandingDimensions(2)
  return (residuals - product / square * image).square().sum(1, 2).mean()
}

/// The 5-point stencil on [batch, side, side], zeros around.
private func poisson(_ x: Tensor<Float>) -> Tensor<Float> {
  let n = x.shape[1]
  let wide = x.padded([(0, 0), (1, 1), (1, 1)])
  let vertical = wide.slice(All(), 0..<n, 1...n) + wide.slice(All(), 2..<n + 2, 1...n)
  let horizontal = wide.slice(All(), 1...n, 0..<n) + wide.slice(All(), 1...n, 2..<n + 2)
  return 4 * x - vertical - horizontal
}

/// Residuals of length one, [count, side, side]: normal combinations of the operator's eigenvectors; in the first half of them those of the
/// lower half of the spectrum, eigenvalues below 4, count nine times.
func spectralResiduals(_ count: Int, side: Int, key: Key) -> Tensor<Float> {
  let angles = Tensor<Float>.arange(side, from: 1) * (Float.pi / Float(side + 1))
  let sines = angles.outer(Tensor<Float>.arange(side, from: 1)).sin()
  let eigenvalues = 4 - 2 * angles.cos().expandingDimensions(1) - 2 * angles.cos()
  let low = Tensor.where(eigenvalues .< 4, Tensor<Float>(9), Tensor<Float>(1))
  let isWeighted = (Tensor<Float>.arange(count) .< Float(count / 2)).expandingDimensions(1).expandingDimensions(2)
  let coefficients = Tensor<Float>.normal([count, side, side], key: key) * .where(isWeighted, low, 1)
  let residuals = matmul(sines, matmul(coefficients, sines), transposeA: true)
  return residuals / residuals.square().sum(1, 2).sqrt().expandingDimensions(1).expandingDimensions(2)
}

/// What is compared.
package enum DirectionMethod: String, CaseIterable, Sendable {
  case conjugateGradients = "CG"
  case incompleteCholesky = "IC(0) PCG"
  case deep = "DCDM"
  case withoutOrthogonality = "DCDM, m = 0"
  case untrained = "untrained"
}

/// What is kept of a solution.
struct SolveRecord: Codable {
  var residuals: [Double]
  var isConverged: Bool
  /// |d_(k+1)^T A d_k| over the lengths of both in the norm of A.
  var products: [Double] = []
  /// The largest rise of the error in the norm of A, over the first error; negative where it always fell.
  var largestRise = Double.nan
}

/// The discrete Poisson equation on a square grid.
struct PoissonSystem {
  let name: String
  private let side: Int
  private let isFree: [Bool]
  private let matrix: SparseMatrix

  /// With obstacles, a disc and a bar of cells whose values are zero.
  init(_ name: String, side: Int, hasObstacles: Bool = false) {
    self.name = name
    self.side = side
    let isFree = (0..<side * side).map { point -> Bool in
      let (y, x) = ((Double(point / side) + 0.5) / Double(side), (Double(point % side) + 0.5) / Double(side))
      let isInDisc = pow(x - 0.35, 2) + pow(y - 0.4, 2) < 0.15 * 0.15
      let isInBar = abs(x - 0.75) < 0.06 && abs(y - 0.6) < 0.25
      return !hasObstacles || !(isInDisc || isInBar)
    }
    self.isFree = isFree
    matrix = .laplacian(side, side) { isFree[$0] }
  }

  /// The group of its results.
  var slug: String { name.replacingOccurrences(of: " ", with: "-") }

  /// A x.
  func product(_ x: Tensor<Double>) -> Tensor<Double> {
    var y = [Double](repeating: 0, count: matrix.rows)
    matrix.multiply(x.scalars, into: &y)
    return Tensor(y)
  }

  /// `count` of each kind: normal numbers; sin 3x cos 2y on [0, 2 pi]² plus a step; a point source. Zero on obstacles.
  func rightSides(_ count: Int, key: Key) -> [Tensor<Double>] {
    let free = isFree.indices.filter { isFree[$0] }
    let mask = Tensor(isFree.map { $0 ? 1.0 : 0 })
    let random = (0..<count).map { Tensor<Double>.normal([isFree.count], key: key.named("random")[$0]) * mask }
    let smooth = (0..<count).map { i -> Tensor<Double> in
      let step = Tensor<Double>.uniform([], in: 0.2..<0.8, key: key.named("step")[i]).scalar
      let values = isFree.indices.map { point -> Double in
        let (y, x) = (Double(point / side) / Double(side), Double(point % side) / Double(side))
        return sin(6 * Double.pi * x) * cos(4 * Double.pi * y) + (x > step ? 1 : 0)
      }
      return Tensor(values) * mask
    }
    let sources = key.named("source").choice(count, from: free.count).map { place in
      Tensor(isFree.indices.map { $0 == free[place] ? 1.0 : 0 })
    }
    return random + smooth + sources
  }

  func solve(
    _ b: Tensor<Double>, by method: DirectionMethod, _ network: DirectionNetwork, _ settings: DeepConjugateDirections.Settings
  ) -> SolveRecord {
    switch method {
    case .conjugateGradients, .incompleteCholesky:
      let factor = method == .incompleteCholesky ? IncompleteCholesky(matrix) : nil
      let result = conjugateGradient(
        product, b, preconditioner: factor.map { factor in { Tensor(factor.solve($0.scalars)) } },
        tolerance: settings.tolerance, maximumIterations: settings.limit)
      return SolveRecord(residuals: result.residuals, isConverged: result.isConverged)
    case .deep, .withoutOrthogonality, .untrained:
      return solve(b, network, memory: method == .withoutOrthogonality ? 0 : settings.memory, settings)
    }
  }

  private func solve(
    _ b: Tensor<Double>, _ network: DirectionNetwork, memory: Int, _ settings: DeepConjugateDirections.Settings
  ) -> SolveRecord {
    let mask = Tensor(isFree.map { $0 ? 1.0 : 0 })
    let exact = matrix.solve(b.scalars, tolerance: 1e-14, maximumIterations: 10 * b.count).solution
    let energy = { (x: Tensor<Double>) -> Double in
      let error = x - exact
      return max(0, error.dot(product(error)).scalar).squareRoot()
    }
    let propose = compile { (network: DirectionNetwork, r: Tensor<Double>) -> Tensor<Double> in
      let images = r.converted(to: Float.self).reshaped(1, side, side)
      return network(images).flattened().converted(to: Double.self) * mask
    }
    let first = energy(b * 0)
    var (errors, products) = ([first], [Double]())
    var last: (image: Tensor<Double>, curvature: Double)?
    let result = conjugateDirections(
      product, b, memory: memory, tolerance: settings.tolerance, maximumIterations: settings.limit
    ) {
      propose(network, $0)
    } observe: { x, direction, image in
      errors.append(energy(x))
      let curvature = direction.dot(image).scalar
      if let last { products.append(abs(direction.dot(last.image).scalar) / (curvature * last.curvature).squareRoot()) }
      last = (image, curvature)
    }
    return SolveRecord(
      residuals: result.residuals, isConverged: result.isConverged, products: products,
      largestRise: quantile(zip(errors, errors.dropFirst()).map { ($1 - $0) / first }, 1))
  }
}
