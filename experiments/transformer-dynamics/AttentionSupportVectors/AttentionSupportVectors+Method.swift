import Optimizers
import Solvers
import Tensors
import Transforms

extension AttentionSupportVectors {
  /// n sequences of T tokens, a query and a label each, and the fixed head that answers are read with.
  package struct Sequences: TensorTree, Codable {
    /// x_it, unit vectors, [n, T, d].
    package var tokens: Tensor<Double>
    /// y_i = -1 or 1, [n].
    package var labels: Tensor<Double>
    /// v, a unit vector, [d].
    package var head: Tensor<Double>

    package init(tokens: Tensor<Double>, labels: Tensor<Double>, head: Tensor<Double>) {
      (self.tokens, self.labels, self.head) = (tokens, labels, head)
    }

    package init(_ count: Int, length: Int, dimension: Int, key: Key) {
      tokens = .unitVectors([count, length, dimension], key: key.named("tokens"))
      labels = Tensor.where(Tensor<Double>.uniform([count], key: key.named("labels")) .< 0.5, Tensor(-1), Tensor(1))
      head = .unitVectors([1, dimension], key: key.named("head")).reshaped(-1)
    }

    /// z_i = x_iT, [n, d].
    package var queries: Tensor<Double> { tokens.slice(All(), tokens.shape[1] - 1) }
    /// gamma_it = y_i v^T x_it, [n, T].
    package var tokenScores: Tensor<Double> { labels.expandingDimensions(1) * values }
    /// v^T x_it.
    private var values: Tensor<Double> { (tokens * head).sum(-1) }

    /// softmax(X_i W z_i), [n, T].
    package func attention(_ w: Tensor<Double>) -> Tensor<Double> {
      let directions = matmul(queries, w, transposeB: true)
      return (tokens * directions.expandingDimensions(1)).sum(-1).softmax()
    }

    /// mean_i ln(1 + exp(-y_i f_i)) with f_i = v^T X_i^T softmax(X_i W z_i).
    package func loss(_ w: Tensor<Double>) -> Tensor<Double> {
      (-labels * (attention(w) * values).sum(-1)).softplus().mean()
    }

    /// The tokens that a W attends to most.
    func selected(_ w: Tensor<Double>) -> [Int] { attention(w).argmax().scalars.map(Int.init) }
    /// argmax_t gamma_it.
    var optimal: [Int] { tokenScores.argmax().scalars.map(Int.init) }
    /// argmin_t gamma_it.
    var worst: [Int] { (-tokenScores).argmax().scalars.map(Int.init) }

    /// The margins with which a W must prefer these tokens: Att-SVM.
    func margins(_ selected: [Int]) -> MatrixMargin { .attention(tokens: tokens, queries: queries, selected: selected) }
  }

  /// What is trained: something that makes a W.
  package protocol Weights: TensorTree, Codable {
    /// W, [d, d].
    var matrix: Tensor<Double> { get }
  }

  /// W itself.
  package struct Direct: Weights {
    package var matrix: Tensor<Double>

    package init(matrix: Tensor<Double>) { self.matrix = matrix }
  }

  /// W = K Q^T.
  package struct Factored: Weights {
    /// K and Q, [d, m].
    package var key, query: Tensor<Double>
    package var matrix: Tensor<Double> { matmul(key, query, transposeB: true) }

    package init(dimension: Int, scale: Double, key rng: Key) {
      let deviation = scale / Double(dimension).squareRoot()
      key = .normal([dimension, dimension], standardDeviation: deviation, key: rng.named("K"))
      query = .normal([dimension, dimension], standardDeviation: deviation, key: rng.named("Q"))
    }
  }

  /// Weights on their way, and the norm of the gradient that the last step saw.
  package struct Run<W: Weights>: TensorTree, Codable {
    package var weights: W
    package var gradientNorm = Tensor(Double.infinity)

    /// theta <- theta - eta g / ||g||, with one norm for all parameters; where ||g|| is below `least` the run is frozen, since then
    /// rounding noise would steer it.
    package func stepped(_ rate: Double, least: Double, on data: Sequences) -> Run {
      let parameters = TensorList<Double>(of: weights)
      let g = TensorList<Double>(of: grad { (weights: W) in data.loss(weights.matrix) }(weights))
      let norm = g.norm
      let factor = Tensor.where(norm .< least, Tensor(0), rate / norm)
      return Run(weights: weights.replacing(parameters - factor * g), gradientNorm: norm)
    }
  }

  /// One step of projected gradient descent on the ball ||W||_F <= R: along the normalized gradient, eta R long, and back.
  package static func projectedStep(
    _ w: Tensor<Double>, radius: Tensor<Double>, rate: Tensor<Double>, least: Double, on data: Sequences
  ) -> Tensor<Double> {
    let g = grad { (w: Tensor<Double>) in data.loss(w) }(w)
    let norm = g.norm()
    let next = w - Tensor.where(norm .< least, Tensor(0), rate * radius / norm) * g
    return next * (radius / maximum(next.norm(), radius))
  }

  /// What became of a run in the sweep over d.
  package enum Outcome: String, CaseIterable {
    /// Every sequence's selected token is its optimal one.
    case global
    /// The selected tokens can be separated, and the tokens on the margin of that support vector machine have lower scores: the paper's
    /// local optimality.
    case local
    /// They can be separated, and no more.
    case feasible = "separable only"
    case other

    package init(_ w: Tensor<Double>, on data: Sequences, maximumSweeps: Int) {
      let (selected, scores) = (data.selected(w), data.tokenScores)
      guard selected != data.optimal else {
        self = .global
        return
      }
      let problem = data.margins(selected)
      let machine = problem.leastFrobenius(tolerance: 1e-6, maximumSweeps: maximumSweeps)
      guard machine.isFeasible else {
        self = .other
        return
      }
      let isOnMargin = problem.margins(of: machine.weights).scalars.map { $0 < 1.001 }
      let others = selected.enumerated().flatMap { i, chosen in
        (0..<scores.shape[1]).filter { $0 != chosen }.map { scores[i, $0] < scores[i, chosen] }
      }
      self = zip(isOnMargin, others).allSatisfy { !$0 || $1 } ? .local : .feasible
    }
  }
}
