import Foundation
import Tensors

/// Another run's numbers in the place of those that were recorded.
struct Perturbation: Sendable {
  /// As the table names it.
  var name: String
  /// The new values of an array; the other arrays of the file are there for what exchanges them.
  var values: @Sendable (_ item: ResultArrays.Item, _ all: [ResultArrays.Item], Key) -> [Double]

  /// Runs that diverged everywhere: nothing that is claimed may be reproduced by them.
  static let notFinite = [
    Perturbation("every number NaN") { (_: Double) in .nan },
    Perturbation("every number infinite") { (_: Double) in .infinity },
  ]

  /// Runs that ended well but found something else: each claim must fail for one of them.
  static let finite =
    [
      Perturbation("series one place on") { $0.movingSeries { ($0 + $1 - 1) % $1 } },
      Perturbation("series in reverse") { $0.movingSeries { $1 - 1 - $0 } },
      Perturbation("every series the first one") { $0.movingSeries { _, _ in 0 } },
      Perturbation("every series the last one") { $0.movingSeries { $1 - 1 } },
      Perturbation("time reversed") { $0.moving({ $0.name.hasSuffix("step") }) { $1 - 1 - $0 } },
      Perturbation("every axis reversed") { $0.moving({ _ in true }) { $1 - 1 - $0 } },
      Perturbation("arrays of one shape exchanged") { item, all, _ in item.neighbour(in: all, 1).values },
      Perturbation("arrays exchanged the other way") { item, all, _ in item.neighbour(in: all, -1).values },
      Perturbation("each array with a factor of its own") { item, _, key in item.scaled(by: item.factor(key)) },
      Perturbation("each array over its factor") { item, _, key in item.scaled(by: 1 / item.factor(key)) },
      Perturbation("nine of ten values zero") { item in
        item.values.enumerated().map { place, value in place % 10 == 0 ? value : 0 }
      },
      Perturbation("values shuffled") { item, _, key in
        key.permutation(item.values.count).map { item.values[$0] }
      },
      Perturbation("random values in the range of each array") { item, _, key in
        let (low, high) = item.range
        return Tensor<Double>.uniform([item.values.count], key: key).scalars.map { low + $0 * (high - low) }
      },
      Perturbation("every array its mean") { item, _, _ in
        let finite = item.values.filter(\.isFinite)
        let mean = finite.reduce(0, +) / Double(max(1, finite.count))
        return item.values.map { _ in mean }
      },
      Perturbation("every number zero") { (_: Double) in 0 },
      Perturbation("every number one") { (_: Double) in 1 },
      Perturbation("every number negated") { item in item.values.map { item.isFlags ? 1 - $0 : -$0 } },
      Perturbation("every number a thousand times larger") { (value: Double) in value * 1e3 },
      Perturbation("every number a thousand times smaller") { (value: Double) in value * 1e-3 },
    ]

  private init(_ name: String, _ values: @escaping @Sendable (ResultArrays.Item, [ResultArrays.Item], Key) -> [Double]) {
    self.name = name
    self.values = values
  }

  private init(_ name: String, _ values: @escaping @Sendable (ResultArrays.Item) -> [Double]) {
    self.init(name) { item, _, _ in values(item) }
  }

  private init(_ name: String, _ value: @escaping @Sendable (Double) -> Double) {
    self.init(name) { item, _, _ in item.values.map(value) }
  }

  /// Changes every array.
  /// - Parameter key: of the paper: the same for each of its perturbations.
  func apply(to arrays: inout ResultArrays, key: Key) {
    let before = arrays.items
    for place in before.indices { arrays.items[place].values = values(before[place], before, key.named(before[place].path)) }
  }
}

extension ResultArrays.Item {
  /// With the places of the axes that are `chosen` taken from others; `source` is given a place and the length of its axis.
  fileprivate func moving(_ chosen: ((name: String, isLabelled: Bool)) -> Bool, _ source: (Int, Int) -> Int) -> [Double] {
    var moved = self
    for (axis, extent) in shape.enumerated() where chosen(axes[axis]) {
      moved.values = moved.taking(along: axis) { source($0, extent) }
    }
    return moved.values
  }

  /// The array that lies so many places on among those that are alike, of one shape in one group.
  fileprivate func neighbour(in all: [ResultArrays.Item], _ places: Int) -> ResultArrays.Item {
    let alike = all.filter { $0.group == group && $0.shape == shape && $0.isFlags == isFlags }
    let place = alike.firstIndex { $0.path == path } ?? 0
    return alike[(place + places + alike.count) % alike.count]
  }

  /// From a thousandth to a thousand.
  fileprivate func factor(_ key: Key) -> Double { pow(1000, 2 * Tensor<Double>.uniform([1], key: key)[0] - 1) }

  fileprivate func scaled(by factor: Double) -> [Double] { values.map { $0 * factor } }

  fileprivate func movingSeries(_ source: (Int, Int) -> Int) -> [Double] { moving(\.isLabelled, source) }

  /// The least and the largest finite value.
  fileprivate var range: (Double, Double) {
    let finite = values.filter(\.isFinite)
    return (finite.min() ?? 0, finite.max() ?? 1)
  }
}
