import Networks
import Optimizers
import Problems
import Tensors
import Transforms

extension AutoClipPercentile {
  /// Which part of each bin of a mixture's spectrum belongs to the first of two sources? The network sees log magnitudes and answers with
  /// a mask; its loss is the mean over frames and bins of (mask mix - source)^2.
  struct MaskInference: Problem {
    /// Frames of a batch.
    let batch: Int
    /// Held out, for the score.
    let test: Frames
    /// Held out, for what is measured along the path.
    let probe: Frames

    static let bins = 64

    init(batch: Int, test: Int, probe: Int, key: Key) {
      self.batch = batch
      self.test = Frames(test, key: key.named("test"))
      self.probe = Frames(probe, key: key.named("probe"))
    }

    /// 64-128-128-64.
    func initialParameters(key: Key) -> MLP<Double> { MLP([Self.bins, 128, 128, Self.bins], initializer: .he(), key: key) }

    /// Keys of fresh frames.
    func batches(key: Key) -> (Int) -> Key { { key[$0] } }

    func loss(_ model: MLP<Double>, on batch: Key) -> Tensor<Double> { loss(model, of: Frames(self.batch, key: batch)) }

    private func loss(_ model: MLP<Double>, of frames: Frames) -> Tensor<Double> {
      meanSquaredError(estimate(model, frames), frames.source)
    }

    private func estimate(_ model: MLP<Double>, _ frames: Frames) -> Tensor<Double> {
      model(frames.mix.log()).sigmoid() * frames.mix
    }

    /// 10 log10(|s|^2 / |estimate - s|^2), the mean over held-out frames, in decibel.
    func measures(of model: MLP<Double>) -> [String: Tensor<Double>] {
      let error = (estimate(model, test) - test.source).squaredNorm(1)
      return ["score": ((test.source.squaredNorm(1) / error).log() * (10 / Double.log(10))).mean()]
    }

    /// Of a step from one model to the next: the loss before it, |change of the gradient| / |change of the weights|, and the latter.
    func lookAhead(_ model: MLP<Double>, _ next: MLP<Double>) -> Tensor<Double> {
      let objective = Objective { self.loss(model.replacing($0), of: probe) }
      let (theta, nextTheta) = (TensorList<Double>(of: model), TensorList<Double>(of: next))
      let (loss, gradient) = objective.valueAndGradient(at: theta)
      let gradientChange = objective.gradient(at: nextTheta) - gradient
      let length = (nextTheta - theta).norm
      return .stack([loss, gradientChange.norm / length, length])
    }
  }

  /// Spectra of two sources of harmonics, and of their mixture, each [frames, bins].
  struct Frames {
    let mix: Tensor<Double>
    /// The first source, which is looked for.
    let source: Tensor<Double>

    /// Fundamentals from 3 to 6 bins with weights exp(-h / 6), against 7 to 12 bins with weights exp(-h / 3); gains exp(1.5 N(0, 1)), a
    /// floor of 0.01.
    init(_ count: Int, key: Key) {
      source = Self.harmonics(count, fundamentals: 3..<6, decay: 6, key: key.named("A"))
      mix = source + Self.harmonics(count, fundamentals: 7..<12, decay: 3, key: key.named("B")) + 0.01
    }

    /// Bumps of width 0.6 bins at the harmonics h = 1...15 of a random fundamental, times a random gain.
    private static func harmonics(_ count: Int, fundamentals: Range<Double>, decay: Double, key: Key) -> Tensor<Double> {
      let fundamental = Tensor<Double>.uniform([count, 1, 1], in: fundamentals, key: key.named("fundamental"))
      let h = Tensor<Double>.arange(15, from: 1).reshaped([15, 1])
      let distance = (Tensor<Double>.arange(MaskInference.bins) - fundamental * h) / 0.6
      let spectrum = ((-0.5 * distance.square()).exp() * (-h / decay).exp()).sum(1)
      return spectrum * (1.5 * Tensor<Double>.normal([count, 1], key: key.named("gain"))).exp()
    }
  }
}
