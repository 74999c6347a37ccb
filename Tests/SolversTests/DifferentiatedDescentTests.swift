import Foundation
import Networks
import Solvers
import Tensors
import Testing
import Transforms

@Suite struct DifferentiatedDescentTests {
  private let key = Key(seed: 3)

  /// A small network on a batch that differs from step to step, as a function of the vector of its parameters.
  private struct Training {
    let network: MLP<Double>
    let (inputs, labels): (Tensor<Double>, Tensor<Int32>)

    init(key: Key) {
      // Smooth, so that differences converge.
      network = MLP([3, 4, 2], activation: .tanh, key: key.named("network"))
      inputs = .normal([6, 5, 3], key: key.named("inputs"))
      labels = .integers([6, 5], in: 0..<2, key: key.named("labels"))
    }

    func gradient(_ t: Int) -> (Tensor<Double>) -> Tensor<Double> {
      let (x, y) = (inputs.row(t), labels.row(t))
      return grad { crossEntropy(network.unraveled($0)(x), labels: y) }
    }

    /// Plain heavy-ball descent, without any derivative of it.
    func end(from start: Tensor<Double>, rate: Double, momentum: Double) -> Tensor<Double> {
      var (parameters, velocity) = (start, start * 0)
      for t in 0..<6 {
        velocity = momentum * velocity + gradient(t)(parameters)
        parameters = parameters - rate * velocity
      }
      return parameters
    }
  }

  @Test(arguments: [0.0, 0.9]) func isTheDerivativeOfTheWholeTraining(momentum: Double) {
    let training = Training(key: key)
    let start = training.network.raveled(as: Double.self)
    var state = DifferentiatedDescent(at: start)
    for t in 0..<6 { state = state.stepped(rate: 0.7, momentum: momentum, gradient: training.gradient(t)) }
    #expect((state.parameters - training.end(from: start, rate: 0.7, momentum: momentum)).norm().scalar < 1e-13)
    // Central differences: the truncation is of order h² = 1e-10, rounding of order 1e-16 / h.
    let h = 1e-5
    for j in 0..<start.count {
      var (up, down) = (start, start)
      up[j] += h
      down[j] -= h
      let ends = [up, down].map { training.end(from: $0, rate: 0.7, momentum: momentum) }
      let column = state.jacobian.slice(All(), j)
      #expect(((ends[0] - ends[1]) / (2 * h) - column).norm().scalar < 1e-8)
    }
  }

  /// On a quadratic J = prod_t (I - eta H_t), later steps on the left.
  @Test func isTheProductOnQuadratics() {
    let hessians = (0..<4).map { t in
      let a = Tensor<Double>.normal([3, 3], key: key[t])
      return a + a.transposed()
    }
    var state = DifferentiatedDescent(at: Tensor([1.0, -2, 0.5]))
    for h in hessians { state = state.stepped(rate: 0.3) { matmul(h, $0) } }
    let product = hessians.reduce(Tensor<Double>.identity(3)) { matmul(.identity(3) - 0.3 * $1, $0) }
    #expect((state.jacobian - product).norm().scalar < 1e-13)
    // Along one direction: the product with it.
    let direction = Tensor<Double>(shape: [1, 3], [0.2, 1, -1])
    var along = DifferentiatedDescent(at: Tensor([1.0, -2, 0.5]), along: direction)
    for h in hessians { along = along.stepped(rate: 0.3) { matmul(h, $0) } }
    #expect((along.perturbations.row(0) - matmul(product, direction.row(0))).norm().scalar < 1e-13)
  }
}
