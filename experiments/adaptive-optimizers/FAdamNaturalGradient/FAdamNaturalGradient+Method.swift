import Optimizers
import Problems
import Tensors
import Transforms

extension FAdamNaturalGradient {
  /// FAdam that writes down what the claims are about.
  struct WatchedFAdam: GradientOptimizer {
    var fadam: FAdam<Double>

    init(_ fadam: FAdam<Double>) { self.fadam = fadam }

    struct State: TensorTree, Codable {
      /// Of FAdam: f in the place of v.
      var memory: Moments<Double>
      /// Adam's v, not corrected.
      var v: TensorList<Double>
      /// The last gradient.
      var gradient: TensorList<Double>
      /// The largest |f - vHat| / vHat of the last step.
      var fisherError: Tensor<Double>
      /// The largest root mean square of a tensor of the natural gradient, before and after clipping; and of the decay's direction.
      var natural, clippedNatural, decay, clippedDecay: Tensor<Double>
    }

    var learningRate: Tensor<Double> {
      get { fadam.learningRate }
      set { fadam.learningRate = newValue }
    }

    func initialState(for parameters: TensorList<Double>, key: Key) -> State {
      State(
        memory: fadam.initialState(for: parameters, key: key), v: parameters.zeros, gradient: parameters.zeros,
        fisherError: Tensor(0), natural: Tensor(0), clippedNatural: Tensor(0), decay: Tensor(0), clippedDecay: Tensor(0))
    }

    func update(
      _ state: inout State, gradient g: TensorList<Double>, at parameters: TensorList<Double>
    ) -> TensorList<Double> {
      let update = fadam.update(&state.memory, gradient: g, at: parameters)
      state.gradient = g
      state.v = fadam.beta2 * state.v + (1 - fadam.beta2) * g.square()
      // 1 - b2^t by expm1, without cancellation.
      let gathered = -(state.memory.step * Double.log(fadam.beta2)).expm1()
      state.fisherError = largest(
        .zip(state.memory.v, state.v / gathered) { f, vHat in .where(vHat .> 0, (f - vHat).abs() / vHat, f) }.map { $0.max() })

      let metric = fadam.metric(fisher: state.memory.v, gradient: g)
      let (natural, decay) = (fadam.natural(g, metric), fadam.natural(parameters, metric))
      state.natural = largest(natural.rootMeanSquares)
      state.clippedNatural = largest(fadam.clipped(natural).rootMeanSquares)
      state.decay = largest(decay.rootMeanSquares)
      state.clippedDecay = largest(fadam.clipped(decay).rootMeanSquares)
      return update
    }

    /// f of each parameter, and the share of it that the decay of one step at rate 1 takes.
    func effectiveDecay(_ state: State, at parameters: TensorList<Double>) -> (fisher: Tensor<Double>, decay: Tensor<Double>) {
      let metric = fadam.metric(fisher: state.memory.v, gradient: state.gradient)
      let pull = fadam.clipped(fadam.natural(parameters, metric))
      let share = TensorList.zip(pull, parameters) { .where($1 .!= 0, $0 / $1, 0) }
      let flat = { (list: TensorList<Double>) in Tensor.concatenate(list.elements.map { $0.flattened() }) }
      return (flat(state.memory.v), fadam.weightDecay * flat(share))
    }

    private func largest(_ scalars: TensorList<Double>) -> Tensor<Double> {
      scalars.elements.dropFirst().reduce(scalars.elements[0]) { maximum($0, $1) }
    }
  }

  /// Rows of an embedding that are drawn to targets, one row a step, in turn: ||row - target||²/2.
  struct SparseEmbedding: Problem {
    let targets: Tensor<Float>

    init(rows: Int, width: Int, key: Key) { targets = .normal([rows, width], key: key) }

    func initialParameters(key: Key) -> Tensor<Float> { .zeros(targets.shape) }

    func batches(key: Key) -> (Int) -> Tensor<Int32> { { Tensor([Int32($0 % targets.shape[0])]) } }

    func loss(_ embedding: Tensor<Float>, on rows: Tensor<Int32>) -> Tensor<Float> {
      (embedding.gather(rows) - targets.gather(rows)).squaredNorm() / 2
    }

    func measures(of embedding: Tensor<Float>) -> [String: Tensor<Float>] {
      ["distance": (embedding - targets).square().mean().sqrt()]
    }
  }
}
