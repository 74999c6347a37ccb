import Tensors
import Transforms

/// Something to be minimized: what any optimizer can be tried on.
///
/// A problem is fixed (its data are drawn when it is made); what differs between seeds comes from keys: where the parameters start, and
/// which samples a step sees. Starting points, losses and measures are traced functions, so that a whole grid of seeds and rates
/// trains as one compiled program (`TrainingGrid`).
public protocol Problem<Scalar> {
  /// The type of the numbers.
  associatedtype Scalar: RealScalar
  /// What is to be found.
  associatedtype Parameters: TensorTree & Codable
  /// What one step sees: indices of samples, or a key to draw fresh ones with.
  associatedtype Batch: TensorTree

  /// Where a run begins. The key may be traced.
  func initialParameters(key: Key) -> Parameters

  /// The batches of a run: batch i = 0, 1, ... is a function of the key and i alone.
  func batches(key: Key) -> (Int) -> Batch

  /// The loss of a batch, of rank 0. Randomness of the loss itself is in the batch.
  func loss(_ parameters: Parameters, on batch: Batch) -> Tensor<Scalar>

  /// The gradients of `workers` parts of the batch, one behind the other along a new first axis; nil where a batch has no parts.
  func workerGradients(_ parameters: Parameters, on batch: Batch, workers: Int) -> Parameters?

  /// How many parts to offer an optimizer that looks at them; 1 where a batch has none.
  var suggestedWorkers: Int { get }

  /// What is worth knowing about a run beside the loss of its batches, by name ("test accuracy"): rank-0 tensors.
  func measures(of parameters: Parameters) -> [String: Tensor<Scalar>]
}

extension Problem {
  /// One.
  public var suggestedWorkers: Int { 1 }
  /// No parts.
  public func workerGradients(_ parameters: Parameters, on batch: Batch, workers: Int) -> Parameters? { nil }
  /// Nothing but the loss.
  public func measures(of parameters: Parameters) -> [String: Tensor<Scalar>] { [:] }
}

/// The batch of a problem that always sees everything.
public struct WholeBatch: TensorTree, Codable {
  /// Nothing to say.
  public init() {}
}
