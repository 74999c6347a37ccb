import Notebook
import Tensors

extension Recorder {
  /// Computes an image over two hyperparameters, some hundreds or thousands of training runs to a step of the loop.
  ///
  /// The loop's checkpoint holds the image as far as it is, coarse first (``HyperparameterImage/order(size:)``), and the trace
  /// "<name>/filled" how much of it there is.
  ///
  ///     let image = try notebook.image("tanh", window, size: 128, batch: 2048) { x, y in train(x, y) }
  ///
  /// - Parameters:
  ///   - name: names the loop.
  ///   - batch: pixels to a step. The last pixel fills the last step up, so that the program sees one shape.
  ///   - program: the results of training runs with hyperparameters x and y, [batch] each: below zero where the run converged, above where
  ///     not. It should be compiled.
  public func image(
    _ name: String, _ window: HyperparameterWindow, size: Int, batch: Int,
    program: (_ x: Tensor<Double>, _ y: Tensor<Double>) throws -> Tensor<Double>
  ) throws -> HyperparameterImage {
    let filled = try trace("\(name)/filled", "share of the image that is computed")
    let order = HyperparameterImage.order(size: size)
    let count = (order.count + batch - 1) / batch
    var image = HyperparameterImage(window, size: size)
    try steps(name, count, state: &image, cadence: .every(1)) { step, image in
      let pixels = Array(order[step * batch..<min(order.count, (step + 1) * batch)])
      let padding = Array(repeating: pixels[pixels.count - 1], count: batch - pixels.count)
      let (x, y) = image.coordinates(of: pixels + padding)
      image.fill(pixels, with: try program(x, y).scalars)
    } measure: { image, record in
      record(filled, image.filledShare)
    }
    return image
  }
}
