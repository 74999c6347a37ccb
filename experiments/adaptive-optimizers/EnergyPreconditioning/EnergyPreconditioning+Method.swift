import Optimizers
import Tensors
import Transforms

extension EnergyPreconditioning {
  /// A = 2 J^T J + 1e-3 I, with J the Jacobian of the residuals (1 - x1, 10 (x2 - x1²)) whose squares Rosenbrock's function sums.
  struct RosenbrockMetric: Metric {
    private func matrix(at x: Tensor<Double>) -> Tensor<Double> {
      let residuals = { (x: Tensor<Double>) in Tensor.stack([1 - x.row(0), 10 * (x.row(1) - x.row(0).square())]) }
      let j = forwardJacobian(residuals)(x)
      return 2 * matmul(j, j, transposeA: true) + 1e-3 * .identity(2)
    }

    func direction(_ gradient: TensorList<Double>, at x: TensorList<Double>) -> TensorList<Double> {
      .zip(gradient, x) { matrix(at: $1).solve($0) }
    }

    func squaredNorm(_ v: TensorList<Double>, at x: TensorList<Double>) -> Tensor<Double> {
      TensorList.zip(v, x) { $0.dot(matmul(matrix(at: $1), $0)) }.total
    }
  }

  /// D-optimal design: F(x) = -log det(sum_i x_i u_i u_i^T) on the simplex.
  struct DesignProblem {
    /// u, [points, dimension].
    let points: Tensor<Double>

    func callAsFunction(_ x: Tensor<Double>) -> Tensor<Double> {
      let information = matmul(points, x.reshaped(-1, 1) * points, transposeA: true)
      return -2 * information.cholesky().diagonal().log().sum()
    }

    /// x_i <- x_i (-dF_i) / dimension: climbs to the optimum, slowly and surely.
    func multiplicativeUpdate(_ x: Tensor<Double>) -> Tensor<Double> {
      x * grad { self($0) }(x) * (-1 / Double(points.shape[1]))
    }
  }

  /// AEPG and fixed steps, at each rate at once.
  struct EnergyDescent<M: Metric> where M.Scalar == Double {
    typealias Rule = EnergyPreconditionedDescent<M>

    /// Every tensor has an axis of rates in front.
    struct State: TensorTree, Codable {
      var x: Tensor<Double>
      var memory: Rule.State
      /// The iterate of fixed steps.
      var fixed: Tensor<Double>
      /// r_k.
      var energy: Tensor<Double>
      /// The sum of ||x_(k+1) - x_k||_A².
      var squaredPath: Tensor<Double>
      /// |r_(k+1)² - r_k² + (r_(k+1) - r_k)² + ||x_(k+1) - x_k||_A² / eta| / r_0² of the last step.
      var residual: Tensor<Double>
      /// eta r_(k+1) / l(x_k) of the last step.
      var effectiveRate: Tensor<Double>
    }

    let start: State
    let step: (State) -> State
    private let value: (Tensor<Double>) -> Tensor<Double>

    init(
      _ metric: M, rates: [Double], offset: Double, from x: Tensor<Double>, _ value: @escaping (Tensor<Double>) -> Tensor<Double>
    ) {
      let initialEnergy = (value(x) + offset).sqrt()
      let one = State(
        x: x, memory: Rule(metric, offset: offset).initialState(for: x), fixed: x, energy: initialEnergy, squaredPath: Tensor(0),
        residual: Tensor(0), effectiveRate: Tensor(0))
      var all = one.mapTensors { AnyTensor.stack(Array(repeating: $0, count: rates.count)) }
      all.effectiveRate = Tensor(rates)
      start = all

      let advance = { (eta: Tensor<Double>, state: State) in
        var rule = Rule(metric, offset: offset)
        rule.learningRate = eta
        var next = state
        let loss = rule.step(&next.x, &next.memory, loss: value)
        next.energy = next.memory.energy
        let length = metric.squaredNorm(TensorList([next.x - state.x]), at: TensorList([state.x]))
        next.squaredPath = state.squaredPath + length
        let balance =
          next.energy.square() - state.energy.square() + (next.energy - state.energy).square() + length / eta
        next.residual = balance.abs() / initialEnergy.square()
        next.effectiveRate = eta * next.energy / (loss + offset).sqrt()

        var plain = PreconditionedDescent(metric)
        plain.learningRate = eta
        var nothing = plain.initialState(for: state.fixed)
        plain.step(&next.fixed, &nothing, loss: value)
        return next
      }
      let etas = Tensor(rates)
      step = compile { (state: State) in vmap(advance)(etas, state) }
      self.value = compile(vmap { value($0) })
    }

    /// F at each row.
    func values(at x: Tensor<Double>) -> Tensor<Double> { value(x) }
  }
}
