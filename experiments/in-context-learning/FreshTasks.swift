import Problems
import Tensors
import Transforms

/// Training that sees new tasks at every step, drawn within the compiled step.
package struct FreshTasks<Model: TensorTree & Codable, Scalar: RealScalar>: Problem {
  private let start: (Key) -> Model
  private let objective: (Model, Key) -> Tensor<Scalar>
  private let observed: (Model) -> [String: Tensor<Scalar>]

  /// - Parameters:
  ///   - start: the model before training.
  ///   - observed: measures of a model, by name.
  ///   - objective: the loss on tasks that are drawn with the key.
  package init(
    start: @escaping (Key) -> Model, observing observed: @escaping (Model) -> [String: Tensor<Scalar>],
    objective: @escaping (Model, Key) -> Tensor<Scalar>
  ) {
    (self.start, self.observed, self.objective) = (start, observed, objective)
  }

  package func initialParameters(key: Key) -> Model { start(key) }
  package func batches(key: Key) -> (Int) -> Key { { key[$0] } }
  package func loss(_ model: Model, on batch: Key) -> Tensor<Scalar> { objective(model, batch) }
  package func measures(of model: Model) -> [String: Tensor<Scalar>] { observed(model) }
}
