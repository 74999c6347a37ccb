import HDF5

/// A group as JSON: attributes, groups and datasets with their shapes and statistics.
struct InspectedGroup: Encodable {
  var path: String
  var attributes: [String: String]
  var groups: [InspectedGroup] = []
  var datasets: [InspectedDataset] = []
  /// Of each name that is not one of these, what it is: a link, or the same as another path.
  var others: [String: String] = [:]

  struct InspectedDataset: Encodable {
    var path, type: String
    var shape: [Int]
    var attributes: [String: String]
    /// Of numbers; nil for other types and for datasets without elements.
    var minimum, mean, maximum: Double?
    var notFinite: Int?
    /// Why the numbers are not read.
    var refusal: String?
  }

  init(_ group: HDF5Group) throws {
    // The groups from this one to the one that is walked.
    var open = [try InspectedGroup(withoutEntries: group)]
    func close(to depth: Int) {
      while open.count > depth + 1 {
        let closed = open.removeLast()
        open[open.count - 1].groups.append(closed)
      }
    }
    try group.walk { step in
      close(to: step.depth)
      switch step.thing {
      case .group(let group): open.append(try InspectedGroup(withoutEntries: group))
      case .dataset(let dataset): open[step.depth].datasets.append(try InspectedDataset(dataset))
      case .metBefore, .tooDeep, .other: open[step.depth].others[step.name] = Inspection.note(on: step.thing)
      }
    }
    close(to: 0)
    self = open[0]
  }

  private init(withoutEntries group: HDF5Group) throws {
    (path, attributes) = (group.path, try Inspection.texts(of: group.attributes))
  }
}

extension InspectedGroup.InspectedDataset {
  init(_ dataset: HDF5Dataset) throws {
    (path, type, shape) = (dataset.path, "\(dataset.type)", dataset.shape)
    (attributes, refusal) = (try Inspection.texts(of: dataset.attributes), dataset.refusal)
    guard dataset.type.isNumeric, dataset.count > 0, refusal == nil else { return }
    let statistics = try Statistics(of: dataset)
    (minimum, mean, maximum) = (statistics.minimum, statistics.mean, statistics.maximum)
    notFinite = statistics.notFinite
  }
}
