import Datasets
import Networks
import Solvers
import Tensors
import Transforms

extension OneStepDescent {
  /// One layer of linear attention that is read at the query, v_q = (x_q, 0), for pairs v_i = (x_i, y_i):
  ///
  ///     f = u^T (1/n sum_i v_i v_i^T) M v_q.
  package struct Model: TensorTree, Codable {
    /// u = W_V^T h, [d + 1].
    package var value: Tensor<Double>
    /// M = W_K^T W_Q, [d + 1, d + 1].
    package var keyQuery: Tensor<Double>

    package init(value: Tensor<Double>, keyQuery: Tensor<Double>) { (self.value, self.keyQuery) = (value, keyQuery) }

    /// Normal entries of standard deviation `scale` / sqrt(d + 1).
    init(dimension: Int, scale: Double, key: Key) {
      let (width, deviation) = (dimension + 1, scale / Double(dimension + 1).squareRoot())
      value = .normal([width], standardDeviation: deviation, key: key.named("u"))
      keyQuery = .normal([width, width], standardDeviation: deviation, key: key.named("M"))
    }

    /// f of every prompt.
    package func predictions(_ prompts: InContextRegression<Double>) -> Tensor<Double> {
      let (context, width) = (prompts.context, value.count)
      let queries = matmul(prompts.query.reshaped(-1, width), keyQuery, transposeB: true)
      let values = matmul(context.reshaped(-1, width), value.expandingDimensions(1))
      return linearAttention(
        queries.expandingDimensions(1), context, values.reshaped(context.shape.dropLast() + [1])
      ).reshaped(-1)
    }

    /// H = u_y M_xx / n, [d, d], with which f = sum_i y_i x_i^T H x_q when the other entries vanish: free of the scale that u and M can
    /// hand each other.
    package func effectiveStep(contextLength: Int) -> Tensor<Double> {
      let d = value.count - 1
      return keyQuery.slice(0..<d, 0..<d) * (value[d] / Double(contextLength))
    }

    /// |u_x| / |u_y| and the norm of M's row of y over its mean diagonal: entries that the optimum lacks.
    package var strayEntries: [Double] {
      let d = value.count - 1
      let diagonal = keyQuery.slice(0..<d, 0..<d).diagonal().mean()
      return [
        (value.slice(0..<d).norm() / value.slice(d).abs()).scalar, (keyQuery.slice(d, 0..<d).norm() / diagonal.abs()).scalar,
      ]
    }
  }

  /// Prompts of one law and length.
  package struct Task: Sendable {
    /// What differs between the laws.
    package enum Law: String, Sendable, CaseIterable {
      /// x and w standard normal.
      case isotropic
      /// x of covariance Sigma, w of covariance Sigma^-1.
      case preconditioned
      /// x standard normal, y a random network of x.
      case nonlinear
    }

    package var law: Law
    /// n.
    package var contextLength: Int
    /// A with Sigma = A A^T.
    var covarianceRoot: Tensor<Double>
    var settings: Settings

    package var name: String { "\(law.rawValue), n = \(contextLength)" }
    /// Of the loop and the group of its traces.
    package var path: String { "\(law.rawValue)-\(contextLength)" }

    /// Prompts, and the same in coordinates in which inputs and weights are isotropic.
    func draw(_ count: Int, key: Key) -> (prompts: InContextRegression<Double>, white: InContextRegression<Double>) {
      let white = InContextRegression<Double>(
        count, length: contextLength + 1, dimension: settings.dimension,
        response: law == .nonlinear ? .reluNetwork(units: settings.hidden) : .linear, noise: settings.noise, key: key)
      return (law == .preconditioned ? white.mapped(by: covarianceRoot) : white, white)
    }
  }

  /// Sums over prompts, so that many are looked at a few at a time. Targets are those without noise.
  struct Evaluation: TensorTree, Codable {
    /// Squared errors of each model, [models].
    var losses: Tensor<Double>
    /// Squared errors of ridge regression in white coordinates, with the variance of the noise for its strength: for linear
    /// responses, the posterior mean.
    var ridge: Tensor<Double>
    /// Of p = x_q^T X^T y and the target t: sums of p t, p² and t², from which the best step of gradient descent follows.
    var productTarget, productSquare, targetSquare: Tensor<Double>

    /// Before the first prompt.
    init(models: Int) {
      losses = .zeros(models)
      (ridge, productTarget, productSquare, targetSquare) = (Tensor(0), Tensor(0), Tensor(0), Tensor(0))
    }

    /// These sums with those of `count` further prompts.
    func adding(_ models: Model, _ task: Task, count: Int, key: Key) -> Evaluation {
      let (prompts, white) = task.draw(count, key: key)
      let target = prompts.noiselessQueryTarget
      let squares = vmap { (model: Model) in (model.predictions(prompts) - target).square().sum() }
      let bayes = regressions(white).ridge(task.settings.noise * task.settings.noise)
      // One step of rate 1 on (1 / 2n) |X w - y|², times n.
      let step = regressions(prompts).gradientDescent(rates: Tensor([Double(task.contextLength)]))
      let p = answers(step, prompts)
      var result = self
      result.losses = losses + squares(models)
      result.ridge = ridge + (answers(bayes, white) - target).square().sum()
      result.productTarget = productTarget + (p * target).sum()
      result.productSquare = productSquare + p.square().sum()
      result.targetSquare = targetSquare + target.square().sum()
      return result
    }

    /// eta = E[p t] / E[p²].
    var bestRate: Double { (productTarget / productSquare).scalar }
    /// E[t²] - E[p t]² / E[p²], of `count` prompts.
    func lossOfBestStep(_ count: Int) -> Double {
      ((targetSquare - productTarget.square() / productSquare) / Double(count)).scalar
    }

    private func regressions(_ prompts: InContextRegression<Double>) -> RegressionContexts<Double> {
      let known = 0..<prompts.contextLength
      return RegressionContexts(inputs: prompts.inputs.slice(All(), known), targets: prompts.targets.slice(All(), known))
    }

    private func answers(_ weights: Tensor<Double>, _ prompts: InContextRegression<Double>) -> Tensor<Double> {
      (weights * prompts.inputs.slice(All(), prompts.contextLength)).sum(1)
    }
  }
}
