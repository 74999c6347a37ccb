import Networks
import Optimizers
import Problems
import Tensors
import Transforms

extension DirectionalSharpness {
  /// What is measured at a point: the curvature of the loss of a fixed batch along the directions in which optimizers would go.
  struct Probe {
    let problem: LanguageModel<Float>

    init(_ problem: LanguageModel<Float>) { self.problem = problem }

    /// A point of a trajectory, with Adam's moments of its gradients.
    struct Point: TensorTree, Codable {
      var parameters: Transformer<Float>
      var moments: Moments<Float>
    }

    static let names = ["gradient", "clip 10 %", "clip 50 %", "Adam", "Adam, clip 50 %", "sign"]

    func start(key: Key) -> Point {
      let parameters = problem.initialParameters(key: key)
      return Point(parameters: parameters, moments: adam.initialState(for: parameters, key: key))
    }

    /// The point after one step, made from Adam's update at rate 1 and the gradient.
    func moved(
      _ point: Point, on batch: Tensor<Int32>, _ move: (TensorList<Float>, TensorList<Float>) -> TensorList<Float>
    ) -> Point {
      var (point, theta) = (point, TensorList<Float>(of: point.parameters))
      let (gradient, update) = directions(&point, on: batch)
      theta = theta + move(update, gradient)
      point.parameters = point.parameters.replacing(theta)
      return point
    }

    /// What the held-out batch says at a point of updates theta <- theta + u, v = u / |u|.
    struct Reading: TensorTree {
      /// S(u) = v'Hv.
      var sharpness: Tensor<Float>
      /// How fast the loss falls along u, -v'grad.
      var slope: Tensor<Float>
      var loss: Tensor<Float>
    }

    /// All directions of ``names``, made from the gradient of `batch`.
    func measured(_ point: Point, on batch: Tensor<Int32>) -> Reading {
      let theta = TensorList<Float>(of: point.parameters)
      let objective = objective(of: point)
      let (loss, testGradient) = objective.valueAndGradient(at: theta)
      let units = updates(point, on: batch).map { $0 / $0.norm }
      return Reading(
        sharpness: .stack(units.map { $0.dot(objective.hessianProduct($0, at: theta)) }),
        slope: .stack(units.map { -$0.dot(testGradient) }), loss: loss)
    }

    /// For the gradient and Adam's update, the sizes of the coordinates over the largest, falling, and the share that the coordinates
    /// up to each have in u'Hu.
    func profiles(_ point: Point, on batch: Tensor<Int32>) -> [(sizes: [Double], shares: [Double])] {
      let theta = TensorList<Float>(of: point.parameters)
      let objective = objective(of: point)
      let updates = updates(point, on: batch)
      return [updates[0], updates[3]].map { u in
        let product = u * objective.hessianProduct(u, at: theta)
        let terms = zip(coordinates(u), coordinates(product)).sorted { abs($0.0) > abs($1.0) }
        let total = terms.reduce(0) { $0 + $1.1 }
        var sum = 0.0
        return (
          terms.map { abs($0.0) / abs(terms[0].0) },
          terms.map {
            sum += $0.1
            return sum / total
          }
        )
      }
    }

    /// In the order of ``names``. A clip bounds every coordinate by a quantile of the sizes of all.
    private func updates(_ point: Point, on batch: Tensor<Int32>) -> [TensorList<Float>] {
      var next = point
      let (gradient, adam) = directions(&next, on: batch)
      let clipped = { (update: TensorList<Float>, fraction: Double) in
        var none = NoState()
        return ClipCoordinates(fraction: fraction).apply(update, at: update, &none)
      }
      return [-gradient, clipped(-gradient, 0.1), clipped(-gradient, 0.5), adam, clipped(adam, 0.5), -gradient.sign()]
    }

    /// The gradient of a batch, and Adam's update at rate 1, for which the moments go on.
    private func directions(
      _ point: inout Point, on batch: Tensor<Int32>
    ) -> (gradient: TensorList<Float>, adam: TensorList<Float>) {
      let gradient = TensorList<Float>(of: grad { problem.loss($0, on: batch) }(point.parameters))
      var unitRate = adam
      unitRate.learningRate = Tensor(1)
      return (gradient, unitRate.update(&point.moments, gradient: gradient, at: gradient))
    }

    /// The loss on the held-out batch, not on that of the gradient.
    private func objective(of point: Point) -> Objective<Float> {
      Objective { problem.loss(point.parameters.replacing($0), on: problem.test) }
    }

    private func coordinates(_ list: TensorList<Float>) -> [Double] {
      list.elements.flatMap { $0.scalars.map { Double($0) } }
    }
  }
}
