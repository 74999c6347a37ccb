import Optimizers
import Problems
import Tensors
import Transforms

/// F(x) = f(x) + l1 ||x||_1 for a linear model f, its coordinates in contiguous blocks.
package struct CompositeBlocks {
  package let model: LinearModel<Double>
  package let l1: Double
  package let blocks: [Range<Int>]
  /// L_j, the smoothness of f along block j.
  package let blockSmoothness: [Double]

  /// `count` blocks of equal length; with one, the smoothness is that of f.
  package init(_ model: LinearModel<Double>, l1: Double, count: Int) {
    (self.model, self.l1) = (model, l1)
    let edges = (0...count).map { $0 * model.dimension / count }
    blocks = zip(edges, edges.dropFirst()).map { $0..<$1 }
    blockSmoothness = blocks.map { model.smoothness(ofBlock: $0) }
  }

  /// F at x, whose scores A x are known.
  package func value(at x: Tensor<Double>, scores: Tensor<Double>) -> Tensor<Double> {
    model.value(ofScores: scores, at: x) + l1 * x.abs().sum()
  }

  /// ||L (x - prox(x - grad f(x) / L))||, 0 at a stationary point.
  package func gradientMapping(at x: Tensor<Double>, scores: Tensor<Double>) -> Tensor<Double> {
    let rate = 1 / model.smoothness
    let gradient = matmul(model.slopes(ofScores: scores), model.design) / Double(model.count)
    return model.smoothness * (x - softThreshold(x - rate * gradient, by: rate * l1)).norm()
  }

  /// Lhat = ||sum_j Lambda^(-1/2) Qhat^j Lambda^(-1/2)|| with Lambda_j = L_j and, for a linear model, Q^j = c A^T A / n for every block, c the
  /// largest curvature of the loss. Qhat^j keeps blocks from j on, so entry (p, q) counts once for each block up to the earlier of the two.
  package var cyclicSmoothness: Double {
    let hessian = matmul(model.design, model.design, transposeA: true) * (model.loss.largestCurvature / Double(model.count))
    let place = Tensor(blocks.enumerated().flatMap { j, block in block.map { _ in Double(j + 1) } })
    let counts = minimum(place.expandingDimensions(1), place)
    let roots = Tensor(zip(blocks, blockSmoothness).flatMap { block, l in block.map { _ in l.squareRoot() } })
    return (hessian * counts / outer(roots, roots)).eigh().values.scalars.last ?? .nan
  }
}

/// Where a block method stands. Everything that a block step changes is kept by block, so that a step touches nothing else.
package struct BlockDescentState: Codable {
  /// x^(j).
  package var x: [Tensor<Double>]
  /// A x, kept incrementally.
  package var scores: Tensor<Double>
  /// G_j, the gradient of the last step of each block, exact or estimated.
  package var estimates: [Tensor<Double>]
  /// A x at the point where it was evaluated.
  package var lastScores: [Tensor<Double>]
  /// Component gradients so far, a block's share of one counted as its share of the coordinates; per sample.
  package var passes = 0.0

  /// x = 0.
  package init(_ problem: CompositeBlocks) {
    x = problem.blocks.map { .zeros($0.count) }
    scores = .zeros(problem.model.count)
    estimates = x
    lastScores = x.map { [scores] _ in scores }
  }

  package var point: Tensor<Double> { .concatenate(x) }
}

/// Steps on single blocks, compiled once for each.
package struct BlockSteps {
  /// What a block step reads and writes.
  struct View: TensorTree {
    var x: Tensor<Double>
    var scores: Tensor<Double>
    var estimate: Tensor<Double>
    var lastScores: Tensor<Double>
  }

  private let problem: CompositeBlocks
  private let exact: [(View) -> View]
  private let recursive: [(View, Tensor<Int32>) -> View]

  /// Steps 1 / (`shortening` L_j).
  package init(_ problem: CompositeBlocks, shortening: Double = 1) {
    self.problem = problem
    let (model, l1) = (problem.model, problem.l1)
    let parts = zip(problem.blocks, problem.blockSmoothness).map { block, l in
      (columns: model.design.slice(All(), block), rate: 1 / (shortening * l))
    }
    func moved(_ view: View, by gradient: Tensor<Double>, _ columns: Tensor<Double>, _ rate: Double) -> View {
      var next = view
      next.x = softThreshold(view.x - rate * gradient, by: rate * l1)
      next.scores = view.scores + matmul(columns, next.x - view.x)
      (next.estimate, next.lastScores) = (gradient, view.scores)
      return next
    }
    exact = parts.map { columns, rate in
      compile { view in
        moved(view, by: matmul(model.slopes(ofScores: view.scores), columns) / Double(model.count), columns, rate)
      }
    }
    recursive = parts.map { columns, rate in
      compile { (view: View, sample: Tensor<Int32>) in
        let change = model.slopes(ofScores: view.scores) - model.slopes(ofScores: view.lastScores)
        let sampled = matmul(change.gather(sample), columns.gather(sample)) / Double(sample.count)
        return moved(view, by: view.estimate + sampled, columns, rate)
      }
    }
  }

  /// P-CCD on the given blocks, one after the other, always from the most recent iterate:
  /// x^(j) <- prox(x^(j) - grad_j f(x) / L_j).
  package func cycle(_ state: inout BlockDescentState, over order: [Int]) {
    for j in order { apply(exact[j], to: &state, j) }
    state.passes += Double(order.reduce(0) { $0 + problem.blocks[$1].count }) / Double(problem.model.dimension)
  }

  /// VRO-CCD, a recursive cycle: the gradient of each block is that of its last step plus the mean change over `sample` since then, the same
  /// sample for all blocks.
  package func recursiveCycle(_ state: inout BlockDescentState, sample: Tensor<Int32>) {
    for j in problem.blocks.indices { apply({ recursive[j]($0, sample) }, to: &state, j) }
    state.passes += 2 * Double(sample.count) / Double(problem.model.count)
  }

  private func apply(_ step: (View) -> View, to state: inout BlockDescentState, _ j: Int) {
    let view = step(
      View(x: state.x[j], scores: state.scores, estimate: state.estimates[j], lastScores: state.lastScores[j]))
    (state.x[j], state.scores, state.estimates[j], state.lastScores[j]) = (view.x, view.scores, view.estimate, view.lastScores)
  }
}
