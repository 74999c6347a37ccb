import Diagnostics
import Foundation
import Notebook
import Tensors

/// The Two-Pass Softmax Algorithm (Dukhan and Ablavatski, 2020).
///
/// **Shows**: the softmax of a long vector is limited by memory, so the usual three sweeps (maximum, sum of exponentials, normalize)
/// waste bandwidth. With every exponential as a pair (mantissa, exponent) there is no overflow to fear and no sweep for the
/// maximum: two sweeps give the same accuracy, and are faster once the vector no longer fits in cache.
///
/// **Here**: the paper's kernels with its constants, in Swift SIMD of 1, 8 and 16 lanes, single-threaded as in the paper; timings of
/// all algorithms interleaved, medians compared. Ours besides: the two-pass algorithm with one and two threads.
///
/// **Traps**: timings are this machine's alone, so they lie in /run/timings. Float accumulation loses digits for long vectors in all
/// three algorithms; accuracy is measured at 2^18.
package enum TwoPassSoftmax: Experiment {
  package static let paper = Paper(
    slug: "two-pass-softmax", title: "The Two-Pass Softmax Algorithm", authors: ["Marat Dukhan", "Artsiom Ablavatski"],
    year: 2020,
    arxiv: "2001.04438",
    shows: """
      The softmax of a vector that does not fit in cache is limited by memory traffic. Keeping every exponential as a pair of
      mantissa and exponent removes the sweep for the maximum: two passes over memory instead of three, with the same accuracy.
      """,
    fidelity: .exact)
  package static let measuresTime = true

  package struct Settings: Codable, Sendable {
    @Setting("lengths N of the timed vectors") package var lengths = (10...25).map { 1 << $0 }
    @Setting("most timing rounds of a length, for short vectors") package var mostRounds = 201
    @Setting("fewest timing rounds of a length (the card asks for 9; other work on the machine asks for more)") package
      var fewestRounds = 31
    @Setting("elements to sweep for each length; together with the bounds it sets the rounds") package var elements = 1 << 27
    @Setting("scores of the timed vectors are uniform between minus and plus this") package var scoreRange: Float = 20
    @Setting("length inside the caches at which vector widths and threads are compared") package var cachedLength = 1 << 13
    @Setting("length of the vectors whose accuracy is measured") package var accuracyLength = 1 << 18
    @Setting("standard deviation of the scores there") package var accuracySpread: Float = 3
    @Setting("shifts c added to those scores") package var shifts: [Float] = [-1e4, -1e3, 0, 1e3, 1e4, 1e5]
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.lengths = [1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14]
      settings.elements = 1 << 16
      settings.fewestRounds = 5
      settings.accuracyLength = 1 << 12
    case .quick: break
    case .full:
      settings.lengths = (10...28).map { 1 << $0 }
      settings.elements = 1 << 30
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try measureAccuracy(settings, notebook)
    let longest = settings.lengths.max() ?? 0
    let scores = Tensor<Float>.uniform([longest], in: -settings.scoreRange..<settings.scoreRange, key: notebook.key("scores"))
    // Written once before anything is timed: a first touch costs a page fault.
    var output = Tensor<Float>.full([longest], 1)
    try scores.withUnsafeBufferPointer { x in
      try output.withUnsafeMutableBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        try timeLengths(x, y, settings, notebook)
        try timePasses(x, y, longest, settings, notebook)
        try timeVariants(x, y, longest, settings, notebook)
      }
    }
    try timeThreads(scores, settings, notebook)
    let levels = [1, 2, 3]
    try notebook.timing(
      "cache_size", Tensor(levels.map { Double(Processor.cacheSize(level: $0) ?? 0) }),
      "capacity of one data cache, 0 if there is none",
      along: [Dimension("level", levels, "cache level")], units: "B")
  }

  private static let algorithms = Dimension("algorithm", SoftmaxAlgorithm.allCases.map(\.rawValue), "softmax algorithm")
  private static let quartiles = [0.25, 0.5, 0.75]

  /// Per element.
  private static func nanoseconds(_ seconds: Double, _ length: Int) -> Double { seconds / Double(length) * 1e9 }

  private static func rounds(_ length: Int, _ settings: Settings) -> Int {
    max(settings.fewestRounds, min(settings.mostRounds, settings.elements / length))
  }

  /// Quartiles of the time per element of each algorithm, for every length.
  private static func timeLengths(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ settings: Settings, _ notebook: Recorder
  ) throws {
    var times = Tensor<Double>.zeros([settings.lengths.count, SoftmaxAlgorithm.allCases.count, quartiles.count])
    for (i, length) in settings.lengths.enumerated() {
      let seconds = try notebook.interleavedSeconds(
        "N = \(length)", rounds: rounds(length, settings), of: calls(x, y, length, Processor.floatLanes))
      for (a, seconds) in seconds.enumerated() {
        for (q, share) in quartiles.enumerated() { times[i, a, q] = nanoseconds(quantile(seconds, share), length) }
      }
    }
    try notebook.timing(
      "time_per_element", times, "time of one softmax over its length",
      along: [
        Dimension("N", settings.lengths, "length of the vector"), algorithms,
        Dimension("quantile", quartiles, "over the timing rounds"),
      ], units: "ns")
  }

  /// The three algorithms as calls to time.
  private static func calls(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ length: Int, _ lanes: any FloatLanes.Type
  ) -> [() -> Float] {
    SoftmaxAlgorithm.allCases.map { algorithm in
      {
        algorithm.run(x, length, into: y, lanes)
        return y[length / 2]
      }
    }
  }

  /// Each pass alone at the largest length, among bare streams over the same memory.
  private static func timePasses(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ length: Int, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let passes = MemoryPass.passes(x, length, into: y, Processor.floatLanes)
    let streams = MemoryPass.streams(x, length, into: y, Processor.floatLanes)
    let all = passes.map(\.pass) + streams
    let seconds = try notebook.interleavedSeconds("passes", rounds: settings.fewestRounds, of: all.map(\.run)).map(median)
    let bandwidth = zip(all, seconds).map { Double($0.arrays * length * MemoryLayout<Float>.size) / $1 * 1e-9 }
    let passNames = Dimension("pass", passes.map { "\($0.algorithm.rawValue): \($0.pass.name)" }, "pass of an algorithm")
    let streamNames = Dimension("stream", streams.map(\.name), "bare sweep over memory")
    let perElement = seconds.map { nanoseconds($0, length) }
    try notebook.timing(
      "pass_time", Tensor(Array(perElement[..<passes.count])), "median time of one pass over its length", along: [passNames],
      units: "ns")
    try notebook.timing(
      "pass_bandwidth", Tensor(Array(bandwidth[..<passes.count])), "bytes read and written by one pass over its time",
      along: [passNames], units: "GB/s")
    try notebook.timing(
      "stream_time", Tensor(Array(perElement[passes.count...])), "median time of one stream over its length",
      along: [streamNames],
      units: "ns")
    try notebook.timing(
      "stream_bandwidth", Tensor(Array(bandwidth[passes.count...])), "bytes read and written by one stream over its time",
      along: [streamNames], units: "GB/s")
  }

  /// Scalar and SIMD code, in cache and out of cache.
  private static func timeVariants(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ longest: Int, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let widths: [any FloatLanes.Type] = [Float.self, SIMD8<Float>.self, SIMD16<Float>.self]
    var times = Tensor<Double>.zeros([2, widths.count, SoftmaxAlgorithm.allCases.count])
    let places = [(name: "in cache", length: settings.cachedLength), (name: "out of cache", length: longest)]
    for (i, place) in places.enumerated() {
      // All widths in one interleaved run.
      let seconds = try notebook.interleavedSeconds(
        "widths \(place.name)", rounds: settings.fewestRounds, of: widths.flatMap { calls(x, y, place.length, $0) })
      for (j, seconds) in seconds.enumerated() {
        let (width, algorithm) = j.quotientAndRemainder(dividingBy: SoftmaxAlgorithm.allCases.count)
        times[i, width, algorithm] = nanoseconds(median(seconds), place.length)
      }
    }
    try notebook.timing(
      "time_by_width", times, "median time of one softmax over its length",
      along: [
        Dimension("memory", places.map(\.name), "where the vector lies"),
        Dimension("lanes", widths.map { $0.laneCount }, "floats in a vector; 1 is scalar code"), algorithms,
      ], units: "ns")
  }

  /// The library's two-pass softmax on one and two threads.
  private static func timeThreads(_ scores: Tensor<Float>, _ settings: Settings, _ notebook: Recorder) throws {
    let threads = [1, 2]
    let before = Threads.count
    defer { Threads.count = before }
    var output = Tensor<Float>.full(scores.shape, 1)
    let calls = threads.map { count in
      { () -> Float in
        Threads.count = count
        scores.softmax(into: &output)
        return output[0]
      }
    }
    let seconds = try notebook.interleavedSeconds("threads", rounds: settings.fewestRounds, of: calls).map(median)
    try notebook.timing(
      "time_by_threads", Tensor(seconds.map { nanoseconds($0, scores.count) }),
      "median time of one two-pass softmax at the largest length over its length",
      along: [Dimension("threads", threads, "threads")],
      units: "ns")
  }

  /// Relative errors of the three algorithms and of the naive exp/sum against Double, for scores c + 3 N(0, 1).
  private static func measureAccuracy(_ settings: Settings, _ notebook: Recorder) throws {
    let (count, shifts) = (settings.accuracyLength, settings.shifts)
    let normal = Tensor<Float>.normal([count], key: notebook.key("accuracy")) * settings.accuracySpread
    let methods = SoftmaxAlgorithm.allCases.map(\.rawValue) + ["naive"]
    var errors = Tensor<Double>.zeros([shifts.count, methods.count])
    var infinite = errors
    var sumErrors = Tensor<Double>.zeros([shifts.count])
    var differences = sumErrors
    var naiveSums = sumErrors
    for (s, shift) in shifts.enumerated() {
      let x = (normal + shift).scalars
      let reference = referenceSoftmax(x)
      var outputs = SoftmaxAlgorithm.allCases.map { algorithm in
        [Float](unsafeUninitializedCapacity: count) { y, initialized in
          if let y = y.baseAddress { algorithm.run(x, count, into: y, Processor.floatLanes) }
          initialized = count
        }
      }
      outputs.append(
        [Float](unsafeUninitializedCapacity: count) { y, initialized in
          if let y = y.baseAddress { NaiveSoftmax.run(x, count, into: y) }
          initialized = count
        })
      for (m, y) in outputs.enumerated() {
        errors[s, m] = largestRelativeError(y, reference)
        infinite[s, m] = Double(y.count { !$0.isFinite })
      }
      sumErrors[s] = abs(outputs[0].reduce(0) { $0 + Double($1) } - 1)
      differences[s] = largestRelativeError(outputs[0], outputs[1].map(Double.init))
      naiveSums[s] = Double(NaiveSoftmax.sum(x, count))
    }
    let shift = Dimension("shift", shifts.map(Double.init), "shift c of the scores")
    let method = Dimension("method", methods, "softmax algorithm, or the naive exp/sum")
    try notebook.tensor("relative_error", errors, "largest relative error where p >= 1.2e-38", along: [shift, method])
    try notebook.tensor("not_finite", infinite, "entries that are not finite", along: [shift, method])
    try notebook.tensor("sum_error", sumErrors, "distance of the two-pass outputs' sum from 1", along: [shift])
    try notebook.tensor("difference", differences, "largest relative difference of two-pass and recompute", along: [shift])
    try notebook.tensor("naive_sum", naiveSums, "sum of the naive exponentials", along: [shift])
  }
}
