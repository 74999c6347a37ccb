import Foundation
import Notebook
import Tensors

/// Which combinations of settings a sweep has.
extension Sweep {
  /// For each combination its assignments: the whole grid in row-major order, or the sample of it.
  func choices<Settings: Codable>(of defaults: Settings) throws -> [[String]] {
    guard let sample else {
      return axes.reduce([[]]) { found, axis in
        guard case .values(let values) = axis.candidates else { return found }
        return found.flatMap { chosen in values.map { chosen + ["\(axis.key)=\($0)"] } }
      }
    }
    var draws = Draws(Key(seed: sample.seed).named("sweep"))
    return try drawn(sample.count, &draws, defaults)
  }

  private func drawn<Settings: Codable>(_ count: Int, _ draws: inout Draws, _ defaults: Settings) throws -> [[String]] {
    let isWhole = try Dictionary(uniqueKeysWithValues: axes.map { ($0.key, try Self.isWhole($0.key, in: defaults)) })
    let lengths = axes.map { if case .values(let values) = $0.candidates { values.count } else { nil } as Int? }
    let size = lengths.reduce(1.0) { $0 * ($1.map(Double.init) ?? .infinity) }
    guard Double(count) <= size else {
      throw SweepError("\(count) random points are more than the grid has, \(Int(size)): leave --random out")
    }
    var (found, seen) = ([[String]](), Set<[String]>())
    // A draw that came before is drawn again: the sample has no point twice. Ranges of whole numbers can be exhausted.
    var misses = 0
    while found.count < count {
      let assignments = axes.map { axis in "\(axis.key)=\(Self.draw(axis, isWhole: isWhole[axis.key] ?? false, &draws))" }
      if seen.insert(assignments).inserted {
        misses = 0
        found.append(assignments)
      } else {
        misses += 1
        guard misses < 100_000 else { throw SweepError("the ranges hold fewer than \(count) different points") }
      }
    }
    return found
  }

  /// Log-uniform when the range is positive and spans a decade, else uniform; four significant digits, which is what people read.
  private static func draw(_ axis: SweepAxis, isWhole: Bool, _ draws: inout Draws) -> String {
    let share = draws.next()
    switch axis.candidates {
    case .values(let values): return values[min(values.count - 1, Int(share * Double(values.count)))]
    case .range(let low, let high):
      let isLogarithmic = low > 0 && high >= 10 * low
      let value = isLogarithmic ? low * pow(high / low, share) : low + (high - low) * share
      return isWhole ? "\(Int(value.rounded()))" : "\(Double(String(format: "%.4g", value)) ?? value)"
    }
  }

  private static func isWhole<Settings: Codable>(_ key: String, in defaults: Settings) throws -> Bool {
    do {
      _ = try SettingsTree.applying(["\(key)=0.5"], to: defaults)
      return false
    } catch SettingsError.wrongType(_, _, let expected, _) {
      return expected == "a whole number"
    }
  }
}

/// Uniform numbers from a key, drawn in blocks: one number, one kernel would be slow.
private struct Draws {
  private let key: Key
  private var block: [Double] = []
  private var blocks = 0

  init(_ key: Key) { self.key = key }

  /// In [0, 1).
  mutating func next() -> Double {
    if block.isEmpty {
      block = Tensor<Double>.uniform([1024], key: key[blocks]).scalars.reversed()
      blocks += 1
    }
    return block.removeLast()
  }
}
