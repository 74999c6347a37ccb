@preconcurrency import CHDF5

/// What a walk comes upon; see ``HDF5Group/walk(_:)``.
public struct HDF5Step: Sendable {
  /// What is under a name.
  public enum Thing: Sendable {
    /// A group, whose entries come next.
    case group(HDF5Group)
    case dataset(HDF5Dataset)
    /// A group or a dataset that was met before, under this path.
    case metBefore(String)
    /// A group so deep that its entries are left out.
    case tooDeep
    /// A link, which is not followed, or something that is neither group nor dataset.
    case other(HDF5Child.Kind)
  }

  /// The name within its group.
  public let name: String

  /// The path within the file, from its root.
  public let path: String

  /// 0 for the entries of the group that is walked.
  public let depth: Int

  /// What it is.
  public let thing: Thing
}

extension HDF5Group {
  /// Groups below groups, that a walk enters: papers need three, and each level costs a line its indentation.
  private static let deepest = 100

  /// Gives everything in and below the group to `visit`, each group before its entries, by the bytes of their names.
  ///
  /// A file may link a group into itself, or so often into its neighbours that there are more paths than atoms: every object is
  /// met once, by its address, and named ``HDF5Step/Thing/metBefore(_:)`` after that.
  ///
  /// - Throws: what `visit` throws, and when a group cannot be listed or something in it not be opened, as in a damaged file.
  public func walk(_ visit: (HDF5Step) throws -> Void) throws {
    var met = [try address(): path]
    // Groups whose entries are still to come, with those entries, the next one last.
    var open: [(group: HDF5Group, rest: [HDF5Child])] = [(self, try children.reversed())]
    while let (group, rest) = open.last {
      guard let child = rest.last else {
        open.removeLast()
        continue
      }
      open[open.count - 1].rest.removeLast()
      let place = group.childPlace(child.name)
      func step(_ thing: HDF5Step.Thing) -> HDF5Step {
        HDF5Step(name: child.name, path: place.object, depth: open.count - 1, thing: thing)
      }
      switch child.kind {
      case .softLink, .externalLink, .other: try visit(step(.other(child.kind)))
      case .group, .dataset:
        // Relative to its group: the way from the root is long in a deep file, and another where names hold slashes.
        let handle = try place.open("open") { H5Oopen(group.handle.id, child.name, hid_t(H5P_DEFAULT)) }
        let address = try place.address(of: handle)
        if let path = met[address] {
          try visit(step(.metBefore(path)))
          continue
        }
        met[address] = place.object
        guard child.kind == .group else {
          try visit(step(.dataset(HDF5Dataset(place: place, handle: handle))))
          continue
        }
        guard open.count < Self.deepest else {
          try visit(step(.tooDeep))
          continue
        }
        let subgroup = HDF5Group(place: place, handle: handle)
        try visit(step(.group(subgroup)))
        open.append((subgroup, try subgroup.children.reversed()))
      }
    }
  }

  /// Where the group lies in its file.
  private func address() throws -> haddr_t { try place.address(of: handle) }

  /// As ``place(of:)``, of a name that is no path.
  private func childPlace(_ name: String) -> Place {
    Place(file: place.file, object: path == "/" ? "/" + name : path + "/" + name)
  }
}

extension Place {
  fileprivate func address(of handle: Handle) throws -> haddr_t {
    var info = H5O_info_t()
    try call("look at") { H5Oget_info2(handle.id, &info, UInt32(H5O_INFO_BASIC)) }
    return info.addr
  }
}
