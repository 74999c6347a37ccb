import HDF5

/// A group as JSON: attributes, groups and datasets with their shapes and statistics.
struct InspectedGroup: Encodable {
  var path: String
  var attributes: [String: String] = [:]
  var groups: [InspectedGroup] = []
  var datasets: [InspectedDataset] = []

  struct InspectedDataset: Encodable {
    var path, type: String
    var shape: [Int]
    var attributes: [String: String]
    /// Of numbers; nil for other types and for datasets without elements.
    var minimum, mean, maximum: Double?
    var notFinite: Int?
  }

  /// - Parameter deepest: groups may be linked in a circle: how many levels are followed.
  init(_ group: HDF5Group, deepest: Int) throws {
    path = group.path
    attributes = try Inspection.texts(of: group.attributes)
    for child in try group.children {
      switch child.kind {
      case .group where deepest > 0: groups.append(try InspectedGroup(group.group(child.name), deepest: deepest - 1))
      case .dataset: datasets.append(try InspectedDataset(group.dataset(child.name)))
      default: break
      }
    }
  }
}

extension InspectedGroup.InspectedDataset {
  init(_ dataset: HDF5Dataset) throws {
    (path, type, shape) = (dataset.path, "\(dataset.type)", dataset.shape)
    attributes = try Inspection.texts(of: dataset.attributes)
    guard dataset.type.isNumeric, !dataset.shape.contains(0) else { return }
    let statistics = try Statistics(of: dataset)
    (minimum, mean, maximum) = (statistics.minimum, statistics.mean, statistics.maximum)
    notFinite = statistics.notFinite
  }
}
