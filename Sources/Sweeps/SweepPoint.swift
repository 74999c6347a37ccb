import Notebook

/// One run of a sweep.
public struct SweepPoint: Sendable {
  /// Its place in row-major order of the axes, seeds last.
  public var index: Int
  /// The place of its settings among the sweep's combinations.
  public var combination: Int
  /// The seed of its random numbers.
  public var seed: UInt64
  /// Its settings as `--set` takes them.
  public var assignments: [String]
  /// What its files are called.
  public var identity: RunIdentity
}

/// All points of a sweep whose settings have been checked against the experiment's.
public struct SweepPoints: Sendable {
  /// One choice of a value for every axis.
  package struct Combination: Sendable {
    package var assignments: [String]
    /// The values, as the settings hold them.
    package var values: [JSONValue]
    package var identity: RunIdentity
  }

  /// What they are the points of.
  public let sweep: Sweep
  package let combinations: [Combination]
  /// Choices of a value for every setting.
  public var combinationCount: Int { combinations.count }
  /// Combinations times seeds.
  public var count: Int { combinations.count * sweep.seeds.values.count }

  /// - Throws: ``SettingsError`` or ``SweepError`` for a value that the experiment's settings do not take.
  public init<E: Experiment>(_ sweep: Sweep, of experiment: E.Type) throws {
    self.sweep = sweep
    let defaults = E.settings(for: sweep.preset)
    /// Each key is looked up and each value read once, alone, before they are combined.
    for axis in sweep.axes {
      guard case .values(let values) = axis.candidates else { continue }
      var seen: [JSONValue] = []
      for text in values {
        let value = try JSONValue(SettingsTree.applying(["\(axis.key)=\(text)"], to: defaults)).leaves[axis.key] ?? .null
        guard !seen.contains(value) else { throw SweepError("the setting '\(axis.key)' has the value \(text) twice") }
        seen.append(value)
      }
    }
    combinations = try sweep.choices(of: defaults).map { assignments in
      let leaves = try JSONValue(SettingsTree.applying(assignments, to: defaults)).leaves
      return Combination(
        assignments: assignments, values: sweep.axes.map { leaves[$0.key] ?? .null },
        identity: try Runner.identity(of: experiment, preset: sweep.preset, seed: 0, assignments: assignments))
    }
  }

  /// The settings that tell a combination from the others, as `--set` takes them; a setting with one value tells nothing.
  public func label(of combination: Int) -> String {
    let varying = zip(sweep.axes, combinations[combination].assignments).filter { axis, _ in
      if case .values(let values) = axis.candidates { values.count > 1 } else { true }
    }
    return varying.map(\.1).joined(separator: " ")
  }

  /// The point at a place in row-major order.
  public subscript(index: Int) -> SweepPoint {
    let (combination, place) = index.quotientAndRemainder(dividingBy: sweep.seeds.values.count)
    let chosen = combinations[combination]
    var identity = chosen.identity
    identity.seed = sweep.seeds.values[place]
    return SweepPoint(
      index: index, combination: combination, seed: identity.seed, assignments: chosen.assignments, identity: identity)
  }
}
