import Datasets
import Tensors

/// A problem by name: what a race of optimizers can run on.
public struct ProblemEntry: Sendable {
  /// On the command line: "digits".
  public let name: String
  /// What it is, in one line.
  public let summary: String
  private let factory: @Sendable (Key) -> any Problem<Double>

  init(_ name: String, _ summary: String, _ factory: @escaping @Sendable (Key) -> any Problem<Double>) {
    (self.name, self.summary, self.factory) = (name, summary, factory)
  }

  /// The problem, its data drawn with `key`.
  public func make(key: Key) -> any Problem<Double> { factory(key) }
}

/// Every problem of the library by name.
public enum ProblemCatalog {
  /// From the simple to the large.
  public static let entries: [ProblemEntry] = [
    ProblemEntry("quadratic", "20 dimensions, curvatures from 0.01 to 1, from 1") { _ in
      TestFunction<Double>.quadratic(
        curvatures: Tensor<Double>.geomspace(0.01, 1, count: 20).scalars,
        start: [Double](repeating: 1, count: 20))
    },
    ProblemEntry("rosenbrock", "Rosenbrock's valley, from (-1.2, 1)") { _ in TestFunction<Double>.rosenbrock() },
    ProblemEntry("beale", "Beale's function, from (2, 2)") { _ in TestFunction<Double>.beale() },
    ProblemEntry("logistic", "logistic regression: 500 separable points in 20 dimensions, batch 32") { key in
      LogisticRegression<Double>(
        training: LinearDesign(dimension: 20, key: key.named("design")).separable(500, margin: 0.1, key: key.named("points")),
        batchSize: 32)
    },
    ProblemEntry("badly-scaled-logistic", "the same with columns scaled by exp(u), u uniform in -4..4") { key in
      var points: LabelledPoints<Double> = LinearDesign(dimension: 20, key: key.named("design"))
        .separable(500, margin: 0.1, key: key.named("points"))
      points.inputs = points.inputs * Tensor.uniform([20], in: -4..<4, key: key.named("scales")).exp()
      return LogisticRegression<Double>(training: points, batchSize: 32)
    },
    ProblemEntry("teacher", "20-128-128-10 perceptron on 4000 teacher-labelled points, a tenth of them wrong, batch 128") { key in
      Classification<Double>.teacher(key: key)
    },
    ProblemEntry("digits", "64-64-10 perceptron on 1400 drawn digits of 8x8 pixels, batch 100") { key in
      Classification<Double>.digits(key: key)
    },
    ProblemEntry("language", "one-block transformer of width 32 on Zipf-Markov text of 64 tokens, 64 sequences of 16 a batch") {
      key in
      LanguageModel<Double>(key: key)
    },
  ]

  /// The entry named so; nil when there is none.
  public static func entry(named name: String) -> ProblemEntry? { entries.first { $0.name == name } }
}
