import Foundation
import Notebook
import Yams

/// A plan as a file that people read and edit: values stand in it as they were written.
///
///     paper: symmetry-curse
///     preset: quick
///     seeds: 0..<8
///     settings:
///       rate: [0.05, 0.1]
///       alpha: [1, 2]
///     random:
///       points: 3
///       seed: 0
extension Sweep {
  /// The file's text.
  public var yaml: String {
    get throws {
      var members: [(Node, Node)] = [
        ("paper", Node(slug)), ("preset", Node(preset.rawValue)), ("seeds", Node(seeds.text)),
      ]
      if !axes.isEmpty { members.append(("settings", .mapping(Node.Mapping(axes.map { (Node($0.key), $0.node) })))) }
      if let sample {
        let values: [(Node, Node)] = [("points", Node("\(sample.count)")), ("seed", Node("\(sample.seed)"))]
        members.append(("random", .mapping(Node.Mapping(values))))
      }
      return try Yams.serialize(node: .mapping(Node.Mapping(members)), width: -1)
    }
  }

  /// Reads a plan.
  /// - Parameter file: its name in errors.
  /// - Throws: ``SweepError`` with what is wrong, and where.
  public init(yaml: String, file: String) throws {
    func wrong(_ reason: String) -> SweepError { SweepError("\(file) is no plan of a sweep: \(reason)") }
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch {
      throw wrong("\(error)".split(whereSeparator: \.isNewline).prefix(1).joined())
    }
    guard let members = root?.mapping else { throw wrong("it has no 'paper:' and 'seeds:'") }
    let known = ["paper", "preset", "seeds", "settings", "random"]
    for key in members.keys where !known.contains(key.string ?? "") {
      throw wrong("'\(key.string ?? "?")' means nothing there; there are: \(known.joined(separator: ", "))")
    }
    guard let slug = members["paper"]?.string else { throw wrong("it does not say which 'paper:'") }
    let presetName = members["preset"]?.string ?? Preset.quick.rawValue
    guard let preset = Preset(rawValue: presetName) else { throw wrong("there is no preset '\(presetName)'") }
    guard let seeds = members["seeds"].flatMap(Self.text) else { throw wrong("it does not say which 'seeds:'") }
    var axes: [SweepAxis] = []
    if let settings = members["settings"] {
      guard let settings = settings.mapping else { throw wrong("'settings:' is no list of settings with their values") }
      axes = try settings.map { key, values in
        guard let axis = SweepAxis(key, values) else {
          throw wrong("'\(key.string ?? "?")' has neither a value, nor a list of values, nor a range")
        }
        return axis
      }
    }
    var sample: Sample?
    if let random = members["random"] {
      let seed = random.mapping?["seed"]?.string ?? "0"
      guard let count = (random.mapping?["points"] ?? random).string.flatMap({ Int($0) }), let seed = UInt64(seed) else {
        throw wrong("'random:' takes a number of points, or 'points:' and 'seed:'")
      }
      sample = Sample(count: count, seed: seed)
    }
    try self.init(slug: slug, preset: preset, seeds: SeedList(seeds), axes: axes, sample: sample)
  }

  /// "0..<8", or a list of seeds as commas have it.
  private static func text(of seeds: Node) -> String? {
    if let list = seeds.sequence {
      let parts = list.compactMap(\.scalar?.string)
      return parts.count == list.count ? parts.joined(separator: ",") : nil
    }
    return seeds.scalar?.string
  }
}

extension SweepAxis {
  fileprivate var node: Node {
    switch candidates {
    case .values(let values): .sequence(Node.Sequence(values.map(Self.node), .implicit, .flow))
    case .range(let low, let high): Node("\(Self.text(low))..\(Self.text(high))")
    }
  }

  /// All digits, and no ".0".
  private static func text(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }

  fileprivate init?(_ key: Node, _ values: Node) {
    guard let key = key.scalar?.string else { return nil }
    if let range = values.scalar.flatMap({ Self.range($0.string) }) {
      self.init(key: key, candidates: range)
    } else if let one = values.scalar {
      self.init(key: key, candidates: .values([one.string]))
    } else if let list = values.sequence {
      let texts = list.compactMap(Self.argument)
      guard texts.count == list.count else { return nil }
      self.init(key: key, candidates: .values(texts))
    } else {
      return nil
    }
  }

  /// A list setting's value is a list in the file, too.
  private static func node(_ text: String) -> Node {
    guard text.hasPrefix("["), let list = (try? Yams.compose(yaml: text))??.sequence else { return Node(text) }
    return .sequence(Node.Sequence(Array(list), .implicit, .flow))
  }

  /// A value as `--set` takes it: a scalar as it is written, a list as JSON.
  private static func argument(_ node: Node) -> String? {
    if let scalar = node.scalar { return scalar.string }
    guard let list = node.sequence else { return nil }
    let parts = list.map(jsonText)
    return parts.contains(nil) ? nil : "[\(parts.compactMap(\.self).joined(separator: ","))]"
  }

  private static func jsonText(_ node: Node) -> String? {
    if let scalar = node.scalar {
      let isBare = scalar.style == .plain && (try? JSONValue(parsing: scalar.string)) != nil
      return isBare ? scalar.string : try? JSONValue.string(scalar.string).text()
    }
    return argument(node)
  }
}
