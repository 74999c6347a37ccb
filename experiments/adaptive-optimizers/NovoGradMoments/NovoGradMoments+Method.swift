import Optimizers
import Tensors
import Transforms

extension NovoGradMoments {
  /// The gradients of each layer, weights and bias, times a factor of its own.
  struct ScaledLayers: GradientTransform {
    /// One for each layer.
    var scales: [Double]

    init(_ scales: [Double]) { self.scales = scales }

    func initialState(for parameters: TensorList<Double>, key: Key) -> NoState { NoState() }

    func apply(
      _ gradient: TensorList<Double>, at parameters: TensorList<Double>, _ state: inout NoState
    ) -> TensorList<Double> {
      TensorList(gradient.elements.enumerated().map { i, g in scales[i / 2] * g })
    }
  }
}

extension NovoGrad<Double>.State {
  /// sqrt(v) of each tensor of the only run of a grid.
  var roots: [Double] { v.elements.map { $0.sqrt().scalars[0] } }
}
