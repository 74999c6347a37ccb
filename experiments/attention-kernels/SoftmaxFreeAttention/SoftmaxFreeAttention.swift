import Foundation
import Networks
import Notebook
import Solvers
import Tensors
import Transforms

/// Softmax-free Linear Transformers (Lu et al., IJCV 2024; SOFT, NeurIPS 2021).
///
/// **Shows**: with a Gaussian kernel in place of the softmax, attention is a symmetric positive matrix, which pooled landmarks approximate
/// in linear cost. Newton's iteration inverts their small matrix, its gradient is that of the inverse, and a symmetric normalization
/// keeps the norm bounded when the number of tokens grows.
///
/// **Here**: the iteration, the approximation and the norms on smooth maps of tokens; times of one thread; the gradient; and a small
/// vision transformer on drawn shapes, where softmax has one vector a token for query and key too, so that only the kernel differs.
/// Left out: ImageNet, detection and segmentation, and CIFAR-10.
package enum SoftmaxFreeAttention: Experiment {
  package static let paper = Paper(
    slug: "softmax-free-attention", title: "Softmax-free Linear Transformers",
    authors: [
      "Jiachen Lu", "Junge Zhang", "Xiatian Zhu", "Jianfeng Feng", "Tao Xiang", "Li Zhang",
    ], year: 2022, arxiv: "2207.03341",
    shows: """
      Attention with a Gaussian kernel has a Nyström approximation of linear cost, which Newton's iteration inverts and a symmetric \
      normalization keeps bounded.
      """,
    fidelity: .scaled)
  package static let measuresTime = true

  package struct Settings: Codable, Sendable {
    @Setting("tokens along a side of the maps, the root of n") package var sides = [16, 32, 48]
    @Setting("tokens along a side of the window of a landmark, r") package var ratios = [2, 4, 8]
    @Setting("channels d of the maps") package var channels = 32
    @Setting("cosines that a channel is the sum of") package var cosines = 3
    @Setting("highest frequency of the cosines, periods a side") package var highestFrequency = 3.0
    @Setting("maps, and draws of the random landmarks") package var seeds = 3
    @Setting("steps of Newton's iteration") package var newtonSteps = 20
    @Setting("what is added to the diagonal of the landmarks' matrix") package var regularization = 0.01
    @Setting("gradient of the inverse") package var gradient = Gradient()
    @Setting("times") package var cost = Cost()
    @Setting("classifiers of drawn shapes") package var training = Training()
    package init() {}
  }

  package struct Gradient: Codable, Sendable {
    @Setting("tokens along a side of the map") package var side = 16
    @Setting("tokens along a side of the window of a landmark") package var ratio = 4
    @Setting("half the distance of central differences") package var spacing = 1e-6
    @Setting("steps of the iteration that is taped, so many that it converges") package var tapedSteps = 40
    package init() {}
  }

  package struct Cost: Codable, Sendable {
    @Setting("numbers of tokens n") package var lengths = (8...13).map { 1 << $0 }
    @Setting("landmarks m, means of n / m consecutive tokens") package var landmarks = 64
    @Setting("dimension d of queries and values") package var dimension = 32
    @Setting("numbers of the full matrix in memory at once: few enough for a cache") package var numbersTogether = 1 << 18
    @Setting("timing rounds") package var rounds = 5
    package init() {}
  }

  package struct Training: Codable, Sendable {
    @Setting("kinds of attention: \(TokenAttention.allCases.map(\.rawValue).joined(separator: ", "))") package
      var models = TokenAttention.allCases
    @Setting("pixels along a side of the images") package var side = 32
    @Setting("pixels along a side of a patch, which is a token") package var patch = 2
    @Setting("blocks") package var blocks = 2
    @Setting("width of the tokens") package var width = 32
    @Setting("heads") package var heads = 2
    @Setting("tokens along a side of the window of a landmark") package var ratio = 4
    @Setting("learning rate of AdamW") package var rate = 1e-3
    @Setting("decay of AdamW: PyTorch's default, the card names none") package var decay = 0.01
    @Setting("images of a step") package var batch = 32
    @Setting("steps: half the card's, for the time of the quick preset") package var steps = 200
    @Setting("training images") package var images = 4096
    @Setting("test images") package var tests = 512
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.sides = [8, 16]
      settings.ratios = [2, 4]
      settings.seeds = 2
      settings.gradient.side = 8
      settings.cost.lengths = [64, 128, 256, 512]
      settings.cost.rounds = 3
      settings.training.side = 16
      settings.training.batch = 4
      settings.training.steps = 6
      settings.training.images = 32
      settings.training.tests = 8
    case .quick: break
    case .full:
      settings.seeds = 10
      settings.cost.rounds = 15
      settings.training.side = 64
      settings.training.steps = 400
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let maps = (0..<settings.seeds).map { seed in
      CosineMap(
        channels: settings.channels, cosines: settings.cosines, highestFrequency: settings.highestFrequency,
        key: notebook.key("maps")[seed])
    }
    let inverse = NewtonInverse(regularization: settings.regularization, steps: settings.newtonSteps)
    try iterate(settings, maps, inverse, notebook)
    try approximate(settings, maps, inverse, notebook)
    try compareGradients(settings.gradient, maps[0], inverse, notebook)
    try measureCost(settings.cost, inverse, notebook)
    try train(settings.training, notebook)
  }

  /// Newton's steps, all maps at once: the norm of E_k = I - A' V_k, and how far E_(k+1) is from the square of E_k.
  private static func iterate(
    _ settings: Settings, _ maps: [CosineMap], _ inverse: NewtonInverse, _ notebook: Recorder
  ) throws {
    let seeds = Dimension("seed", count: settings.seeds, "map")
    for side in settings.sides {
      for ratio in settings.ratios {
        let name = newtonLoop(side: side, ratio: ratio)
        let landmarks = Tensor.stack(maps.map { CosineMap.pooled($0.queries(side: side), ratio: ratio) })
        let a = GaussianAttention.kernel(landmarks, landmarks)
        let matrix = inverse.regularized(a)
        let residual = { (v: Tensor<Double>) in Tensor.identity(v.shape[1]) - matmul(matrix, v) }
        let norm = try notebook.trace("\(name)/residual", "spectral norm of I - A'V", along: [seeds])
        let squares = try notebook.trace(
          "\(name)/square", "relative distance of the next residual from this one's square", along: [seeds])
        var v = inverse.start(a)
        try notebook.steps(name, inverse.steps, state: &v, cadence: .every(1)) { _, v in
          v = inverse.improved(v, of: matrix)
        } measure: { v, record in
          let (now, next) = (residual(v), residual(inverse.improved(v, of: matrix)))
          // A' and V commute, so E is symmetric but for rounding.
          record(norm, now.eigh().values.abs().max(-1).scalars)
          record(squares, ((next - matmul(now, now)).norm(-1, -2) / next.norm(-1, -2)).scalars)
        }
      }
    }
  }

  static func newtonLoop(side: Int, ratio: Int) -> String { "n\(side * side)-r\(ratio)" }
  static let landmarkKinds = ["pooled", "random", "three softmaxes"]
  static let matrices = ["Gaussian", "SOFT", "SOFT++"]

  /// Errors and norms of the approximations of the full matrices.
  private static func approximate(
    _ settings: Settings, _ maps: [CosineMap], _ inverse: NewtonInverse, _ notebook: Recorder
  ) throws {
    let key = notebook.key("approximation")
    struct Rows: Codable { var errors, norms: [Tensor<Double>] }
    var rows = Rows(errors: [], norms: [])
    let sizes = settings.sides.count
    try notebook.steps("approximation", settings.seeds * sizes, state: &rows, cadence: .every(1)) { step, rows in
      let side = settings.sides[step % sizes]
      let map = maps[step / sizes].queries(side: side)
      let key = key[step / sizes][side]
      let q = map.reshaped(side * side, settings.channels)
      let (gaussian, softmax) = (GaussianAttention.kernel(q, q), matmul(q, q, transposeB: true).softmax())
      let norm = { (product: (Tensor<Double>) -> Tensor<Double>) in
        abs(powerIteration(product, dimension: side * side, key: key.named("start")).values[0])
      }
      let distance = { (a: Tensor<Double>, b: Tensor<Double>) in ((a - b).norm() / b.norm()).scalar }
      let full = norm { matmul(gaussian, $0) }
      var (errors, norms): ([Tensor<Double>], [Tensor<Double>]) = ([], [])
      for ratio in settings.ratios {
        let pooled = CosineMap.pooled(map, ratio: ratio)
        let subset = key.named("subset")[ratio].choice(pooled.shape[0], from: side * side)
        let random = q.gather(Tensor<Int32>(subset.map { Int32($0) }))
        let soft = NystromAttention(gaussian: q, landmarks: pooled, inverse: inverse)
        let normalized = NystromAttention(gaussian: q, landmarks: pooled, inverse: inverse, isNormalized: true)
        errors.append(
          Tensor([
            distance(soft.matrix, gaussian),
            distance(NystromAttention(gaussian: q, landmarks: random, inverse: inverse).matrix, gaussian),
            distance(NystromAttention(softmax: q, landmarks: pooled).matrix, softmax),
          ]))
        let multiply = { (attention: NystromAttention<Double>) in
          { (x: Tensor<Double>) in attention(x.expandingDimensions(1)).reshaped(x.count) }
        }
        norms.append(Tensor([full, norm(multiply(soft)), norm(multiply(normalized))]))
      }
      rows.errors.append(.stack(errors))
      rows.norms.append(.stack(norms))
    }
    let shared = [
      Dimension("seed", count: settings.seeds, "map"), Dimension("n", settings.sides.map { $0 * $0 }, "tokens"),
      Dimension("r", settings.ratios, "tokens along a side of a landmark's window"),
    ]
    let shape = shared.map(\.count)
    try notebook.tensor(
      "error", .stack(rows.errors).reshaped(shape + [landmarkKinds.count]),
      "relative Frobenius error of the approximate matrix: of the Gaussian kernel, for three softmaxes of the softmax",
      along: shared + [Dimension("landmarks", landmarkKinds, "kind of landmarks")])
    try notebook.tensor(
      "norm", .stack(rows.norms).reshaped(shape + [matrices.count]), "spectral norm",
      along: shared + [Dimension("matrix", matrices, "matrix")])
  }

  static let methods = ["full", "SOFT"]

  private static func measureCost(_ cost: Cost, _ inverse: NewtonInverse, _ notebook: Recorder) throws {
    let key = notebook.key("cost")
    let threads = Threads.count
    defer { Threads.count = threads }
    Threads.count = 1
    let (m, d, numbers) = (cost.landmarks, cost.dimension, cost.numbersTogether)
    typealias Array = Tensor<Float>
    let full = compile { (q: Array, v: Array) in GaussianAttention.full(q, v, rowsTogether: numbers / q.shape[0]) }
    let soft = compile { (q: Array, v: Array) in
      NystromAttention(gaussian: q, landmarks: q.reshaped(m, -1, d).mean(1), inverse: inverse)(v)
    }
    let times = try cost.lengths.map { n -> Tensor<Double> in
      let q = Array.normal([n, d], key: key[n].named("q")) * (1 / Float(d).squareRoot().squareRoot())
      let v = Array.normal([n, d], key: key[n].named("v"))
      let seconds = try notebook.interleavedSeconds(
        "n = \(n)", rounds: cost.rounds, of: [{ full(q, v)[0, 0] }, { soft(q, v)[0, 0] }])
      return .stack(seconds.map { Tensor($0) })
    }
    try notebook.timing(
      "time", .stack(times), "time of one attention",
      along: [
        Dimension("n", cost.lengths, "tokens"), Dimension("method", methods, "way of computing"),
        Dimension("round", count: cost.rounds, "timing round"),
      ], units: "s")
  }
}
