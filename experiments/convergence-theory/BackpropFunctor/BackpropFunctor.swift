import Lenses
import Notebook
import Tensors
import Transforms

/// Backprop as Functor: A compositional perspective on supervised learning (Fong, Spivak and Tuyéras, LICS 2019).
///
/// **Shows**: turning functions with parameters into learners (implement, update, request) and then composing the learners gives exactly
/// the learner of the composed function: back-propagation is the composition law. It holds for any error whose slope can be inverted in
/// the target, and fails for |x - y|, whose slope cannot.
///
/// **Here**: the laws on random networks, all draws as one mapped function, for three errors and several rates; back-propagation against the
/// gradient of the whole network and against differences; and a network for sin(x) trained by composed learners and by `grad`. The layers
/// of the cross-entropy end in a sigmoid, the others in tanh.
package enum BackpropFunctor: Experiment {
  package static let paper = Paper(
    slug: "backprop-functor", title: "Backprop as Functor: A compositional perspective on supervised learning",
    authors: ["Brendan Fong", "David I. Spivak", "Rémy Tuyéras"], year: 2017, arxiv: "1711.10455",
    shows: """
      Gradient descent is a functor: the learner of a composed function is the composition of the learners of its parts. Each learner
      updates itself and requests an input from the one before it; that is back-propagation. Any error will do whose slope can be
      inverted in the target.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("widths of the random networks, input to output; at least three layers") package var widths = [3, 4, 2, 3]
    @Setting("draws of parameters, input and target") package var draws = 50
    @Setting("step size eps of the laws") package var rate = 0.1
    @Setting("step sizes eps at which |x - y| is tried") package var rates = [1e-3, 1e-2, 0.1, 1]
    @Setting("the network for sin(x)") package var training = Training()
    package init() {}
  }

  package struct Training: Codable, Sendable {
    @Setting("hidden units") package var hidden = 16
    @Setting("steps, each of one pair (x, sin x)") package var steps = 2000
    @Setting("step size eps") package var rate = 0.05
    @Setting("points of [-pi, pi] on which the error is measured") package var points = 65
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.draws = 5
      settings.training.steps = 50
    case .quick: break
    case .full:
      settings.widths = [3, 4, 2, 3, 4, 2]
      settings.draws = 1000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let draw = Dimension("draw", count: settings.draws, "draw of parameters, input and target")
    let draws = Draw.batch(settings.draws, widths: settings.widths, key: notebook.key("laws"))
    let layers = settings.widths.count - 1
    let all = Self.errors.map { error in
      vmap { (one: Draw) in discrepancies(of: one, error: error, rate: settings.rate, layers: layers) }(draws)
    }
    try notebook.tensor(
      "laws/discrepancy", .stack(all), "largest difference of the two sides of a law",
      along: [Dimension("error", Self.errors.map(\.name), "error function"), draw, Dimension("law", Self.lawNames, "law")])

    let broken = settings.rates.map { rate in
      vmap { (one: Draw) in Tensor.stack(functoriality(one, .absolute, rate: rate, layers: layers)) }(draws)
    }
    try notebook.tensor(
      "absolute/discrepancy", .stack(broken), "largest difference of the two sides of the functor law for |x - y|",
      along: [
        Dimension("rate", settings.rates, "step size eps"), draw,
        Dimension("law", Array(Self.lawNames.prefix(3)), "part of the functor law"),
      ])
    try train(settings.training, notebook)
  }

  /// One network for sin(x) as composed learners, and as one function that `grad` differentiates; the same pairs for both.
  private static func train(_ training: Training, _ notebook: Recorder) throws {
    struct Networks: TensorTree, Codable {
      var composed: [Affine]
      var whole: [Affine]
    }
    let widths = [1, training.hidden, 1]
    let functions = Self.layers(2, activation: { $0.tanh() }, isLastLinear: true)
    let learner = Learner<[Affine], Tensor<Double>, Tensor<Double>>.chain(
      functions.map { Learner(descending: $0, rate: training.rate, error: ErrorFunction<Double>.quadratic) })
    let network = Self.composed(functions)
    let step = compile { (networks: Networks, x: Tensor<Double>) in
      let gradient = grad { (network($0, x) - x.sin()).square().sum() * 0.5 }(networks.whole)
      return Networks(
        composed: learner.update(networks.composed, x, x.sin()), whole: networks.whole.adding(-training.rate, gradient))
    }
    let grid = Tensor<Double>.linspace(-.pi, .pi, count: training.points).reshaped(-1, 1)
    let measured = compile { (networks: Networks) in
      let error = { (p: [Affine]) in (network(p, grid) - grid.sin()).square().mean() }
      return Tensor<Double>.stack([
        error(networks.composed), error(networks.whole), networks.composed.largestDifference(from: networks.whole),
      ])
    }
    let key = notebook.key("training")
    let xs = Tensor<Double>.uniform([training.steps, 1], in: -(.pi)..<(.pi), key: key.named("x"))
    let start = Affine.chain(widths, key: key.named("start"))
    let error = try notebook.trace(
      "training/error", "mean squared error on the grid",
      along: [Dimension("method", ["composed learners", "gradient of the whole"], "how the network is trained")])
    let difference = try notebook.trace("training/difference", "largest difference of a parameter of the two networks")
    var networks = Networks(composed: start, whole: start)
    try notebook.steps("training", training.steps, state: &networks, cadence: .even(100, of: training.steps)) { i, networks in
      networks = step(networks, xs.row(i))
    } measure: { networks, record in
      let values = measured(networks).scalars
      record(error, Array(values[..<2]))
      record(difference, values[2])
    }
  }
}
