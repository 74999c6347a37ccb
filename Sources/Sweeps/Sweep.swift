import Foundation
import Notebook

/// A plan: one paper over seeds and settings.
///
///     let sweep = try Sweep(
///       slug: "symmetry-curse", seeds: SeedList("0..<8"), axes: [SweepAxis("rate=0.05,0.1"), SweepAxis("alpha=1,2")])
///
/// Every combination of the settings' values runs with every seed. Seeds vary fastest, so that neighbours share their settings.
public struct Sweep: Sendable, Equatable {
  /// A random choice among the combinations.
  public struct Sample: Sendable, Equatable {
    /// How many combinations; each runs with every seed.
    public var count: Int
    /// What the choice follows from, with the axes.
    public var seed: UInt64

    /// - Parameter count: how many combinations.
    public init(count: Int, seed: UInt64 = 0) {
      self.count = count
      self.seed = seed
    }
  }

  /// The paper.
  public var slug: String
  /// Its defaults are what the axes change.
  public var preset: Preset
  /// The last axis.
  public var seeds: SeedList
  /// The settings that vary, slowest first.
  public var axes: [SweepAxis]
  /// Nil for the whole grid.
  public var sample: Sample?

  /// - Throws: ``SweepError`` for a setting that is named twice, a range without a sample, and a range that is empty.
  public init(slug: String, preset: Preset = .quick, seeds: SeedList, axes: [SweepAxis] = [], sample: Sample? = nil) throws {
    self.slug = slug
    self.preset = preset
    self.seeds = seeds
    self.axes = axes
    self.sample = sample
    for (place, axis) in axes.enumerated() {
      if axes[..<place].contains(where: { $0.key == axis.key }) {
        throw SweepError("the setting '\(axis.key)' is given twice; put all its values behind one --set")
      }
      switch axis.candidates {
      case .range where sample == nil:
        throw SweepError("a range such as '\(axis.key)=0.1..1' is drawn from: give --random <points> with it, or list values")
      case .range(let low, let high) where low >= high:
        throw SweepError("the range of '\(axis.key)' is empty: its lower end comes first")
      case .values(let values) where values.isEmpty:
        throw SweepError("the setting '\(axis.key)' has no values")
      default: break
      }
    }
    if let sample {
      guard sample.count > 0 else { throw SweepError("a random sweep needs at least one point") }
      guard !axes.isEmpty else { throw SweepError("a random sweep needs settings to draw: give --set key=...") }
    }
  }
}
