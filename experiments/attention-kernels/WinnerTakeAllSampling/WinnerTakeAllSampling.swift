import Networks
import Notebook
import Tensors
import Transforms

/// Winner-Take-All Column Row Sampling for Memory Efficient Adaptation of Language Model (Liu et al., NeurIPS 2023).
///
/// **Shows**: the gradient of a layer's weights is a sum over the tokens of a batch, so few tokens estimate it, and only theirs need be
/// kept from the way forward. With the heaviest tokens taken for sure and the rest sampled the estimate has no bias and less variance.
///
/// **Here**: the estimators on heavy-tailed matrices against their formulas, and a small transformer that tells which of four Markov
/// chains wrote a text, trained on chains and fine-tuned on others half of which is new. Norms of gradients are remembered for each
/// token of each training text, as in the authors' code. Left out: LoRA, GLUE and the measured memory of a GPU; floats are counted.
package enum WinnerTakeAllSampling: Experiment {
  package static let paper = Paper(
    slug: "wta-column-row-sampling",
    title: "Winner-Take-All Column Row Sampling for Memory Efficient Adaptation of Language Model",
    authors: [
      "Zirui Liu", "Guanchu Wang", "Shaochen Zhong", "Zhaozhuo Xu", "Daochen Zha", "Ruixiang Tang", "Zhimeng Jiang",
      "Kaixiong Zhou",
      "Vipin Chaudhary", "Shuai Xu", "Xia Hu",
    ], year: 2023, arxiv: "2305.15265",
    shows: """
      Weight gradients are estimated without bias from few stored tokens: the heaviest for sure, the others sampled. The variance is \
      lower than with sampling alone, and fine-tuning hardly loses accuracy.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("products of random matrices") package var product = Product()
    @Setting("fine-tuning of a transformer") package var fineTuning = FineTuning()
    package init() {}
  }

  package struct Product: Codable, Sendable {
    @Setting("rows of X and columns of Y") package var sides = 32
    @Setting("columns of X and rows of Y, M") package var inner = 512
    @Setting("the columns of X are scaled by exp(a z) with normal z: the numbers a") package var spreads = [0, 0.5, 1, 1.5]
    @Setting("shares k / M of the terms that are taken") package var shares = [0.1, 0.3, 0.5]
    @Setting("draws of each estimate") package var draws = 400
    @Setting("pairs of matrices") package var seeds = 3
    package init() {}
  }

  package struct FineTuning: Codable, Sendable {
    @Setting("different tokens") package var vocabulary = 16
    @Setting("classes, each with a Markov chain of its own") package var classes = 4
    @Setting("tokens of a text") package var length = 32
    @Setting("concentration of the Dirichlet distribution that rows of transitions are drawn from") package var concentration =
      0.5
    @Setting("share of new transitions in the chains of fine-tuning") package var shift = 0.5
    @Setting("training texts, before and for fine-tuning") package var texts = 1024
    @Setting("test texts") package var tests = 512
    @Setting("width of the transformer, a quarter of that of its feed-forward layers") package var width = 64
    @Setting("heads") package var heads = 4
    @Setting("blocks") package var depth = 2
    @Setting("learning rate of Adam") package var rate = 1e-3
    @Setting("texts of a step") package var batch = 32
    @Setting("steps before fine-tuning") package var pretraining = 300
    @Setting("steps of fine-tuning: half the card's, for the time of the quick preset") package var steps = 200
    @Setting("shares k / M of the tokens that are kept") package var shares = [0.3, 0.1]
    @Setting("starts, orders of the batches and draws") package var seeds = 3
    package init() {}

    /// Tokens of a step, M.
    var tokens: Int { batch * length }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.product.inner = 64
      settings.product.draws = 50
      settings.product.seeds = 2
      settings.fineTuning.texts = 64
      settings.fineTuning.tests = 32
      settings.fineTuning.width = 16
      settings.fineTuning.length = 8
      settings.fineTuning.batch = 8
      settings.fineTuning.pretraining = 6
      settings.fineTuning.steps = 12
      settings.fineTuning.seeds = 2
    case .quick: break
    case .full:
      settings.product.seeds = 20
      settings.fineTuning.width = 128
      settings.fineTuning.depth = 4
      settings.fineTuning.steps = 2000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try estimate(settings.product, notebook)
    try fineTune(settings.fineTuning, notebook)
  }

  /// Where the bias is shown against the number of draws, and where the card asks for variances.
  static let shown = (spread: 1.0, share: 0.3)
  static let rules = ColumnRowSampling.Rule.allCases.map(\.rawValue)

  /// Of one pair of matrices, along shares and rules; all relative to |XY|².
  private struct Estimates: Codable {
    /// Squared errors, over draws; what the formula says; of the mean of all draws.
    var (error, formula, bias): ([Double], [Double], [Double]) = ([], [], [])
    /// Of the mean of the first draws, at the share that is shown: [rules, draws].
    var running: [Tensor<Double>] = []
  }

  /// All rules on products of Gaussian matrices, the columns of one scaled by log-normal numbers.
  private static func estimate(_ product: Product, _ notebook: Recorder) throws {
    let key = notebook.key("product")
    var all = Estimates()
    let spreads = product.spreads.count
    try notebook.steps("products", product.seeds * spreads, state: &all, cadence: .every(1)) { step, all in
      let spread = product.spreads[step % spreads]
      let key = key[step / spreads][step % spreads]
      let scales = (spread * Tensor<Double>.normal([product.inner, 1], key: key.named("scales"))).exp()
      let x = Tensor<Double>.normal([product.inner, product.sides], key: key.named("X")) * scales
      let y = Tensor<Double>.normal([product.inner, product.sides], key: key.named("Y"))
      let exact = matmul(x, y, transposeA: true)
      let size = exact.squaredNorm()
      let counts = Tensor<Double>((1...product.draws).map { Double($0) })
      for (i, share) in product.shares.enumerated() {
        for (j, rule) in ColumnRowSampling.Rule.allCases.enumerated() {
          let sampling = ColumnRowSampling(rule, count: count(share, of: product.inner))
          let keys = Key.batch(key.named("draws")[i][j].split(product.draws))
          let errors = vmap { (key: Key) in sampling.product(x, y, key: key) - exact }(keys)
          let sums = errors.reshaped(product.draws, exact.count).cumulativeSum(axis: 0)
          let running = sums.squaredNorm(1) / (counts.square() * size)
          all.error.append((errors.squaredNorm(1, 2).mean() / size).scalar)
          all.formula.append((sampling.expectedError(x, y) / size).scalar)
          all.bias.append(running[product.draws - 1])
          if (spread, share) == shown { all.running.append(running) }
        }
      }
    }
    let dimensions = [
      Dimension("seed", count: product.seeds, "pair of matrices"),
      Dimension("a", product.spreads, "spread of the columns' scales"),
      Dimension("share", product.shares, "share k / M of terms"), Dimension("rule", rules, "which terms are taken"),
    ]
    for (name, values, longName) in [
      ("error", all.error, "mean squared error over |XY|²"), ("formula", all.formula, "expected squared error over |XY|²"),
      ("bias", all.bias, "squared error of the mean over all draws, over |XY|²"),
    ] {
      try notebook.tensor("product/\(name)", Tensor(values).reshaped(dimensions.map(\.count)), longName, along: dimensions)
    }
    guard !all.running.isEmpty else { return }
    try notebook.tensor(
      "product/running_bias", Tensor.stack(all.running).reshaped(product.seeds, rules.count, product.draws),
      "squared error of the mean of the first draws, over |XY|²",
      along: [dimensions[0], dimensions[3], Dimension("draws", Array(1...product.draws), "draws")])
  }

  /// k.
  static func count(_ share: Double, of terms: Int) -> Int { max(1, Int((share * Double(terms)).rounded())) }
}
